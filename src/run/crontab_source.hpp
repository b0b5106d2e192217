#pragma once

/// @file
/// The crontab that an executor works with: read anew at each planning, or kept.

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "periodic/crontab.hpp"
#include "periodic/error.hpp"

namespace periodic {

/// May be used from any thread.
class CrontabSource {
public:
    /// `read` gives the crontab as its files are now.
    explicit CrontabSource(std::function<Crontab()> read) : read_(std::move(read)) {}

    /// The one that is kept; without one, the one that is read now.
    [[nodiscard]] std::shared_ptr<const Crontab> current() const;

    /// Reads it and keeps it from now on, for executors that live long. One with mistakes takes no
    /// other one's place. Answers the mistakes; warnings are none.
    std::vector<Problem> keep();

private:
    std::function<Crontab()> read_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Crontab> kept_;
};

}  // namespace periodic
