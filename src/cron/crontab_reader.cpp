#include "cron/crontab_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/first_problems.hpp"
#include "base/utf8.hpp"

namespace periodic {
namespace {

constexpr std::size_t kMostProblems = 500;
constexpr std::size_t kLongestExcerpt = 512;

struct SettingHint {
    std::string_view name;
    std::string_view hint;
};

constexpr std::array<SettingHint, 9> kSettingHints{{
    {"TZ", "CRON_TZ sets the zone of the entries below it"},
    {"MAILTO", "<notify> in periodic.xml says who hears of a failure"},
    {"MAILFROM", "<notify> in periodic.xml says who hears of a failure"},
    {"RANDOM_DELAY", "H in a field spreads the entries: H 3 * * * TASK"},
    {"PATH", "set variables in the task's <environment>"},
    {"SHELL", "a task's commands stand in tasks/NAME.xml; its shell command says which shell"},
    {"HOME", "a task's <directory> says where it runs"},
    {"LOGNAME", "a task's <user> says who runs it"},
    {"USER", "a task's <user> says who runs it"},
}};

std::string hint_for_setting(std::string_view name) {
    for (const SettingHint& known : kSettingHints) {
        if (known.name == name) return std::string(known.hint);
    }
    if (!nearest_word(name, {"CRON_TZ"}).empty()) return "did you mean CRON_TZ?";
    return "CRON_TZ is the only setting; set variables in the task's <environment>";
}

bool is_utf8(std::string_view text) {
    return valid_utf8(text) == text;
}

// Whether a byte is zero or not ASCII; eight at a time, as every line is looked at.
bool has_odd_byte(std::string_view text) {
    constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101ULL;
    constexpr std::uint64_t kHighBits = kOnes << 7U;
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        // A zero byte borrows from its neighbour and leaves its high bit set.
        if (((word | (word - kOnes)) & kHighBits) != 0) return true;
    }
    return std::any_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), [](char c) {
        return c == '\0' || (static_cast<unsigned char>(c) & 0x80U) != 0;
    });
}

// Whether the expression depends on the entry that it stands in.
bool has_choice(std::string_view when) {
    return when.find_first_of("Hh~") != std::string_view::npos;
}

}  // namespace

Crontab::Reader::Reader(Crontab& crontab, const TimeZone& zone) : crontab_(crontab), zone_(zone) {
    use_zone(zone);
}

void Crontab::Reader::use_zone(const TimeZone& zone) {
    zone_ = zone;
    zone_is_known_ = true;
    zone_hash_ = {};
    zone_hash_.add("CRON_TZ=");
    zone_hash_.add(zone.name());
    zone_hash_.add('\n');
}

void Crontab::Reader::read(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    crontab_.entries_.reserve(crontab_.entries_.size() + lines);
    crontab_.storage_->ids.reserve(lines);
    while (!text.empty()) {
        std::size_t end = std::min(text.find('\n'), text.size());
        std::size_t next = end + 1;
        // A carriage return ends a line too, alone or before the line feed.
        if (const auto carriage = text.substr(0, end).find('\r');
            carriage != std::string_view::npos) {
            next = carriage + 1 == end ? end + 1 : carriage + 1;
            end = carriage;
        }
        ++line_;
        read_line(text.substr(0, end));
        text.remove_prefix(std::min(next, text.size()));
    }
    finish_problems();
}

void Crontab::Reader::read_line(std::string_view line) {
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos || line[start] == '#' || line[start] == ';') return;
    if (has_odd_byte(line)) {
        if (const std::size_t zero = line.find('\0'); zero != std::string_view::npos) {
            crontab_.complete_ = false;
            return add_problem(line, zero, "the line holds a NUL byte", "a crontab is plain text");
        }
        if (!is_utf8(line)) {
            crontab_.complete_ = false;
            return add_problem(line, start, "the line is not UTF-8", "save the file as UTF-8");
        }
    }
    cron::Setting setting;
    if (cron::split_setting(line, setting)) return read_setting(setting, line);
    read_entry(line);
}

void Crontab::Reader::read_setting(const cron::Setting& setting, std::string_view line) {
    if (setting.name == "CRON_TZ") return read_zone(setting, line);
    add_problem(line, static_cast<std::size_t>(setting.name.data() - line.data()),
                "there is no setting '" + std::string(setting.name) + "'",
                hint_for_setting(setting.name));
}

void Crontab::Reader::read_zone(const cron::Setting& setting, std::string_view line) {
    const auto zone = TimeZone::load(setting.value);
    if (zone) return use_zone(*zone);
    const std::size_t at = setting.value.empty()
                               ? line.size()
                               : static_cast<std::size_t>(setting.value.data() - line.data());
    add_problem(line, at, zone.error().message + "; the entries below it do not run",
                zone.error().hint);
    zone_is_known_ = false;
    crontab_.complete_ = false;
}

void Crontab::Reader::read_entry(std::string_view line) {
    cron::EntryParts parts;
    faults_.clear();
    const bool is_whole = cron::split_entry(line, parts, faults_);
    const CronExpression* expression =
        parts.when.data() == nullptr ? nullptr : read_schedule(parts, line);
    for (cron::LineFault& fault : faults_) {
        add_problem(line, fault.at, std::move(fault.message), std::move(fault.hint));
    }
    if (!is_whole || expression == nullptr) {
        crontab_.complete_ = false;
        return;
    }
    if (expression->is_never()) {
        return add_problem(line, static_cast<std::size_t>(parts.when.data() - line.data()),
                           "no date ever matches this schedule", "check its day and month");
    }
    if (zone_is_known_) keep(parts, *expression, line);
}

const CronExpression* Crontab::Reader::read_schedule(const cron::EntryParts& parts,
                                                     std::string_view line) {
    cron::SchedulePool& pool = crontab_.storage_->pool;
    if (const CronExpression* known = pool.find(parts.when)) return known;
    struct SeedSink {
        std::string text{};
        void add(char c) { text += c; }
    };
    SeedSink seed;
    const bool by_seed = has_choice(parts.when);
    if (by_seed) cron::write_target(seed, parts.group, parts.task, parts.arguments);
    auto expression = CronExpression::parse(parts.when, {.seed = seed.text});
    if (!expression) {
        const auto start = static_cast<std::size_t>(parts.when.data() - line.data());
        const std::size_t column = expression.error().column;
        add_problem(line, start + (column == 0 ? 0 : column - 1), expression.error().message,
                    expression.error().hint);
        return nullptr;
    }
    return by_seed ? pool.add_by_value(*expression) : pool.add(parts.when, *expression);
}

void Crontab::Reader::keep(const cron::EntryParts& parts, const CronExpression& expression,
                           std::string_view line) {
    cron::StableHash hash = zone_hash_;
    cron::write_schedule(hash, parts.when);
    hash.add(' ');
    cron::write_target(hash, parts.group, parts.task, parts.arguments);
    CrontabEntry entry(zone_);
    entry.id_ = static_cast<std::int64_t>(hash.value() == 0 ? 1 : hash.value());
    entry.expression_ = &expression;
    entry.text_ = parts.when.data();
    const auto offset_of = [&](std::string_view part) {
        return static_cast<std::uint32_t>(part.data() - entry.text_);
    };
    entry.task_ = offset_of(parts.task);
    entry.arguments_ = parts.arguments.empty() ? entry.task_ : offset_of(parts.arguments);
    entry.arguments_size_ = static_cast<std::uint32_t>(parts.arguments.size());
    entry.line_ = line_;
    entry.column_ = static_cast<std::uint32_t>(parts.task.data() - line.data()) + 1;
    entry.file_ = static_cast<std::uint32_t>(crontab_.files_.size() - 1);
    entry.when_size_ = static_cast<std::uint16_t>(parts.when.size());
    entry.group_size_ = static_cast<std::uint8_t>(parts.group.size());
    entry.task_size_ = static_cast<std::uint8_t>(parts.task.size());
    auto& entries = crontab_.entries_;
    const std::uint32_t first = crontab_.storage_->ids.insert(
        entry.id_, static_cast<std::uint32_t>(entries.size()),
        [&entries](std::uint32_t index) { return entries[index].id(); });
    if (first == entries.size()) {
        entries.push_back(entry);
        return;
    }
    const CrontabEntry& earlier = entries[first];
    add_problem(line, static_cast<std::size_t>(parts.when.data() - line.data()),
                "this entry equals the one of " + crontab_.files_[earlier.file()] + ":" +
                    std::to_string(earlier.line()) + ", which runs",
                "remove one of them");
}

void Crontab::Reader::add_problem(std::string_view line, std::size_t at, std::string message,
                                  std::string hint) {
    if (++problems_ > kMostProblems) return;
    Error error;
    error.code = ErrorCode::Invalid;
    error.message = std::move(message);
    error.hint = std::move(hint);
    error.file = crontab_.files_.back();
    error.line = line_;
    error.column = static_cast<std::uint32_t>(at) + 1;
    // An excerpt is for a terminal; in a longer line the caret would be lost anyway.
    if (line.size() <= kLongestExcerpt && is_utf8(line)) error.excerpt = line;
    crontab_.problems_.push_back({Severity::Error, std::move(error)});
}

void Crontab::Reader::finish_problems() {
    if (problems_ <= kMostProblems) return;
    crontab_.problems_.push_back(more_problems(problems_ - kMostProblems, crontab_.files_.back()));
}

}  // namespace periodic
