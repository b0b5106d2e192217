// Workers that die as soon as they start.

#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "periodic/run_observer.hpp"
#include "worker_fixture.hpp"

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// Hears what happens to the executor.
class Listener final : public RunObserver {
public:
    void begin(const RunParts& /*parts*/) override {}
    void started(const Job& /*job*/, const Task* /*task*/) override {}
    void settled(const Settlement& /*settlement*/, const Task* /*task*/) override {}
    std::optional<Time> look(Time /*now*/) override { return std::nullopt; }
    void end() override {}
    void happened(std::string_view event, std::string_view message) override {
        const std::lock_guard guard(mutex_);
        if (event == "crash-loop") heard_.emplace_back(message);
    }

    std::vector<std::string> heard() {
        const std::lock_guard guard(mutex_);
        return heard_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> heard_;
};

class CrashLoop : public WorkerTest {
protected:
    void adjust(ExecutorOptions& options) override { options.observer = listener_; }

    std::string problem() { return host_.load()->status().pools.at(0).problem; }

    std::shared_ptr<Listener> listener_ = std::make_shared<Listener>();
};

TEST_F(CrashLoop, IsToldOnceAndShownByStatus) {
    program_ = "/bin/false";
    start();
    EXPECT_TRUE(comes([this] { return !listener_->heard().empty(); }));
    EXPECT_EQ(listener_->heard().front(),
              "workers of default died at once, 3 times in a row: exit code 1, pid " +
                  listener_->heard().front().substr(listener_->heard().front().rfind(' ') + 1));
    EXPECT_THAT(problem(), HasSubstr("times in a row: exit code 1"));
    stop();
    EXPECT_LE(listener_->heard().size(), 2U) << "not each time";
    EXPECT_EQ(report_.ran, 0) << "it ends, though it has no worker";
}

TEST_F(CrashLoop, IsOverWhenAWorkerWorks) {
    ::setenv("WORKER_DIES_WITHOUT", home_.path("mended").c_str(), 1);
    start();
    EXPECT_TRUE(comes([this] { return !problem().empty(); }));
    home_.write("mended", "");
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded);
    EXPECT_EQ(problem(), "");
    ::unsetenv("WORKER_DIES_WITHOUT");
}

TEST_F(CrashLoop, ForWantOfDescriptorsIsOverWhenThereAreSome) {
#ifdef PERIODIC_SANITIZED
    GTEST_SKIP() << "a sanitizer needs descriptors to look at an exception";
#endif
    ::setenv("WORKER_DIES_WITHOUT", home_.path("mended").c_str(), 1);
    start();
    EXPECT_TRUE(comes([this] { return !problem().empty(); }));
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = 3;
    ::setrlimit(RLIMIT_NOFILE, &none);
    const bool was_told = comes([this] { return problem().find("socket") != std::string::npos; });
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_TRUE(was_told) << problem();
    home_.write("mended", "");
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded);
    ::unsetenv("WORKER_DIES_WITHOUT");
}

TEST_F(WorkerTest, SettlesWhatADeadOneLeftOnceItCanReadWhatThatWas) {
#ifdef PERIODIC_SANITIZED
    GTEST_SKIP() << "a sanitizer needs descriptors to look at an exception";
#endif
    start();
    const JobId id = add("<command type='test.until-stopped'/>");
    ASSERT_TRUE(comes([&] { return find(id).message == "waiting"; }));
    const std::int64_t pid = only_worker();
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = 3;
    ::setrlimit(RLIMIT_NOFILE, &none);
    ::kill(static_cast<pid_t>(pid), SIGKILL);
    EXPECT_TRUE(comes([this] { return host_.load()->status().processes.empty(); }));
    EXPECT_EQ(find(id).state, JobState::Running);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(ended(id).reason, Reason::Lost);
}

TEST_F(CrashLoop, ThatJobsMakeIsTheJobsMatter) {
    start();
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(ended(add("<command type='test.crash'/>")).reason, Reason::Lost);
    EXPECT_TRUE(listener_->heard().empty());
    EXPECT_EQ(problem(), "");
}

}  // namespace
}  // namespace periodic::testing
