// Jobs: adding one, and adding to what one says.

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/utf8.hpp"
#include "periodic/jobs.hpp"
#include "run/append_request.hpp"
#include "run/control.hpp"
#include "run/executor_core.hpp"
#include "run/log_lines.hpp"
#include "run/new_job.hpp"
#include "store/job_changes.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;

// Between the end of an attempt and its being on record neither its executor nor the store takes
// more: this long that is waited for.
constexpr milliseconds kPatienceWithEnd{5000};
constexpr milliseconds kBetweenTries{5};
constexpr milliseconds kPatienceWithHolder{2000};
// Of a task that does not load any more.
constexpr std::uint64_t kUsualLogLimit = std::uint64_t{10} << 20U;

/// Adds to one job, wherever its words have to go at the moment.
class Appending {
public:
    Appending(ExecutorCore& core, JobId id) : core_(core), id_(id) {}

    Result<void> add(AppendRequest request) {
        request.id = id_;
        const auto limit = core_.clock().steady_now() + kPatienceWithEnd;
        while (true) {
            auto job = core_.store().find(id_, core_.clock().now());
            if (!job) {
                return failure(ErrorCode::NotFound, no_such_job(id_));
            }
            if (job->state != JobState::Running) {
                if (auto fits = check_limit(*job, request); !fits) return fits;
                if (to_store(request)) return {};
            } else if (to_executor(request)) {
                return {};
            }
            if (core_.clock().steady_now() >= limit) {
                return failure(
                    ErrorCode::Conflict,
                    "job " + std::to_string(id_) + " is running, and its executor can't be reached",
                    "try again when it has ended");
            }
            std::this_thread::sleep_for(kBetweenTries);
        }
    }

private:
    [[nodiscard]] Result<void> check_limit(const Job& job, const AppendRequest& request) const {
        const auto after = [&request](std::int64_t bytes) {
            return static_cast<std::uint64_t>(bytes) + request.text.size();
        };
        if (!request.level) {
            if (after(job.response_bytes) <= kLongestResponse) return {};
            return failure(ErrorCode::Conflict, "the response would be longer than 16 MiB");
        }
        const auto task = core_.tasks().find(job.task);
        if (after(job.log_bytes) <= (task ? (*task)->log_limit : kUsualLogLimit)) return {};
        return failure(ErrorCode::Conflict, "the log would be longer than its limit",
                       "<logLimit> of the task " + job.task);
    }

    [[nodiscard]] bool to_store(const AppendRequest& request) const {
        if (!request.level) return core_.store().append(id_, {}, request.text);
        std::vector<LogLine> lines;
        for_each_log_line(request.text, [&](std::string_view text) {
            lines.push_back(
                {.time = core_.clock().now(), .level = *request.level, .text = std::string(text)});
        });
        return core_.store().append(id_, lines, {});
    }

    [[nodiscard]] bool to_executor(const AppendRequest& request) const {
        return ask_holder(core_.home().state, to_line(request), kPatienceWithHolder) == kAdded;
    }

    ExecutorCore& core_;
    JobId id_;
};

}  // namespace

Result<JobId> Jobs::add(std::string_view task, Values parameters, const JobOptions& options) {
    const auto job =
        new_job(core_->tasks(), core_->clock().now(), task, std::move(parameters), options);
    if (!job) return Failure(job.error());
    const JobId id = core_->store().add(*job, options.by.empty() ? "library" : options.by).id;
    if (!options.idle) core_->tell("look");
    return id;
}

Result<std::vector<JobId>> Jobs::add_all(std::string_view task, std::vector<Values> parameters,
                                         const JobOptions& options) {
    const auto found = core_->tasks().find(task);
    if (!found) return Failure(found.error());
    std::vector<Job> jobs;
    jobs.reserve(parameters.size());
    for (Values& values : parameters) {
        auto job = new_job(**found, core_->clock().now(), std::move(values), options);
        if (!job) {
            job.error().message =
                "job " + std::to_string(jobs.size() + 1) + " of these: " + job.error().message;
            return Failure(job.error());
        }
        jobs.push_back(std::move(*job));
    }
    auto ids = core_->store().add_all(jobs, options.by.empty() ? "library" : options.by);
    if (!options.idle && !ids.empty()) core_->tell("look");
    return ids;
}

Result<void> Jobs::append_log(JobId id, std::string_view text, LogLevel level) {
    Appending appending(*core_, id);
    Result<void> done;
    // As many whole lines at once as fit.
    std::string piece;
    const auto send = [&] {
        done = appending.add({.level = level, .text = std::exchange(piece, {})});
    };
    for_each_log_line(text, [&](std::string_view line) {
        if (!done) return;
        if (!piece.empty() && piece.size() + line.size() >= kLongestAddition) send();
        if (!done) return;
        if (!piece.empty()) piece += '\n';
        piece += line;
    });
    if (done) send();
    return done;
}

Result<void> Jobs::append_response(JobId id, std::string_view bytes) {
    Appending appending(*core_, id);
    do {
        const std::string_view piece = bytes.substr(0, utf8_cut(bytes, kLongestAddition));
        bytes.remove_prefix(piece.size());
        auto done = appending.add({.text = std::string(piece)});
        if (!done) return done;
    } while (!bytes.empty());
    return {};
}

}  // namespace periodic
