#include "base/service_notice.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptor.hpp"

namespace periodic {
namespace {

std::string take_variable(const char* name) {
    const char* const value = std::getenv(name);
    std::string text = value == nullptr ? "" : value;
    ::unsetenv(name);
    return text;
}

std::optional<std::int64_t> number(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

ServiceNotice ServiceNotice::from_environment() {
    ServiceNotice manager;
    manager.socket_ = take_variable("NOTIFY_SOCKET");
    const auto period = number(take_variable("WATCHDOG_USEC"));
    const auto whose = number(take_variable("WATCHDOG_PID"));
    if (period && *period > 0 && (!whose || *whose == ::getpid()))
        manager.watchdog_ = std::chrono::milliseconds(std::max<std::int64_t>(*period / 2'000, 1));
    return manager;
}

void ServiceNotice::tell(std::string_view lines) const noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const bool usable = socket_.size() > 1 && socket_.size() < sizeof address.sun_path &&
                        (socket_[0] == '/' || socket_[0] == '@');
    if (!usable) return;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract name
    const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket) return;
    (void)!::sendto(socket.get(), lines.data(), lines.size(), MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&address),
                    static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size()));
}

void ServiceNotice::tell_ready() const noexcept {
    tell("READY=1");
}

void ServiceNotice::tell_reloading() const noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const std::int64_t micros = now.tv_sec * std::int64_t{1'000'000} + now.tv_nsec / 1000;
    tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros));
}

}  // namespace periodic
