#include "worker/line.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/process_pipes.hpp"

namespace periodic {

Result<void> Line::put(const Message& message) {
    auto bytes = encode(message);
    if (!bytes) return Failure(bytes.error());
    const std::lock_guard guard(mutex_);
    waiting_ += *bytes;
    return {};
}

bool Line::flush() {
    const std::lock_guard guard(mutex_);
    while (sent_ < waiting_.size()) {
        const ssize_t sent = ::send(socket_.get(), waiting_.data() + sent_, waiting_.size() - sent_,
                                    MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) return false;
        if (sent < 0) break;
        sent_ += static_cast<std::size_t>(sent);
    }
    waiting_.clear();
    sent_ = 0;
    return true;
}

Result<void> Line::send(const Message& message) {
    auto put_there = put(message);
    if (put_there) flush_all();
    return put_there;
}

void Line::flush_all() {
    while (!flush()) {
        pollfd wait{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
        (void)::poll(&wait, 1, -1);
    }
}

bool Line::receive(std::vector<Message>& messages) {
    std::array<char, std::size_t{64} << 10U> buffer;  // NOLINT(*-member-init): recv() fills it
    while (true) {
        const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno == EAGAIN) return true;
        if (size <= 0) return false;
        reader_.add({buffer.data(), static_cast<std::size_t>(size)});
        while (true) {
            const auto body = reader_.next();
            if (!body) return false;
            if (!*body) break;
            auto message = decode(**body);
            if (!message) return false;
            messages.push_back(std::move(*message));
        }
        if (static_cast<std::size_t>(size) < buffer.size()) return true;
    }
}

Result<LinePair> make_line_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return system_failure("cannot make a pair of sockets", errno);
    return LinePair{Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace periodic
