#pragma once

/// @file
/// One end of the socket between a daemon and a worker.

#include <mutex>
#include <string>
#include <vector>

#include "base/descriptor.hpp"
#include "periodic/error.hpp"
#include "worker/messages.hpp"

namespace periodic {

/// Sends and receives messages, without ever waiting but in `flush_all`. Sending may be done from
/// any thread, receiving by one.
class Line {
public:
    explicit Line(Descriptor socket) noexcept : socket_(std::move(socket)) {}

    [[nodiscard]] int fd() const noexcept { return socket_.get(); }

    /// Puts a message behind those that wait to be sent. Error: Invalid, if it is too long.
    Result<void> put(const Message& message);
    /// Sends what waits, as much as the other end takes; answers whether that is all. Who has gone
    /// takes everything: its end is seen by who receives.
    bool flush();
    /// Both.
    Result<void> send(const Message& message);
    /// Waits until all is sent.
    void flush_all();

    /// Adds what has come. False: the other end has gone, or says what makes no sense.
    bool receive(std::vector<Message>& messages);

private:
    Descriptor socket_;
    std::mutex mutex_;
    std::string waiting_;
    std::size_t sent_ = 0;
    FrameReader reader_;
};

/// Two ends, which close on exec.
struct LinePair {
    Descriptor daemon;
    Descriptor worker;
};
/// Error: Io, if there are too many descriptors.
[[nodiscard]] Result<LinePair> make_line_pair();

}  // namespace periodic
