#pragma once

/// @file
/// What a running attempt has said since the executor last looked.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "periodic/job_store.hpp"
#include "run/job_log.hpp"

namespace periodic {

/// Carries the log, the response and other live updates from an attempt's threads, and from those
/// who add to it from outside, to the executor's thread, which writes them to the store. May be
/// used from any thread.
class LiveRecord {
public:
    /// So many lines may wait to be taken before the attempt waits, too.
    static constexpr std::size_t kMostLines = 20'000;

    /// `log_limit` is in bytes. `on_first` is called, outside the lock, when the first change since
    /// the last `take` came. `patience` is how long the attempt waits for one `take`, as it has to
    /// see that it is asked to end.
    LiveRecord(const Job& job, std::uint64_t log_limit, std::function<void()> on_first,
               std::chrono::milliseconds patience = std::chrono::seconds(1));

    /// Adds to the log: any bytes, each line for itself. For the attempt: it waits while much is
    /// to be taken, so that who takes it is not held up by it.
    void log(Time now, LogLevel level, std::string_view text, LogStream stream = LogStream::Task);

    /// Appends to the response; what is beyond its limit is dropped, and the log says so.
    void respond(Time now, std::string_view bytes);

    /// The same for those outside: false, with nothing added, once the attempt has ended.
    bool log_from_outside(Time now, LogLevel level, std::string_view text);
    bool respond_from_outside(Time now, std::string_view bytes);

    /// Changes the waiting update.
    template <class Change>
    void change(Change&& change) {
        bool first = false;
        {
            const std::lock_guard guard(update_mutex_);
            std::forward<Change>(change)(update_);
            first = !std::exchange(dirty_, true);
        }
        if (first && on_first_) on_first_();
    }

    /// The changes since the last call; nullopt if there were none.
    [[nodiscard]] std::optional<LiveUpdate> take();

    /// The attempt has ended: what is left of the log is passed on, outsiders add no more.
    void end(Time now);

private:
    void add_lines(Time now, LogLevel level, std::string_view text);
    void wait_for_room();
    void append(Time now, std::string_view bytes);

    const std::int64_t response_before_;  // bytes of earlier attempts
    std::mutex mutex_;                    // of the two below; taken before update_mutex_
    bool open_ = true;
    std::size_t responded_ = 0;

    std::mutex update_mutex_;
    LiveUpdate update_{};
    bool dirty_ = false;
    bool waited_in_vain_ = false;  // since the last take
    std::condition_variable taken_;
    const std::chrono::milliseconds patience_;
    std::function<void()> on_first_;
    JobLog log_;
};

}  // namespace periodic
