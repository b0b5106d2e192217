#include "store/sqlite/commit_group.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include <sys/mount.h>

#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using sqlite::CommitGroup;
using sqlite::Database;
using sqlite::Work;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class CommitGroupOf : public testing::Test {
protected:
    CommitGroupOf()
        : database_(directory_.write("group.db", ""), std::chrono::seconds(5)),
          group_(database_, mutex_,
                 {.before = [this](bool durable) { durable_.push_back(durable); },
                  .after = [this] { ++commits_; }},
                 std::chrono::hours(1)) {
        database_.execute(
            "PRAGMA foreign_keys = ON; CREATE TABLE n (id INTEGER PRIMARY KEY);"
            "CREATE TABLE needs (n INTEGER REFERENCES n(id) DEFERRABLE INITIALLY DEFERRED)");
    }

    void insert(std::int64_t id) { database_.run("INSERT INTO n VALUES (?1)", id); }

    template <class Function>
    void carry_out(const Function& function, bool durable = true) {
        group_.carry_out(Work(function), durable);
    }

    /// Carries out a change, and only when it has begun, and before it ends, the others.
    template <class Function>
    void carry_out_with(const Function& first, std::vector<std::function<void()>> others,
                        bool durable = true) {
        std::vector<std::jthread> threads;
        const auto leader = [&] {
            for (; threads.size() < others.size();) {
                threads.emplace_back(others[threads.size()]);
                while (group_.waiting() < threads.size()) std::this_thread::yield();
            }
            first();
        };
        carry_out(leader, durable);
    }

    std::vector<std::int64_t> numbers() {
        const std::lock_guard lock(mutex_);
        std::vector<std::int64_t> numbers;
        auto rows = database_.query("SELECT id FROM n ORDER BY id");
        while (rows.step()) numbers.push_back(rows.integer(0));
        return numbers;
    }

    TemporaryDirectory directory_{};
    Database database_;
    std::mutex mutex_{};
    std::vector<bool> durable_{};
    int commits_ = 0;
    CommitGroup group_;
};

TEST_F(CommitGroupOf, OneCommitsAlone) {
    carry_out([&] { insert(1); });
    carry_out([&] { insert(2); });
    EXPECT_THAT(numbers(), ElementsAre(1, 2));
    EXPECT_EQ(commits_, 2);
}

TEST_F(CommitGroupOf, ThoseWhoComeMeanwhileShareTheTransaction) {
    std::atomic<int> answered = 0;
    std::vector<std::function<void()>> others;
    for (int i = 2; i <= 5; ++i) {
        others.emplace_back([&, i] {
            carry_out([&] { insert(i); });
            ++answered;
        });
    }
    carry_out_with(
        [&] {
            EXPECT_EQ(answered, 0) << "nobody is answered before the commit";
            insert(1);
        },
        others);
    EXPECT_THAT(numbers(), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_EQ(answered, 4);
    EXPECT_EQ(commits_, 1);
}

TEST_F(CommitGroupOf, OneThatThrowsUndoesItselfAlone) {
    std::vector<std::function<void()>> others;
    std::atomic<int> thrown = 0;
    for (int i = 2; i <= 5; ++i) {
        others.emplace_back([&, i] {
            try {
                carry_out([&] {
                    insert(i);
                    if (i % 2 == 0) throw std::invalid_argument("even");
                });
            } catch (const std::invalid_argument& error) {
                EXPECT_STREQ(error.what(), "even");
                ++thrown;
            }
        });
    }
    carry_out_with([&] { insert(1); }, others);
    EXPECT_THAT(numbers(), ElementsAre(1, 3, 5));
    EXPECT_EQ(thrown, 2);
    EXPECT_EQ(commits_, 1);
}

TEST_F(CommitGroupOf, TheFirstThatThrowsDoesNotHoldTheOthersBack) {
    EXPECT_THROW(carry_out_with([] { throw std::invalid_argument("first"); },
                                {[&] { carry_out([&] { insert(2); }); }}),
                 std::invalid_argument);
    EXPECT_THAT(numbers(), ElementsAre(2));
    carry_out([&] { insert(3); });
    EXPECT_THAT(numbers(), ElementsAre(2, 3));
}

TEST_F(CommitGroupOf, ACommitThatFailsFailsAllAlike) {
    std::vector<std::string> errors(3);
    const auto try_it = [&](std::size_t at, const std::function<void()>& change) {
        try {
            change();
        } catch (const StorageError& error) {
            errors[at] = error.what();
        }
    };
    try_it(0, [&] {
        carry_out_with([&] { insert(1); },
                       {[&] { try_it(1, [&] { carry_out([&] { insert(2); }); }); },
                        [&] {
                            try_it(2, [&] {
                                carry_out([&] { database_.run("INSERT INTO needs VALUES (99)"); });
                            });
                        }});
    });
    EXPECT_THAT(errors[0], HasSubstr("FOREIGN KEY"));
    EXPECT_EQ(errors[1], errors[0]);
    EXPECT_EQ(errors[2], errors[0]);
    EXPECT_THAT(numbers(), ElementsAre());
    EXPECT_EQ(commits_, 0);
    carry_out([&] { insert(3); });
    EXPECT_THAT(numbers(), ElementsAre(3));
}

TEST_F(CommitGroupOf, WhatMustBeDurableWaitsForATransactionThatIs) {
    carry_out_with([&] { insert(1); },
                   {[&] { carry_out([&] { insert(2); }, true); },
                    [&] { carry_out([&] { insert(3); }, false); }},
                   false);
    EXPECT_THAT(numbers(), ElementsAre(1, 2, 3));
    EXPECT_THAT(durable_, ElementsAre(false, true));
    durable_.clear();
    carry_out_with([&] { insert(4); }, {[&] { carry_out([&] { insert(5); }, false); }}, true);
    EXPECT_THAT(durable_, ElementsAre(true)) << "what need not be may be all the same";
}

class ManyCallers : public testing::Test {
protected:
    static constexpr int kCallers = 8;

    TemporaryDirectory directory_{};
};

TEST_F(ManyCallers, AreEachAnsweredWithWhatIsKept) {
    const std::string path = directory_.file("periodic.db");
    const auto store = open_sqlite_store({.path = path});
    const auto witness = open_sqlite_store({.path = path});
    const JobId there = store->add(job_of("there"), "ada").id;
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> threads;
        for (int caller = 0; caller < kCallers; ++caller) {
            threads.emplace_back([&, caller] {
                for (int i = 0; i < 40; ++i) {
                    if (caller == 0) {  // a turn that is wrong, after it wrote a line
                        Turn turn;
                        turn.claims = {{.owner = 1, .worker = 1, .now = kNow, .limit = 0}};
                        Settlement& end = turn.settlements.emplace_back();
                        end.job.id = there;
                        end.job.state = JobState::Idle;
                        try {
                            store->turn(turn);
                        } catch (const std::invalid_argument&) {
                            ++refused;
                        }
                        continue;
                    }
                    Job job = job_of("t");
                    job.comment = std::to_string(caller) + ' ' + std::to_string(i);
                    const JobId id = store->add(job, "ada").id;
                    const auto kept = witness->find(id, kNow);
                    ASSERT_TRUE(kept) << "what was answered is there for others";
                    ASSERT_EQ(kept->comment, job.comment);
                }
            });
        }
    }
    EXPECT_EQ(refused, 40);
    EXPECT_EQ(store->count({.task = "t"}), (kCallers - 1) * 40);
}

TEST_F(ManyCallers, KeepWhatWasAnsweredWhenTheDiskIsFull) {
    const std::string disk = directory_.file("disk");
    std::filesystem::create_directory(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=2m,mode=755") != 0) {
        GTEST_SKIP() << "can't mount a small file system: " << std::strerror(errno);
    }
    std::atomic<std::int64_t> accepted = 0;
    std::atomic<int> failed = 0;
    {
        const auto store = open_sqlite_store({.path = disk + "/periodic.db"});
        {
            std::vector<std::jthread> threads;
            for (int caller = 0; caller < kCallers; ++caller) {
                threads.emplace_back([&] {
                    try {
                        for (int i = 0; i < 20'000; ++i) {
                            Job job = job_of("t");
                            job.comment = std::string(500, 'x');
                            store->add(job, "ada");
                            ++accepted;
                        }
                    } catch (const StorageError& error) {
                        EXPECT_EQ(error.kind(), StorageError::Kind::Full) << error.what();
                        ++failed;
                    }
                });
            }
        }
        EXPECT_EQ(failed, kCallers) << "the disk was full in truth";
        EXPECT_EQ(store->count({}), accepted);
    }
    {
        const auto again = open_sqlite_store({.path = disk + "/periodic.db"});
        EXPECT_EQ(again->count({}), accepted);
    }
    ::umount2(disk.c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace periodic
