#include "store/sqlite/checkpointer.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "temporary_directory.hpp"

namespace periodic {
namespace {

using sqlite::Checkpointer;
using sqlite::Database;

constexpr int kLong = 20;

class CheckpointerOf : public testing::Test {
protected:
    CheckpointerOf()
        : path_(directory_.write("log.db", "")),
          database_(path_, std::chrono::seconds(5)),
          checkpointer_(path_, in_use_, kLong) {
        database_.execute("PRAGMA journal_mode = WAL; CREATE TABLE n (text TEXT)");
        database_.watch_log([this](int pages) {
            began_anew_ = began_anew_ || pages < pages_;
            pages_ = pages;
            checkpointer_.note(pages);
        });
    }

    // Some pages.
    void write() {
        const std::lock_guard lock(in_use_);
        write_held();
    }
    void write_held() {
        database_.run("INSERT INTO n VALUES (?1)", std::string(10'000, 'x'));
        ++rows_;
    }

    // Writes until the log has begun anew; false if it never does.
    bool write_until_it_begins_anew() {
        began_anew_ = false;
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!began_anew_ && std::chrono::steady_clock::now() < limit) write();
        return began_anew_;
    }

    TemporaryDirectory directory_;
    std::string path_;
    std::mutex in_use_;
    Database database_;
    Checkpointer checkpointer_;
    int pages_ = 0;
    bool began_anew_ = false;
    std::int64_t rows_ = 0;
};

TEST_F(CheckpointerOf, LetsALongLogBeginAnewAgainAndAgain) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(write_until_it_begins_anew()) << i;
    EXPECT_EQ(database_.integer("SELECT count(*) FROM n"), rows_);
}

TEST_F(CheckpointerOf, GoesOnWhenAReaderThatNeededTheLogHasGone) {
    {
        Database reader(path_, std::chrono::seconds(5));
        reader.execute("BEGIN");
        EXPECT_EQ(reader.integer("SELECT count(*) FROM n"), 0);
        while (pages_ < 10 * kLong) write();
        EXPECT_FALSE(began_anew_) << "the reader would have lost what it looks at";
        EXPECT_EQ(reader.integer("SELECT count(*) FROM n"), 0);
    }
    EXPECT_TRUE(write_until_it_begins_anew());
    EXPECT_EQ(database_.integer("SELECT count(*) FROM n"), rows_);
}

// Those who change the store without a rest let it have its turn, or the log would grow for ever.
TEST_F(CheckpointerOf, IsGivenWayByThoseWhoWrite) {
    std::unique_lock lock(in_use_);
    while (pages_ < 2 * kLong) write_held();
    std::atomic<std::int64_t> passed = 0;
    const std::jthread other([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            checkpointer_.give_way();
            ++passed;
        }
    });
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    bool waits = false;
    while (!waits && std::chrono::steady_clock::now() < limit) {
        const std::int64_t before = passed;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        waits = passed == before;
    }
    EXPECT_TRUE(waits);
    lock.unlock();
    const std::int64_t before = passed;
    while (passed == before && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    EXPECT_GT(passed, before);
    EXPECT_TRUE(write_until_it_begins_anew());
}

TEST_F(CheckpointerOf, SurvivesAStoreThatItCannotOpen) {
    Checkpointer elsewhere(directory_.file("missing/log.db"), in_use_, kLong);
    for (int i = 0; i < 100; ++i) elsewhere.note(kLong * i);
    write();
    EXPECT_EQ(database_.integer("SELECT count(*) FROM n"), rows_);
}

}  // namespace
}  // namespace periodic
