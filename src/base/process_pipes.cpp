#include "base/process_pipes.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace periodic {
namespace {

constexpr int kFirstFreeDescriptor = 3;
constexpr std::size_t kReadSize = 64U << 10U;
constexpr int kDrainReads = 32;

}  // namespace

Failure system_failure(const std::string& what, int error) {
    return failure(ErrorCode::Io, what + ": " + std::generic_category().message(error));
}

Result<Descriptor> above_standard(int fd, const char* what) {
    if (fd < 0) return system_failure(what, errno);
    Descriptor descriptor(fd);
    if (fd >= kFirstFreeDescriptor) return descriptor;
    // The host runs without its standard streams; the child will put its own there.
    descriptor.reset(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstFreeDescriptor));
    if (!descriptor) return system_failure(what, errno);
    return descriptor;
}

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_failure("cannot make a pipe", errno);
    Pipe pipe{Descriptor(ends[0]), {}};
    auto write = above_standard(ends[1], "cannot make a pipe");
    if (!write) return Failure(write.error());
    pipe.write = std::move(*write);
    if (::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) != 0)
        return system_failure("cannot make a pipe", errno);
    return pipe;
}

void set_wake(const Descriptor& wake) noexcept {
    const std::uint64_t one = 1;
    // It fails only when the counter is full, and then it is set already.
    [[maybe_unused]] const auto written = ::write(wake.get(), &one, sizeof one);
}

bool take_wake(const Descriptor& wake) noexcept {
    std::uint64_t count = 0;
    return ::read(wake.get(), &count, sizeof count) == sizeof count;
}

bool Patience::poll(std::span<pollfd> watched) const {
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(until_ - std::chrono::steady_clock::now());
    constexpr milliseconds kLongest{86'400'000};
    const auto wait = std::clamp(left, milliseconds{0}, kLongest);
    if (::poll(watched.data(), watched.size(), static_cast<int>(wait.count())) >= 0) return true;
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
    return false;
}

bool OutputPipes::read_some(const Sink& sink) {
    const bool output = read(output_, Process::Stream::Out, sink);
    const bool errors = read(errors_, Process::Stream::Err, sink);
    return output || errors;
}

void OutputPipes::drain(const Sink& sink) {
    for (int reads = 0; reads < kDrainReads && read_some(sink); ++reads) {
    }
}

bool OutputPipes::read(Descriptor& pipe, Process::Stream stream, const Sink& sink) {
    if (!pipe) return false;
    std::array<char, kReadSize> buffer;  // NOLINT(*-member-init): 64 KiB that read() fills
    const ssize_t size = ::read(pipe.get(), buffer.data(), buffer.size());
    if (size > 0) {
        sink(stream, {buffer.data(), static_cast<std::size_t>(size)});
        return true;
    }
    if (size == 0 || (errno != EAGAIN && errno != EINTR)) pipe.reset();
    return false;
}

}  // namespace periodic
