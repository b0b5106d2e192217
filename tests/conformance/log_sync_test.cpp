#include "store/sqlite/log_sync.hpp"

#include <atomic>
#include <cerrno>
#include <future>
#include <memory>
#include <semaphore>
#include <thread>

#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using sqlite::LogSync;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string text_of(const std::exception_ptr& error) {
    if (!error) return "kept";
    try {
        std::rethrow_exception(error);
    } catch (const StorageError& problem) {
        return problem.what();
    }
}

class LogSyncOf : public testing::Test {
protected:
    LogSyncOf() : log_(directory_.write("log", "pages"), [this](int fd) { return sync(fd); }) {}

    // Each sync begins, and ends when it may.
    int sync(int fd) {
        EXPECT_GE(fd, 0);
        ++syncs_;
        begun_.release();
        if (held_) go_on_.acquire();
        if (error_ == 0) return 0;
        errno = error_;
        return -1;
    }

    std::string keep(std::int64_t commit) {
        try {
            log_.keep(commit);
            return "kept";
        } catch (const StorageError& error) {
            EXPECT_EQ(error.kind(), StorageError::Kind::Full);
            return error.what();
        }
    }

    TemporaryDirectory directory_{};
    std::atomic<int> syncs_ = 0;
    std::atomic<int> error_ = 0;
    std::atomic<bool> held_ = false;
    std::counting_semaphore<100> begun_{0};
    std::counting_semaphore<100> go_on_{0};
    LogSync log_;
};

TEST_F(LogSyncOf, ACommitIsKeptByTheSyncAfterIt) {
    EXPECT_EQ(keep(1), "kept");
    EXPECT_EQ(syncs_, 1);
    EXPECT_EQ(keep(1), "kept");
    EXPECT_EQ(syncs_, 1) << "it is on the disk already";
    EXPECT_EQ(keep(2), "kept");
    EXPECT_EQ(syncs_, 2);
}

TEST_F(LogSyncOf, WhoComesDuringASyncIsServedByTheNextWithAllOthers) {
    held_ = true;
    std::vector<std::jthread> callers;
    callers.emplace_back([&] { EXPECT_EQ(keep(1), "kept"); });
    begun_.acquire();
    std::atomic<int> answered = 0;
    for (int commit = 2; commit <= 5; ++commit) {
        callers.emplace_back([&, commit] {
            EXPECT_EQ(keep(commit), "kept");
            ++answered;
        });
    }
    std::this_thread::sleep_for(20ms);  // most of them wait by now; a sync more is no mistake
    EXPECT_EQ(syncs_, 1) << "one at a time";
    held_ = false;
    go_on_.release(1);
    callers.clear();
    EXPECT_EQ(answered, 4);
    EXPECT_LT(syncs_, 5);
}

TEST_F(LogSyncOf, AFailureIsToldToAllUntilItIsMended) {
    EXPECT_EQ(keep(1), "kept");
    error_ = EIO;
    EXPECT_THAT(keep(2), AllOf(HasSubstr(directory_.file("log")), HasSubstr("Input/output error")));
    error_ = 0;
    EXPECT_THAT(keep(2), HasSubstr("Input/output error")) << "a later sync does not make up for it";
    EXPECT_THAT(keep(3), HasSubstr("Input/output error"));
    EXPECT_EQ(syncs_, 2);
    EXPECT_EQ(keep(1), "kept") << "that was before";
    EXPECT_TRUE(log_.is_broken());
    log_.mended(3);
    EXPECT_FALSE(log_.is_broken());
    EXPECT_EQ(keep(3), "kept");
    EXPECT_EQ(syncs_, 2);
    EXPECT_EQ(keep(4), "kept");
    EXPECT_EQ(syncs_, 3);
}

TEST_F(LogSyncOf, ASyncThatIsInterruptedIsDoneAgain) {
    error_ = EINTR;
    std::jthread signal([this] {
        begun_.acquire();
        error_ = 0;
    });
    EXPECT_EQ(keep(1), "kept");
    EXPECT_GE(syncs_, 2);
}

TEST_F(LogSyncOf, WhoDoesNotWaitIsToldOnce) {
    std::promise<std::string> first;
    log_.keep_later(1, [&](const std::exception_ptr& error) { first.set_value(text_of(error)); });
    EXPECT_EQ(first.get_future().get(), "kept");
    error_ = ENOSPC;
    std::promise<std::string> second;
    log_.keep_later(2, [&](const std::exception_ptr& error) { second.set_value(text_of(error)); });
    EXPECT_THAT(second.get_future().get(), HasSubstr("No space left"));
}

TEST(LogSync, TellsEverybodyBeforeItEnds) {
    const TemporaryDirectory directory;
    std::vector<std::int64_t> told;
    {
        LogSync log(directory.write("log", "pages"), [](int) {
            std::this_thread::sleep_for(1ms);
            return 0;
        });
        for (const std::int64_t commit : {1, 2, 3})
            log.keep_later(commit, [&told, commit](const std::exception_ptr& error) {
                EXPECT_EQ(text_of(error), "kept");
                told.push_back(commit);
            });
    }
    EXPECT_THAT(told, ElementsAre(1, 2, 3));
}

TEST(LogSync, NamesALogThatItCantOpen) {
    try {
        const LogSync log("/nowhere/periodic.db-wal");
        FAIL() << "it was opened";
    } catch (const StorageError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("/nowhere/periodic.db-wal"),
                                        HasSubstr("No such file or directory")));
    }
}

// A store on a disk that refuses syncs when told so.
class SyncOfAStore : public testing::Test {
protected:
    std::unique_ptr<JobStore> open() {
        return sqlite::open_store({.path = path_}, 100, [this](int fd) {
            if (!refuses_) return ::fdatasync(fd);
            errno = EIO;
            return -1;
        });
    }
    [[nodiscard]] auto log_size() const { return std::filesystem::file_size(path_ + "-wal"); }

    TemporaryDirectory directory_{};
    std::string path_ = directory_.file("periodic.db");
    std::atomic<bool> refuses_ = false;
};

TEST_F(SyncOfAStore, ThatFailsFailsTheCallAndTheNextOneMendsTheLog) {
    const auto store = open();
    store->add(job_of("first"), "ada");
    refuses_ = true;
    EXPECT_THROW(store->add(job_of("second"), "ada"), StorageError);
    const auto before = log_size();
    refuses_ = false;
    const JobId third = store->add(job_of("third"), "ada").id;
    EXPECT_LT(log_size(), before) << "what a sync has missed is not left in the log";
    EXPECT_EQ(store->find(third, kNow)->task, "third");
    EXPECT_EQ(store->count({}), 3) << "as where an answer is lost: it may be there";
}

TEST_F(SyncOfAStore, ThatFailsIsToldToWhoDidNotWait) {
    const auto store = open();
    store->add(job_of("t"), "ada");
    refuses_ = true;
    Turn turn;
    turn.claims = {{.owner = kOwner, .worker = kWorker, .now = kNow, .limit = 1}};
    std::promise<std::string> told;
    const TurnResult result = store->begin_turn(
        turn, [&](const std::exception_ptr& error) { told.set_value(text_of(error)); });
    EXPECT_EQ(result.claimed.size(), 1U);
    EXPECT_THAT(told.get_future().get(), HasSubstr("Input/output error"));
    EXPECT_EQ(ids_of(store->running_of(kOwner)), std::vector<JobId>{1});
}

TEST_F(SyncOfAStore, IsNotNeededForWhatChangesNothing) {
    const auto store = open();
    store->add(job_of("t"), "ada");
    refuses_ = true;
    EXPECT_TRUE(store->turn({}).claimed.empty());
    EXPECT_EQ(store->change({{99, JobAction::Stop, {}, "ada"}}, kNow).size(), 1U);
    EXPECT_THROW(store->add(job_of("t"), "ada"), StorageError);
}

}  // namespace
}  // namespace periodic
