#pragma once

/// @file
/// The records of the attempts that run, for those who reach them by the job's id.

#include <map>
#include <memory>
#include <mutex>

#include "periodic/job.hpp"
#include "run/live_record.hpp"

namespace periodic {

/// Filled by the executor's thread, asked by the control socket's. May be used from any thread.
class LiveRecords {
public:
    void add(JobId id, std::shared_ptr<LiveRecord> record) {
        const std::lock_guard guard(mutex_);
        records_.insert_or_assign(id, std::move(record));
    }

    void remove(JobId id) {
        const std::lock_guard guard(mutex_);
        records_.erase(id);
    }

    /// None if the job does not run here. Shared with the one who asks: it may end meanwhile.
    [[nodiscard]] std::shared_ptr<LiveRecord> find(JobId id) const {
        const std::lock_guard guard(mutex_);
        const auto found = records_.find(id);
        return found == records_.end() ? nullptr : found->second;
    }

private:
    mutable std::mutex mutex_;
    std::map<JobId, std::shared_ptr<LiveRecord>> records_;
};

}  // namespace periodic
