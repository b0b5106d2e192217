#include <array>
#include <atomic>
#include <csignal>
#include <iostream>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;

/// A child process that runs a function and exits 0, or 1 after an exception.
class Child {
public:
    template <class Function>
    explicit Child(Function function) : pid_(fork()) {
        if (pid_ != 0) return;
        try {
            function();
        } catch (const std::exception& error) {
            std::cerr << error.what() << '\n';
            _exit(1);
        }
        _exit(0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ > 0) {
            kill();
            wait();
        }
    }

    void kill() const { ::kill(pid_, SIGKILL); }

    int wait() {
        int status = 0;
        waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    pid_t pid_;
};

/// Numbers that a child shares with its parent, also when it is killed.
class Ledger {
public:
    static constexpr std::size_t kSize = 1U << 20U;

    Ledger()
        : numbers_(static_cast<std::atomic<std::int64_t>*>(
              mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;
    ~Ledger() { munmap(numbers_, kSize); }

    std::atomic<std::int64_t>& operator[](std::size_t index) { return numbers_[index]; }

private:
    std::atomic<std::int64_t>* numbers_;
};

TEST(SqliteProcess, KilledInTheMiddleOfCommitsLosesNothingThatItAccepted) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("periodic.db");
    std::mt19937 random(std::random_device{}());
    JobId last_known = 0;
    for (int round = 0; round < 12; ++round) {
        Ledger ledger;
        Child child([&] {
            const auto store = open_sqlite_store({.path = path});
            for (;;) {
                ledger[0] = store->add(job_of("t"), "child").id;
                Turn turn;
                turn.claims = {{.owner = 1, .worker = 1, .now = kNow, .limit = 1}};
                const auto claimed = store->turn(turn).claimed;
                ledger[1] = claimed.at(0).id;
                Turn end;
                end.settlements.push_back(end_of(claimed[0], JobState::Succeeded));
                store->turn(end);
                ledger[2] = claimed[0].id;
            }
        });
        const std::int64_t enough = last_known + 3 + static_cast<std::int64_t>(random() % 20U);
        while (ledger[2] < enough) std::this_thread::yield();
        for (auto spin = random() % 200'000U; spin > 0; --spin) static_cast<void>(ledger[0].load());
        child.kill();
        EXPECT_EQ(child.wait(), 128 + SIGKILL);

        const auto store = open_sqlite_store({.path = path});
        const auto added = store->find(ledger[0], kNow);
        ASSERT_TRUE(added.has_value()) << "job " << ledger[0] << " was accepted";
        const auto claimed = store->find(ledger[1], kNow);
        ASSERT_TRUE(claimed.has_value());
        EXPECT_GE(claimed->claim, 1) << "job " << ledger[1] << " was claimed";
        for (JobId id = last_known + 1; id <= ledger[2]; ++id) {
            const auto job = store->find(id, kNow);
            ASSERT_TRUE(job.has_value()) << id;
            EXPECT_EQ(job->state, JobState::Succeeded) << id;
            EXPECT_EQ(store->attempts(id).size(), 1U) << id;
        }
        // What was in the air is settled, so that the next round starts clean.
        for (Job& job : store->page({.states = {JobState::Running, JobState::Queued}}, kNow)) {
            Turn turn;
            if (job.state == JobState::Queued) {
                turn.claims = {{.owner = 1, .worker = 1, .now = kNow, .limit = 1, .only = job.id}};
                job = store->turn(turn).claimed.at(0);
            }
            Turn end;
            end.settlements.push_back(end_of(job, JobState::Failed, Reason::Lost));
            EXPECT_TRUE(store->turn(end).late.empty());
        }
        last_known = store->page({.limit = 1}, kNow).at(0).id;
    }
}

TEST(SqliteProcess, OnAFullDiskSaysSoAndUndoesTheWhole) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("periodic.db");
    Ledger ledger;
    Child child([&] {
        signal(SIGXFSZ, SIG_IGN);
        const auto store = open_sqlite_store({.path = path});
        store->add(job_of("before"), "child");
        const rlimit limit{.rlim_cur = 300'000, .rlim_max = 300'000};
        setrlimit(RLIMIT_FSIZE, &limit);
        for (;;) {
            try {
                ledger[0] = store->add(job_of("t"), "child").id;
            } catch (const StorageError& error) {
                ledger[1] = error.kind() == StorageError::Kind::Full ? 1 : 2;
                break;
            }
        }
        // Reading goes on, and so does the connection.
        ledger[2] = store->count({});
        try {
            store->add(job_of("t"), "child");
        } catch (const StorageError& error) {
            ledger[3] = error.kind() == StorageError::Kind::Full ? 1 : 2;
        }
        _exit(0);  // without closing, as a killed process
    });
    ASSERT_EQ(child.wait(), 0);
    EXPECT_EQ(ledger[1], 1);
    EXPECT_EQ(ledger[2], ledger[0]);
    EXPECT_EQ(ledger[3], 1);
    const auto store = open_sqlite_store({.path = path});
    EXPECT_EQ(store->count({}), ledger[0]);
    EXPECT_EQ(store->add(job_of("after"), "somebody").id, ledger[0] + 1);
}

TEST(SqliteProcess, ManyMakeTheStoreAtOnce) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("periodic.db");
    {
        std::array<std::optional<Child>, 12> children;
        for (auto& child : children) {
            child.emplace([&] {
                const auto store = open_sqlite_store({.path = path});
                store->begin_generation({.host = "h"});
                store->add(job_of("t"), "child");
            });
        }
        for (auto& child : children) EXPECT_EQ(child->wait(), 0);
    }
    EXPECT_EQ(open_sqlite_store({.path = path})->count({}), 12);
}

TEST(SqliteProcess, TwoPlannersMakeOneJobOfEachOccurrence) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("periodic.db");
    static_cast<void>(open_sqlite_store({.path = path}));
    constexpr int kOccurrences = 60;
    const auto plan_all = [&] {
        const auto store = open_sqlite_store({.path = path});
        for (int at = 1; at <= kOccurrences;) {
            const auto marks = store->entry_marks();
            EntryPlan plan;
            plan.id = 7;
            if (!marks.empty()) plan.seen = marks[0];
            plan.mark = mark(7, at);
            plan.jobs.push_back(occurrence(7, at, Overlap::Allow));
            // Where the other one was faster it is planned again.
            if (store->plan({plan}, kNow, "planner").stale == 0) ++at;
        }
    };
    {
        Child one(plan_all);
        Child two(plan_all);
        EXPECT_EQ(one.wait(), 0);
        EXPECT_EQ(two.wait(), 0);
    }
    const auto store = open_sqlite_store({.path = path});
    const auto jobs = store->page({.limit = 1'000, .newest_first = false}, kNow);
    ASSERT_EQ(jobs.size(), static_cast<std::size_t>(kOccurrences));
    std::set<std::chrono::sys_seconds> scheduled;
    for (const Job& job : jobs) scheduled.insert(*job.scheduled);
    EXPECT_EQ(scheduled.size(), jobs.size());
}

TEST(SqliteProcess, TwoExecutorsClaimEachJobOnce) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("periodic.db");
    constexpr int kJobs = 100;
    {
        const auto store = open_sqlite_store({.path = path});
        std::vector<EntryPlan> plans;
        for (int i = 1; i <= kJobs; ++i) {
            EntryPlan& plan = plans.emplace_back();
            plan.id = i;
            plan.jobs = {occurrence(i, 1, Overlap::Allow)};
            plan.jobs[0].group = "group-" + std::to_string(i % 3);
        }
        ASSERT_EQ(store->plan(plans, kNow, "planner").inserted, kJobs);
    }
    Ledger ledger;  // by job, how often it was claimed; before that, by group, how many ran at once
    const auto work = [&](std::int64_t owner) {
        const auto store = open_sqlite_store({.path = path});
        while (ledger[0] < kJobs) {
            Turn turn;
            turn.claims = {{.owner = owner, .worker = owner, .now = kNow, .limit = 2}};
            for (const Job& job : store->turn(turn).claimed) {
                const auto group = static_cast<std::size_t>(job.group.back() - '0') + 1;
                if (ledger[group].fetch_add(1) != 0) ledger[9] = 1;
                ledger[10 + static_cast<std::size_t>(job.id)].fetch_add(1);
                ledger[group].fetch_sub(1);
                Turn end;
                end.settlements.push_back(end_of(job, JobState::Succeeded));
                if (store->turn(end).late.empty()) ledger[0].fetch_add(1);
            }
        }
    };
    {
        Child one([&] { work(1); });
        Child two([&] { work(2); });
        EXPECT_EQ(one.wait(), 0);
        EXPECT_EQ(two.wait(), 0);
    }
    EXPECT_EQ(ledger[9], 0) << "two of one group ran at once";
    for (int id = 1; id <= kJobs; ++id)
        EXPECT_EQ(ledger[10 + static_cast<std::size_t>(id)], 1) << id;
}

TEST(SqliteThreads, MayShareAStore) {
    const TemporaryDirectory directory;
    const auto store = open_sqlite_store({.path = directory.file("periodic.db")});
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 20; ++n) {
                const JobId id = store->add(job_of("t"), "thread").id;
                EXPECT_TRUE(store->find(id, kNow).has_value());
            }
        });
    }
    threads.clear();
    EXPECT_EQ(store->count({}), 80);
}

}  // namespace
}  // namespace periodic
