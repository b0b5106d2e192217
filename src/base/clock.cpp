#include "periodic/clock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include "base/descriptor.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;

// Beyond it the kernel's nanoseconds overflow; a wait that long ends with a wake-up anyway.
constexpr Time kLatestAlarm{std::chrono::sys_days{std::chrono::year{2200} / 1 / 1}};

Descriptor checked(int fd, const char* what) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
    return Descriptor(fd);
}

// A flag that poll() can see. Setting it twice is setting it once.
class Signal {
public:
    Signal() : fd_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {}

    void set() const noexcept {
        const std::uint64_t one = 1;
        // It fails only when the counter is full, and then it is set already.
        [[maybe_unused]] const auto written = ::write(fd_.get(), &one, sizeof one);
    }

    /// Clears it; whether it was set.
    bool take() const noexcept {
        std::uint64_t count = 0;
        return ::read(fd_.get(), &count, sizeof count) == sizeof count;
    }

    [[nodiscard]] pollfd watch() const noexcept { return {fd_.get(), POLLIN, 0}; }

private:
    Descriptor fd_;
};

class SystemClock final : public Clock {
public:
    SystemClock()
        : timer_(checked(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK),
                         "timerfd_create")) {}

    [[nodiscard]] Time now() const override {
        return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    }

    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
        return std::chrono::steady_clock::now();
    }

    Wake wait_until(Time deadline, std::stop_token stop) override {
        const Wake wake = wait(deadline, stop);
        stopped_.take();  // the callback is gone: what it set must not touch the next wait
        return wake;
    }

    void notify() override { notified_.set(); }

private:
    Wake wait(Time deadline, const std::stop_token& stop) {
        // Armed before the clock is read: a clock set in between cancels the timer.
        arm(deadline);
        const std::stop_callback on_stop(stop, [this] { stopped_.set(); });
        for (;;) {
            if (stop.stop_requested()) return Wake::Stopped;
            if (now() >= deadline) return Wake::Deadline;
            if (notified_.take()) return Wake::Notified;
            if (sleep() == Alarm::ClockWasSet) {
                if (stop.stop_requested()) return Wake::Stopped;
                return now() >= deadline ? Wake::Deadline : Wake::Notified;
            }
        }
    }

    enum class Alarm : std::uint8_t { Nothing, ClockWasSet };

    void arm(Time deadline) {
        const auto at =
            std::clamp(deadline, Time{milliseconds{1}}, kLatestAlarm).time_since_epoch();
        const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
        itimerspec alarm{};
        alarm.it_value.tv_sec = seconds.count();
        alarm.it_value.tv_nsec = std::chrono::nanoseconds(at - seconds).count();
        // ECANCELED tells of a clock that was set since the last wait; the timer is armed all the
        // same.
        if (::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &alarm,
                              nullptr) != 0 &&
            errno != ECANCELED)
            throw std::system_error(errno, std::generic_category(), "timerfd_settime");
    }

    Alarm sleep() {
        std::array<pollfd, 3> watched{pollfd{timer_.get(), POLLIN, 0}, notified_.watch(),
                                      stopped_.watch()};
        if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "poll");
        std::uint64_t expirations = 0;
        const auto got = ::read(timer_.get(), &expirations, sizeof expirations);
        return got < 0 && errno == ECANCELED ? Alarm::ClockWasSet : Alarm::Nothing;
    }

    Descriptor timer_;
    Signal notified_;
    Signal stopped_;
};

}  // namespace

std::unique_ptr<Clock> make_system_clock() {
    return std::make_unique<SystemClock>();
}

}  // namespace periodic
