#include "base/process_record.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/process_child.hpp"

namespace periodic {
namespace {

using Line = std::array<char, kRecordSize>;

[[noreturn]] void fail(int error, const std::string& what) {
    throw std::system_error(error, std::generic_category(), what);
}

Line blank_line() {
    Line line;
    line.fill(' ');
    line.back() = '\n';
    return line;
}

// Takes the word up to `end` from the front of `text`, and the end itself.
std::string_view take_word(std::string_view& text, char end) {
    const std::size_t length = std::min(text.find(end), text.size());
    const std::string_view word = text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));
    return word;
}

template <class Number>
bool read_number(std::string_view word, Number& number, Number least = 1) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc() && end == word.data() + word.size() && number >= least;
}

std::optional<RecordedProcess> parse_line(std::string_view line) {
    if (line.size() != kRecordSize || line.back() != '\n') return std::nullopt;
    line.remove_suffix(1);
    RecordedProcess found;
    if (!read_number(take_word(line, '.'), found.job)) return std::nullopt;
    if (!read_number(take_word(line, ' '), found.claim)) return std::nullopt;
    if (!read_number(take_word(line, ' '), found.process.pid)) return std::nullopt;
    if (!read_number(take_word(line, ' '), found.process.start_ticks)) return std::nullopt;
    found.process.boot_id = take_word(line, ' ');
    if (!line.empty() && line.front() != ' ') {
        found.session = 0;
        if (!read_number<std::int64_t>(take_word(line, ' '), *found.session, 0))
            return std::nullopt;
    }
    const bool rest_is_blank = line.find_first_not_of(' ') == std::string_view::npos;
    if (found.process.boot_id.empty() || !rest_is_blank) return std::nullopt;
    return found;
}

}  // namespace

ProcessRecord::Slot::~Slot() {
    if (record_ != nullptr) record_->free(index_);
}

std::int64_t ProcessRecord::Slot::offset() const noexcept {
    return static_cast<std::int64_t>(index_ * kRecordSize);
}

ProcessRecord::ProcessRecord(std::string path, std::size_t slots)
    : path_(std::move(path)),
      file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    if (!file_) fail(errno, "cannot make " + path_);
    allocate(slots);
}

ProcessRecord::Slot ProcessRecord::take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) allocate(slots_ + 32);
    const std::size_t index = free_.back();
    free_.pop_back();
    return {*this, index};
}

void ProcessRecord::allocate(std::size_t slots) {
    const auto size = static_cast<off_t>(slots * kRecordSize);
    if (const int error = ::posix_fallocate(file_.get(), 0, size); error != 0)
        fail(error, "cannot make room in " + path_);
    free_.reserve(slots);
    for (std::size_t index = slots; index-- > slots_;) free_.push_back(index);
    slots_ = slots;
}

void ProcessRecord::free(std::size_t index) noexcept {
    static const Line blank = blank_line();
    const auto offset = static_cast<off_t>(index * kRecordSize);
    // What is not blanked names a process that has ended, which whoever reads it finds out.
    [[maybe_unused]] const auto written = ::pwrite(file_.get(), blank.data(), blank.size(), offset);
    const std::lock_guard lock(mutex_);
    free_.push_back(index);  // `allocate` has reserved the room
}

std::string record_label(std::int64_t job, std::int64_t claim) {
    return std::to_string(job) + '.' + std::to_string(claim);
}

std::vector<RecordedProcess> read_process_record(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) {
        if (errno == ENOENT) return {};
        fail(errno, "cannot read " + path);
    }
    std::vector<RecordedProcess> found;
    Line line;  // NOLINT(*-member-init): pread() fills it
    for (off_t offset = 0;; offset += static_cast<off_t>(line.size())) {
        const ssize_t size = ::pread(file.get(), line.data(), line.size(), offset);
        if (size < 0 && errno == EINTR) {
            offset -= static_cast<off_t>(line.size());
            continue;
        }
        if (size < 0) fail(errno, "cannot read " + path);
        if (size == 0) return found;
        if (auto entry = parse_line({line.data(), static_cast<std::size_t>(size)}))
            found.push_back(std::move(*entry));
    }
}

std::vector<GroupLeader> leaders_of(std::span<const RecordedProcess> recorded, std::int64_t job,
                                    std::int64_t claim) {
    std::vector<GroupLeader> leaders;
    for (const RecordedProcess& process : recorded)
        if (process.job == job && process.claim == claim)
            leaders.push_back({process.process, process.session});
    return leaders;
}

}  // namespace periodic
