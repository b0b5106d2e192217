// One `run` of a home that kills itself with SIGKILL at a chosen point:
//
//     crash_run HOME [POINT [NTH]]
//
// A point is `before` or `after` a call that changes something: `before-plan`, `after-turn`,
// `before-start` (of a program), and so on; NTH says at which such call, from 1.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "periodic/executor.hpp"
#include "support/forwarding_store.hpp"

namespace periodic::testing {
namespace {

/// Counts the calls of one point and kills the process at the chosen one.
class CrashPoint {
public:
    CrashPoint(std::string name, int nth) : name_(std::move(name)), left_(nth) {}

    void pass(const char* when, const char* what) {
        const std::lock_guard guard(mutex_);
        if (name_ != std::string(when) + '-' + what || --left_ != 0) return;
        ::kill(::getpid(), SIGKILL);
    }

private:
    std::mutex mutex_;
    std::string name_;
    int left_;
};

class CrashingStore final : public ForwardingStore {
public:
    CrashingStore(std::shared_ptr<JobStore> inner, CrashPoint& point)
        : ForwardingStore(std::move(inner)), point_(point) {}

    std::int64_t begin_generation(const Generation& owner) override {
        point_.pass("before", "generation");
        const auto id = ForwardingStore::begin_generation(owner);
        point_.pass("after", "generation");
        return id;
    }
    PlanResult plan(const std::vector<EntryPlan>& plans, Time now, std::string_view by) override {
        point_.pass("before", "plan");
        auto result = ForwardingStore::plan(plans, now, by);
        point_.pass("after", "plan");
        return result;
    }
    TurnResult turn(const Turn& turn) override {
        point_.pass("before", "turn");
        if (!turn.settlements.empty()) point_.pass("before", "settle");
        auto result = ForwardingStore::turn(turn);
        if (!result.claimed.empty()) point_.pass("after", "claim");
        if (!turn.settlements.empty()) point_.pass("after", "settle");
        point_.pass("after", "turn");
        return result;
    }
    void end_generation(std::int64_t id, Time at, std::string_view reason) override {
        point_.pass("before", "end");
        ForwardingStore::end_generation(id, at, reason);
        point_.pass("after", "end");
    }

private:
    CrashPoint& point_;
};

class CrashingLauncher final : public ProcessLauncher {
public:
    CrashingLauncher(std::unique_ptr<ProcessLauncher> inner, CrashPoint& point)
        : inner_(std::move(inner)), point_(point) {}

    Result<std::unique_ptr<Process>> start(const ProcessSpec& spec) override {
        point_.pass("before", "start");
        auto process = inner_->start(spec);
        point_.pass("after", "start");
        return process;
    }

private:
    std::unique_ptr<ProcessLauncher> inner_;
    CrashPoint& point_;
};

int crash_run(const std::string& home, const std::string& point_name, int nth) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::mkdir((home + "/var").c_str(), 0700);
    CrashPoint point(point_name, nth);
    ExecutorOptions options;
    options.home = home;
    options.commands = builtin_commands();
    options.logger = make_null_logger();
    options.kind = "run";
    options.store = std::make_shared<CrashingStore>(
        open_sqlite_store({.path = home + "/var/periodic.db"}), point);
    options.launcher =
        std::make_shared<CrashingLauncher>(make_process_launcher({.adopts_strays = true}), point);
    auto executor = Executor::create(std::move(options));
    if (!executor) {
        std::fprintf(stderr, "%s\n", to_string(executor.error()).c_str());
        return 78;
    }
    const auto report = executor->run();
    if (!report) return 70;
    std::printf("planned %ld ran %ld lost %ld\n", static_cast<long>(report->planned),
                static_cast<long>(report->ran), static_cast<long>(report->lost));
    return report->locked ? 75 : 0;
}

}  // namespace
}  // namespace periodic::testing

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: crash_run HOME [POINT [NTH]]\n");
        return 2;
    }
    return periodic::testing::crash_run(argv[1], argc > 2 ? argv[2] : "",
                                        argc > 3 ? std::atoi(argv[3]) : 1);
}
