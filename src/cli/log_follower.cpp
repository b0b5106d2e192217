#include "cli/log_follower.hpp"

#include <chrono>

#include "cli/job_document.hpp"
namespace periodic::cli {
namespace {

constexpr std::chrono::seconds kLookAgain{1};
constexpr int kBatch = 1000;

// Where a job is; empty where it says nothing of it.
std::string progress_text(const Job& job) {
    if (job.state != JobState::Running || (job.progress == 0 && job.message.empty())) return {};
    std::string text = "job " + std::to_string(job.id) + ": " + std::to_string(job.progress) + " %";
    return job.message.empty() ? text : text + "  " + job.message;
}

std::int64_t last_line(const Jobs& jobs, JobId id) {
    std::int64_t last = 0;
    while (true) {
        const auto lines = jobs.log(id, last);
        if (lines.empty()) return last;
        last = lines.back().seq;
    }
}

}  // namespace

LogFollower::LogFollower(Session& session, Jobs& jobs, const Job& job, Into into)
    : session_(session),
      jobs_(jobs),
      id_(job.id),
      into_(into),
      clock_(session.clock()),
      last_(job.claim == 0 ? 0 : last_line(jobs, job.id)),
      progress_(session) {
    thread_ = std::jthread([this](const std::stop_token& stop) { follow(stop); });
}

void LogFollower::finish() {
    thread_.request_stop();
    thread_.join();
    print_new_lines();
    progress_.clear();
}

void LogFollower::follow(const std::stop_token& stop) {
    std::int64_t seen = 0;
    try {
        while (!stop.stop_requested()) {
            print_new_lines();
            show_state();
            seen = jobs_.wait_for_change(seen, kLookAgain, stop);
        }
    } catch (const StorageError&) {
        return;  // the run meets the same and says it; `finish` tries once more
    }
}

void LogFollower::print_new_lines() {
    while (true) {
        const auto lines = jobs_.log(id_, last_, kBatch);
        if (!lines.empty()) progress_.clear();
        for (const auto& line : lines) {
            into_ == Into::Output ? session_.print(line_text(line))
                                  : session_.complain(line_text(line));
        }
        if (lines.empty()) break;
        last_ = lines.back().seq;
    }
    (void)session_.flush();
}

std::string LogFollower::line_text(const LogLine& line) const {
    const Terminal& terminal = into_ == Into::Output ? session_.out() : session_.err();
    const std::string text = terminal.interactive ? printable(line.text) : line.text;
    if (line.level == LogLevel::Warning) return yellow(terminal, text) + '\n';
    if (line.level == LogLevel::Error) return red(terminal, text) + '\n';
    return text + '\n';
}

void LogFollower::show_state() {
    if (!progress_.is_shown()) return;
    const auto job = jobs_.find(id_);
    progress_.show(job ? progress_text(*job) : std::string());
    if (job && job->state == JobState::Queued && !said_wait_) say_wait(*job);
}

// A job that is begun at once waits for nothing that is worth a line.
void LogFollower::say_wait(const Job& job) {
    const auto now = clock_.steady_now();
    if (!queued_since_) queued_since_ = now;
    const std::string what = waiting_text(job);
    if (now - *queued_since_ < kLookAgain || what.empty()) return;
    said_wait_ = true;
    session_.complain("periodic: job " + std::to_string(job.id) + ' ' + what + '\n');
}

}  // namespace periodic::cli
