#include "run/thread_host.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "run/process_files.hpp"

namespace periodic {

std::optional<Time> deadline_of(const Result<std::shared_ptr<const Task>>& task, Time now) {
    if (!task || (*task)->timeout.count() == 0) return std::nullopt;
    return now + (*task)->timeout;
}

std::uint64_t log_limit_of(const Result<std::shared_ptr<const Task>>& task) {
    return task ? (*task)->log_limit : Task().log_limit;
}

ThreadHost::ThreadHost(const HostParts& parts)
    : parts_(parts),
      place_(parts.core, parts.waits),
      pool_(
          parts.core.concurrency(),
          [this](const RunningAttempt& attempt) { return runner_->run(attempt); },
          [this] { parts_.core.clock().notify(); }) {}

void ThreadHost::prepare() {
    records_ =
        std::make_unique<ProcessRecord>(process_file(parts_.core.home(), parts_.owner.generation));
    runner_ = std::make_unique<JobRunner>(place_, *records_);
}

void ThreadHost::look(Time /*now*/) {
    pool_.set_waiting(parts_.waits.count());
}

std::optional<Time> ThreadHost::next_look(Time /*now*/) {
    return std::nullopt;
}

std::vector<FreeSlots> ThreadHost::free_slots() {
    const auto free = static_cast<std::size_t>(std::max(pool_.free_slots(), 0));
    return {{.workers = std::vector<std::int64_t>(free, parts_.owner.process.pid)}};
}

void ThreadHost::start(const std::vector<Job>& claimed, Time now) {
    // Read once for those that begin at this moment.
    std::map<std::string, Result<std::shared_ptr<const Task>>, std::less<>> tasks;
    std::vector<RunningAttempt> attempts;
    for (const Job& job : claimed) {
        auto task = tasks.find(job.task);
        if (task == tasks.end())
            task = tasks.emplace(job.task, parts_.core.tasks().find(job.task)).first;
        RunningAttempt attempt;
        attempt.task = task->second;
        attempt.control = std::make_shared<AttemptControl>(deadline_of(attempt.task, now));
        attempt.live = std::make_shared<LiveRecord>(job, log_limit_of(attempt.task),
                                                    [this] { parts_.core.clock().notify(); });
        live_.add(job.id, attempt.live);
        attempt.job = job;
        if (attempt.task) attempt.kill_after = (*attempt.task)->kill_after;
        attempts.push_back(std::move(attempt));
    }
    pool_.start(std::move(attempts));
}

std::vector<LiveUpdate> ThreadHost::take_updates() {
    std::vector<LiveUpdate> updates = std::exchange(last_words_, {});
    for (RunningAttempt& attempt : pool_.running())
        if (auto update = attempt.live->take()) updates.push_back(std::move(*update));
    return updates;
}

std::vector<EndedAttempt> ThreadHost::take_ended() {
    std::vector<EndedAttempt> ended = pool_.take_ended();
    for (const EndedAttempt& one : ended) {
        count_end(pool_status_, one.settlement);
        last_ = one.settlement.event.time;
        live_.remove(one.attempt.job.id);
        if (auto update = one.attempt.live->take()) last_words_.push_back(std::move(*update));
    }
    return ended;
}

bool ThreadHost::append(const AppendRequest& request, Time now) {
    const auto record = live_.find(request.id);
    if (!record) return false;
    return request.level ? record->log_from_outside(now, *request.level, request.text)
                         : record->respond_from_outside(now, request.text);
}

// This process serves every topic itself.
WorkersStatus ThreadHost::status() {
    ProcessStatus process{.pid = parts_.owner.process.pid,
                          .topic = pool_status_.topic,
                          .kind = "threads",
                          .since = parts_.owner.since,
                          .last = last_,
                          .jobs = pool_status_.done + pool_status_.failed +
                                  pool_status_.rescheduled + pool_status_.aborted};
    for (const RunningAttempt& attempt : pool_.running())
        process.busy_with.push_back(attempt.job.id);
    PoolStatus pool = pool_status_;
    pool.workers = 1;
    pool.slots = parts_.core.concurrency();
    pool.busy = static_cast<int>(pool_.running().size());
    pool.waiting = parts_.core.store().counts(parts_.core.clock().now()).ready;
    return {.pools = {std::move(pool)}, .processes = {std::move(process)}};
}

Result<void> ThreadHost::replace_workers() {
    return failure(ErrorCode::Unsupported, "there are no worker processes here");
}

void ThreadHost::finish() {
    std::error_code ignored;
    if (records_) std::filesystem::remove(records_->path(), ignored);
}

}  // namespace periodic
