// How workers come to be of another program while the daemon runs.

#include <filesystem>
#include <system_error>
#include <utility>

#include "worker/worker_host_parts.hpp"

namespace periodic {
namespace {

// The file of this process's program, which may have been replaced since.
std::string own_program() {
    std::error_code error;
    std::string path = std::filesystem::read_symlink("/proc/self/exe", error).string();
    constexpr std::string_view kGone = " (deleted)";
    if (path.ends_with(kGone)) path.resize(path.size() - kGone.size());
    return path;
}

}  // namespace

Result<void> WorkerHost::replace_workers() {
    auto program = WorkerProgram::open(options_.program.empty() ? own_program() : options_.program);
    if (!program) return Failure(program.error());
    const std::lock_guard guard(mutex_);
    candidate_ = std::move(*program);
    refused_.reset();
    if (const auto earlier = workers_.find(std::exchange(trial_, 0)); earlier != workers_.end())
        kill(*earlier->second);
    parts_.core.clock().notify();
    return {};
}

std::optional<Result<void>> WorkerHost::replacement() {
    const std::lock_guard guard(mutex_);
    if (candidate_) return std::nullopt;
    if (refused_) return Result<void>(Failure(*refused_));
    return Result<void>();
}

// One worker of it is started and gets no work: it proves that others could live.
void WorkerHost::try_candidate(Time now) {
    if (!candidate_) return;
    if (trial_ == 0) {
        auto started = launch(*pools_.front(), *candidate_, now);
        if (!started) {
            refuse_candidate(to_string(started.error()));
            return;
        }
        trial_ = (*started)->number;
        (*started)->is_trial = true;
        (*started)->draining = true;
    }
    const auto trial = workers_.find(trial_);
    if (trial != workers_.end() && now - trial->second->since >= kLongEnough)
        kill(*trial->second);  // it says nothing
}

void WorkerHost::accept_candidate(Worker& trial) {
    program_ = std::move(*candidate_);
    candidate_.reset();
    trial_ = 0;
    for (const auto& [key, worker] : workers_) worker->outdated = true;
    drain(trial);
    parts_.core.logger().info("workers are replaced by the program as it is now");
}

void WorkerHost::refuse_candidate(const std::string& why) {
    candidate_.reset();
    trial_ = 0;
    refused_ = Error{.code = ErrorCode::Conflict,
                     .message = "the program as it is now is no worker for this daemon (" + why +
                                "); it may be of another version"};
    parts_.core.logger().error(refused_->message);
}

}  // namespace periodic
