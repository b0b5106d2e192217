// Jobs: what only reads.

#include "periodic/jobs.hpp"

#include <algorithm>
#include <utility>

#include "run/executor_core.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;

// How long one wait lasts where the caller has no end of patience.
constexpr milliseconds kLongWait{3'600'000};

}  // namespace

std::optional<Job> Jobs::find(JobId id) const {
    return core_->store().find(id, core_->clock().now());
}

std::optional<Job> Jobs::latest(std::string_view task) const {
    JobFilter filter;
    filter.task = task;
    filter.limit = 1;
    std::vector<Job> found = list(filter);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<Job> Jobs::list(const JobFilter& filter) const {
    return core_->store().page(filter, core_->clock().now());
}

std::int64_t Jobs::count(const JobFilter& filter) const {
    return core_->store().count(filter);
}

JobChildren Jobs::children(JobId id, int limit) const {
    return core_->store().children(id, limit);
}

std::vector<JobAttempt> Jobs::attempts(JobId id) const {
    return core_->store().attempts(id);
}

std::vector<JobEvent> Jobs::events(JobId id) const {
    return core_->store().events(id);
}

std::vector<LogLine> Jobs::log(JobId id, std::int64_t after, int limit) const {
    return core_->store().log(id, after, limit);
}

std::string Jobs::response(JobId id) const {
    return core_->store().response(id);
}

std::optional<Job> Jobs::wait(JobId id, std::optional<milliseconds> patience,
                              std::stop_token stop) const {
    const auto begun = core_->clock().steady_now();
    while (true) {
        // The version first: what changes after the look ends the wait.
        const std::int64_t seen = core_->store().version();
        auto job = find(id);
        if (!job || is_final(job->state) || stop.stop_requested()) return job;
        milliseconds longest = kLongWait;
        if (patience) {
            const auto passed =
                std::chrono::duration_cast<milliseconds>(core_->clock().steady_now() - begun);
            if (passed >= *patience) return job;
            longest = std::min(longest, *patience - passed);
        }
        core_->store().wait_for_change(seen, longest, stop);
    }
}

std::int64_t Jobs::wait_for_change(std::int64_t seen, milliseconds patience,
                                   std::stop_token stop) const {
    return core_->store().wait_for_change(seen, patience, std::move(stop));
}

}  // namespace periodic
