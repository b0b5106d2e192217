// What a dead executor left that can't be ended, and an executor that lives on.

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include "base/process_table.hpp"
#include "base/this_machine.hpp"
#include "executor_fixture.hpp"
#include "fake_clock.hpp"
#include "support/forwarding_store.hpp"

namespace periodic::testing {
namespace {

/// Counts the looks for orphans.
class CountingStore final : public ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;

    std::vector<Job> running_of_others(std::int64_t generation) override {
        ++looks;
        return ForwardingStore::running_of_others(generation);
    }

    std::atomic<int> looks = 0;
};

/// The executor is a child of what the job left: who has started an executor is not ended by it.
class OrphansTest : public ExecutorTest {
protected:
    // Runs what is given in a process whose parent is one more, and lives until it is let go.
    template <class Body>
    [[nodiscard]] bool in_a_child_of_what_was_left(Body body) {
        std::array<int, 2> go{};
        std::array<int, 2> done{};
        if (::pipe(go.data()) != 0 || ::pipe(done.data()) != 0) return false;
        const pid_t left = ::fork();
        if (left == 0) {
            ::setpgid(0, 0);
            const pid_t executor = ::fork();
            if (executor == 0) {
                let_go_ = go[1];
                body();
                const char word = HasFailure() ? 'n' : 'y';
                (void)!::write(done[1], &word, 1);
                std::_Exit(0);
            }
            char word = 0;
            ::close(go[1]);
            (void)!::read(go[0], &word, 1);
            std::_Exit(0);
        }
        ::close(done[1]);
        ::close(go[1]);
        char word = 0;
        (void)!::read(done[0], &word, 1);
        ::kill(-left, SIGKILL);
        ::waitpid(left, nullptr, 0);
        return word == 'y';
    }

    // A job whose executor is dead, and whose program is this process's parent.
    JobId add_orphan(JobStore& store, Time now) {
        const std::int64_t generation =
            store.begin_generation({.host = this_host(), .process = this_process()});
        store.end_generation(generation, now, "test");
        Job job;
        job.task = "t";
        job.group = "g";
        job.created = now;
        job.available = now;
        const JobId id = store.add(job, "test").id;
        Turn turn;
        turn.claims.push_back({.owner = generation, .worker = 1, .now = now, .limit = 1});
        EXPECT_EQ(store.turn(turn).claimed.size(), 1U);
        const auto parent = read_process(::getppid()).value();
        std::string line = std::to_string(id) + ".1 " + std::to_string(parent.pid) + ' ' +
                           std::to_string(parent.start_ticks) + ' ' + this_boot_id() + ' ' +
                           std::to_string(parent.session);
        line.resize(127, ' ');
        home_.write("var/processes." + std::to_string(generation), line + '\n');
        return id;
    }

    // Its parent ends, and is no more than a zombie.
    void let_go() const {
        const pid_t parent = ::getppid();
        ::close(let_go_);
        const auto is_alive = [parent] {
            const auto process = read_process(parent);
            return process && process->is_alive();
        };
        while (is_alive()) std::this_thread::sleep_for(1ms);
    }

    int let_go_ = -1;
};

TEST_F(OrphansTest, AreTriedAgainAndAgainAndReportedOnce) {
    EXPECT_TRUE(in_a_child_of_what_was_left([this] {
        std::filesystem::create_directory(home_.path("var"));
        home_.task("t", "<command type=\"log\">x</command>");
        const auto clock = std::make_shared<FakeClock>();
        const auto counted = std::make_shared<CountingStore>(store());
        const JobId id = add_orphan(*counted, clock->now());
        ExecutorOptions options;
        options.home = home_.path();
        options.commands = commands_;
        options.logger = make_null_logger();
        options.clock = clock;
        options.store = counted;
        auto executor = Executor::create(std::move(options)).value();
        const JobId next = executor.jobs().add("t", {}, {.group = "g"}).value();
        std::jthread thread(
            [&](const std::stop_token& stop) { EXPECT_EQ(executor.run(stop)->lost, 1); });
        const auto pass = [&](std::chrono::seconds time) {
            for (; time > 0s; time -= 1s) clock->advance(1s);
            clock->settle();
        };
        const auto reports = [&] {
            const auto events = events_of(id);
            return std::count(events.begin(), events.end(), "blocked");
        };
        clock->settle();
        EXPECT_EQ(counted->looks, 1);
        EXPECT_EQ(reports(), 1);
        pass(9s);
        EXPECT_EQ(counted->looks, 1);
        pass(1s);
        EXPECT_EQ(counted->looks, 2);
        pass(20s);
        EXPECT_EQ(counted->looks, 4);
        EXPECT_EQ(reports(), 1) << "not each time";
        EXPECT_EQ(store()->find(id, Time())->state, JobState::Running);
        EXPECT_EQ(store()->find(next, Time())->state, JobState::Queued) << "its group stays taken";
        let_go();
        pass(10s);
        EXPECT_EQ(counted->looks, 5);
        EXPECT_EQ(store()->find(id, Time())->reason, Reason::Lost);
        EXPECT_EQ(executor.jobs().wait(next, 60s)->state, JobState::Succeeded);
        pass(60s);
        EXPECT_EQ(counted->looks, 5) << "there is nothing left to look for";
    }));
}

}  // namespace
}  // namespace periodic::testing
