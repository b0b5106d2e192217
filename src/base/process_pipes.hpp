#pragma once

/// @file
/// A child's standard streams, seen from the parent.

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <poll.h>

#include "base/descriptor.hpp"
#include "periodic/error.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// `cannot do so: the system's reason`, as an Io error.
[[nodiscard]] Failure system_failure(const std::string& what, int error);

/// Owns `fd`, under a number above those of the standard streams; an error if it is -1, by errno.
[[nodiscard]] Result<Descriptor> above_standard(int fd, const char* what);

/// Both ends close on exec; reading does not block, writing does, as programs expect.
struct Pipe {
    Descriptor read;
    Descriptor write;
};
[[nodiscard]] Result<Pipe> make_pipe();

/// Sets an eventfd, which ends a wait; setting it twice is setting it once.
void set_wake(const Descriptor& wake) noexcept;
/// Clears it; whether it was set.
[[nodiscard]] bool take_wake(const Descriptor& wake) noexcept;

/// Waits with poll() up to an instant.
class Patience {
public:
    explicit Patience(std::chrono::milliseconds timeout)
        : until_(std::chrono::steady_clock::now() + timeout) {}

    /// False if a signal came in between: look again. Throws std::system_error.
    bool poll(std::span<pollfd> watched) const;
    [[nodiscard]] bool is_over() const { return std::chrono::steady_clock::now() >= until_; }

private:
    std::chrono::steady_clock::time_point until_;
};

/// The reading ends of a child's output. Used by one thread.
class OutputPipes {
public:
    using Sink = std::function<void(Process::Stream, std::string_view)>;

    OutputPipes() = default;
    OutputPipes(Descriptor output, Descriptor errors) noexcept
        : output_(std::move(output)), errors_(std::move(errors)) {}

    /// For poll(), which leaves a closed one out.
    [[nodiscard]] std::array<pollfd, 2> watched() const noexcept {
        return {pollfd{output_.get(), POLLIN, 0}, pollfd{errors_.get(), POLLIN, 0}};
    }

    /// Reads up to 64 KiB of each; whether there was anything.
    bool read_some(const Sink& sink);

    /// Reads what is there now: what pipes can hold, at most, as somebody may go on writing.
    void drain(const Sink& sink);

private:
    static bool read(Descriptor& pipe, Process::Stream stream, const Sink& sink);

    Descriptor output_;
    Descriptor errors_;
};

}  // namespace periodic
