#pragma once

/// @file
/// What a running attempt has said since the executor last looked.

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "periodic/job_store.hpp"

namespace periodic {

/// Carries live updates from an attempt's threads to the executor's, which writes them to the
/// store. May be used from any thread.
class LiveBuffer {
public:
    /// `on_first` is called, outside the lock, when the first change since the last `take` came.
    LiveBuffer(JobId id, std::int64_t claim, std::function<void()> on_first)
        : on_first_(std::move(on_first)) {
        update_.id = id;
        update_.claim = claim;
    }

    /// Changes the waiting update.
    template <class Change>
    void change(Change&& change) {
        bool first = false;
        {
            const std::lock_guard guard(mutex_);
            std::forward<Change>(change)(update_);
            first = !std::exchange(dirty_, true);
        }
        if (first && on_first_) on_first_();
    }

    /// The changes since the last call; nullopt if there were none.
    [[nodiscard]] std::optional<LiveUpdate> take() {
        const std::lock_guard guard(mutex_);
        if (!std::exchange(dirty_, false)) return std::nullopt;
        LiveUpdate taken{.id = update_.id, .claim = update_.claim};
        std::swap(taken, update_);
        return taken;
    }

private:
    std::mutex mutex_;
    LiveUpdate update_{};
    bool dirty_ = false;
    std::function<void()> on_first_;
};

}  // namespace periodic
