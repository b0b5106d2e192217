#include "base/process_gate.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/process_pipes.hpp"

namespace periodic {
namespace {

constexpr std::string_view kForm = "periodic-gate 2";
constexpr std::size_t kLongestText = 8192;

union Control {
    cmsghdr header;  // aligns the buffer
    std::array<char, CMSG_SPACE(2 * sizeof(int))> bytes;
};

// Numbers as text, texts with their length in front.
class Writer {
public:
    void add(std::string_view text) {
        bytes_.append(std::to_string(text.size())).append(1, ':').append(text);
    }
    void add(std::int64_t number) { add(std::string_view(std::to_string(number))); }
    void add(const std::vector<std::string>& texts) {
        add(static_cast<std::int64_t>(texts.size()));
        for (const std::string& text : texts) add(std::string_view(text));
    }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

// Answers empty texts and zeros once something did not fit; `is_good` tells.
class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::string text() {
        const std::size_t colon = rest_.find(':');
        const std::int64_t size = to_number(rest_.substr(0, colon));
        if (colon == std::string_view::npos || size < 0 ||
            static_cast<std::uint64_t>(size) > rest_.size() - colon - 1) {
            is_good_ = false;
            rest_ = {};
            return {};
        }
        const std::string_view text = rest_.substr(colon + 1, static_cast<std::size_t>(size));
        rest_.remove_prefix(colon + 1 + text.size());
        return std::string(text);
    }
    std::int64_t number() { return to_number(text()); }
    // How many more follow: each takes at least two bytes.
    std::int64_t count() {
        const std::int64_t number = this->number();
        if (number >= 0 && static_cast<std::uint64_t>(number) <= rest_.size()) return number;
        is_good_ = false;
        return 0;
    }
    [[nodiscard]] bool is_good() const noexcept { return is_good_ && rest_.empty(); }

private:
    std::int64_t to_number(std::string_view text) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size()) is_good_ = false;
        return number;
    }

    std::string_view rest_;
    bool is_good_ = true;
};

void take_descriptors(msghdr& header, GateMail& mail) {
    for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr;
         each = CMSG_NXTHDR(&header, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        std::array<int, 2> fds{-1, -1};
        std::memcpy(fds.data(), CMSG_DATA(each), std::min(count, fds.size()) * sizeof(int));
        mail.first.reset(fds[0]);
        mail.second.reset(fds[1]);
    }
}

}  // namespace

bool GateLine::send(const GateMessage& message, std::string_view text, int first,
                    int second) noexcept {
    if (!socket_) return false;
    GateMessage copy = message;
    text = text.substr(0, kLongestText);
    std::array<iovec, 2> parts{iovec{&copy, sizeof copy},
                               iovec{const_cast<char*>(text.data()), text.size()}};
    msghdr header{};
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
    Control control{};
    std::array<int, 2> fds{first, second};
    const std::size_t count = first < 0 ? 0 : second < 0 ? 1 : 2;
    if (count > 0) {
        header.msg_control = control.bytes.data();
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
        cmsghdr* const rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(count * sizeof(int));
        std::memcpy(CMSG_DATA(rights), fds.data(), count * sizeof(int));
    }
    ssize_t sent = 0;
    do {
        sent = ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

GateLine::Got GateLine::receive(GateMail& mail, bool wait) {
    if (!socket_) return Got::Closed;
    std::array<char, kLongestText> text;  // NOLINT(*-member-init): recvmsg() fills it
    std::array<iovec, 2> parts{iovec{&mail.message, sizeof mail.message},
                               iovec{text.data(), text.size()}};
    Control control{};
    msghdr header{};
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
    header.msg_control = control.bytes.data();
    header.msg_controllen = control.bytes.size();
    ssize_t size = 0;
    do {
        size = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    } while (size < 0 && errno == EINTR);
    if (size < 0 && errno == EAGAIN) return Got::Nothing;
    if (size < static_cast<ssize_t>(sizeof mail.message)) {
        close();
        return Got::Closed;
    }
    mail.text.assign(text.data(), static_cast<std::size_t>(size) - sizeof mail.message);
    take_descriptors(header, mail);
    return Got::Mail;
}

Result<GateSocket> make_gate_socket() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return system_failure("cannot make a socket", errno);
    GateSocket socket{Descriptor(ends[0]), {}};
    auto gate = above_standard(ends[1], "cannot make a socket");
    if (!gate) return Failure(gate.error());
    socket.gate = std::move(*gate);
    return socket;
}

std::string encode_spec(const ProcessSpec& spec) {
    Writer writer;
    writer.add(kForm);
    writer.add(std::string_view(spec.program));
    writer.add(spec.arguments);
    writer.add(static_cast<std::int64_t>(spec.environment.size()));
    for (const auto& [name, value] : spec.environment) {
        writer.add(std::string_view(name));
        writer.add(std::string_view(value));
    }
    writer.add(std::string_view(spec.directory));
    writer.add(spec.nice);
    writer.add(spec.leave ? 1 : 0);
    writer.add(spec.record_offset);
    writer.add(std::string_view(spec.record_label));
    writer.add(spec.user ? 1 : 0);
    if (!spec.user) return writer.take();
    writer.add(spec.user->uid);
    writer.add(spec.user->gid);
    writer.add(std::string_view(spec.user->name));
    writer.add(static_cast<std::int64_t>(spec.user->groups.size()));
    for (const std::uint32_t group : spec.user->groups) writer.add(group);
    return writer.take();
}

Result<ProcessSpec> decode_spec(std::string_view bytes) {
    Reader reader(bytes);
    ProcessSpec spec;
    const bool same_form = reader.text() == kForm;
    spec.program = reader.text();
    for (std::int64_t count = reader.count(); count > 0; --count)
        spec.arguments.push_back(reader.text());
    for (std::int64_t count = reader.count(); count > 0; --count) {
        std::string name = reader.text();
        spec.environment.emplace_back(std::move(name), reader.text());
    }
    spec.directory = reader.text();
    spec.nice = static_cast<int>(reader.number());
    spec.leave = reader.number() == 1;
    spec.record_offset = reader.number();
    spec.record_label = reader.text();
    if (reader.number() == 1) {
        ProcessUser& user = spec.user.emplace();
        user.uid = static_cast<std::uint32_t>(reader.number());
        user.gid = static_cast<std::uint32_t>(reader.number());
        user.name = reader.text();
        for (std::int64_t count = reader.count(); count > 0; --count)
            user.groups.push_back(static_cast<std::uint32_t>(reader.number()));
    }
    if (same_form && reader.is_good()) return spec;
    return failure(ErrorCode::Invalid, "the gate and its host are of different versions");
}

Result<Descriptor> memory_file(std::string_view bytes) {
    Descriptor file(::memfd_create("periodic-gate", MFD_CLOEXEC));
    if (!file) return system_failure("cannot make a memory file", errno);
    while (!bytes.empty()) {
        const ssize_t size = ::write(file.get(), bytes.data(), bytes.size());
        if (size < 0 && errno != EINTR) return system_failure("cannot fill a memory file", errno);
        if (size > 0) bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return file;
}

Result<std::string> read_memory_file(const Descriptor& file) {
    std::string bytes;
    std::array<char, 65536> buffer;  // NOLINT(*-member-init): pread() fills it
    for (;;) {
        const ssize_t size =
            ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(bytes.size()));
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return system_failure("cannot read a memory file", errno);
        if (size == 0) return bytes;
        bytes.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

}  // namespace periodic
