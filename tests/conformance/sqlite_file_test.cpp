#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <future>
#include <random>
#include <span>

#include <sys/stat.h>

#include "conformance/store_fixture.hpp"
#include "store/sqlite/disk.hpp"
#include "store/sqlite/schema.hpp"

namespace periodic {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Kind = StorageError::Kind;

class SqliteFile : public testing::Test {
protected:
    std::unique_ptr<JobStore> open() { return open_sqlite_store({.path = path_}); }

    void run_sql(const std::string& script) {
        sqlite::Database(path_, std::chrono::seconds(5)).execute(script);
    }

    static void expect_error(const std::function<void()>& action, Kind kind,
                             const std::string& text) {
        try {
            action();
            FAIL() << "no error";
        } catch (const StorageError& error) {
            EXPECT_EQ(error.kind(), kind) << error.what();
            EXPECT_THAT(error.what(), HasSubstr(text));
        }
    }

    static mode_t mode_of(const std::string& path) {
        struct stat status {};
        EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 0777U;
    }

    TemporaryDirectory directory_{};
    std::string path_ = directory_.file("periodic.db");
};

TEST_F(SqliteFile, KeepsEverythingWhenItIsOpenedAgain) {
    open()->add(job_of("t"), "somebody");
    const auto store = open();
    EXPECT_EQ(store->find(1, kNow)->task, "t");
    EXPECT_EQ(store->add(job_of("t"), "somebody").id, 2);
}

TEST_F(SqliteFile, KeepsWhatAStoreThatAddedNoJobsLeftInTheLog) {
    static_cast<void>(open());
    const auto first = open()->begin_generation({.host = "first"});
    EXPECT_GT(std::filesystem::file_size(path_ + "-wal"), 0U)
        << "closing did not wait for the disk";
    {
        const auto store = open();
        EXPECT_EQ(store->find_generation(first)->host, "first");
        store->end_generation(first, kNow, "done");
    }
    EXPECT_EQ(open()->find_generation(first)->end_reason, "done");
}

TEST_F(SqliteFile, HasAllInTheDatabaseItselfWhenAStoreThatAddedJobsIsClosed) {
    static_cast<void>(open()->begin_generation({}));
    open()->add(job_of("t"), "somebody");
    EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
}

TEST_F(SqliteFile, DoesNotLeaveALongLog) {
    open()->begin_generation({.host = std::string(400'000, 'x')});
    EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
}

TEST_F(SqliteFile, IsPrivateWhateverTheUmask) {
    for (const mode_t mask : {mode_t{0}, mode_t{0777}}) {
        const TemporaryDirectory directory;
        const std::string path = directory.file("periodic.db");
        const mode_t old = umask(mask);
        const auto store = open_sqlite_store({.path = path});
        store->add(job_of("t"), "somebody");
        umask(old);
        for (const char* suffix : {"", "-wal", "-shm"})
            EXPECT_EQ(mode_of(path + suffix), 0600U) << suffix;
    }
}

TEST_F(SqliteFile, LeavesNothingElseInItsDirectory) {
    open()->add(job_of("t"), "somebody");
    const auto two = open();
    for (const auto& file : std::filesystem::directory_iterator(directory_.path())) {
        EXPECT_THAT(file.path().filename().string(), testing::StartsWith("periodic.db"));
        EXPECT_LE(file.path().filename().string().size(), std::string("periodic.db-wal").size());
    }
}

TEST_F(SqliteFile, OfANewerVersionIsRefusedAndLeftAlone) {
    open();
    run_sql("PRAGMA user_version = 99");
    expect_error([&] { open(); }, Kind::Newer, path_ + " has version 99, made by a newer Periodic");
    EXPECT_EQ(sqlite::Database(path_, std::chrono::seconds(5)).integer("PRAGMA user_version"), 99);
}

TEST_F(SqliteFile, OfAnotherProgramIsRefusedAndLeftAlone) {
    directory_.write("periodic.db", "");
    run_sql("CREATE TABLE theirs (x)");
    expect_error([&] { open(); }, Kind::Corrupt, "is a database, but not a store of Periodic");
    run_sql("DROP TABLE theirs; PRAGMA application_id = 5");
    expect_error([&] { open(); }, Kind::Corrupt, "is a database, but not a store of Periodic");
    EXPECT_EQ(sqlite::Database(path_, std::chrono::seconds(5))
                  .integer("SELECT count(*) FROM sqlite_schema"),
              0);
}

TEST_F(SqliteFile, ThatIsNoDatabaseIsRefused) {
    directory_.write("periodic.db", "<html>" + std::string(10'000, 'x'));
    expect_error([&] { open(); }, Kind::Corrupt, path_);
}

TEST_F(SqliteFile, ThatWasCutIsNotTakenForANewOne) {
    open()->add(job_of("t"), "somebody");
    for (const std::uintmax_t size : {1U, 0U}) {
        std::filesystem::resize_file(path_, size);
        expect_error([&] { open(); }, Kind::Corrupt, "has been cut to");
        EXPECT_EQ(std::filesystem::file_size(path_), size);
    }
    std::filesystem::remove(path_);
    EXPECT_EQ(open()->count({}), 0) << "who removes it wants a new one";
}

TEST_F(SqliteFile, ThatIsGoneIsNotReplacedWhileItsLogIsThere) {
    static_cast<void>(open()->begin_generation({.host = "first"}));
    ASSERT_TRUE(std::filesystem::exists(path_ + "-wal"));
    std::filesystem::remove(path_);
    expect_error([&] { open(); }, Kind::Corrupt, "is gone, but its log");
    EXPECT_FALSE(std::filesystem::exists(path_));
    std::filesystem::remove(path_ + "-wal");
    EXPECT_EQ(open()->count({}), 0);
}

TEST_F(SqliteFile, CanDoWithoutAWriteAheadLog) {
    open()->add(job_of("t"), "somebody");
    const auto store = open_sqlite_store({.path = path_, .allow_network_disk = true});
    store->add(job_of("t"), "somebody");
    EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
    EXPECT_EQ(store->count({}), 2);
}

TEST_F(SqliteFile, ThatIsDamagedIsRefusedClearly) {
    {
        const auto store = open();
        for (int i = 0; i < 50; ++i) store->add(job_of("t"), "somebody");
    }
    ASSERT_FALSE(std::filesystem::exists(path_ + "-wal"));
    std::string bytes = directory_.read("periodic.db");
    // Every page but the first, which says what it is.
    std::fill(bytes.begin() + 4096, bytes.end(), '\x5A');
    directory_.write("periodic.db", bytes);
    expect_error(
        [&] {
            const auto store = open();
            static_cast<void>(store->page({}, kNow));
        },
        Kind::Corrupt, "damaged");
}

TEST_F(SqliteFile, ThatIsCutShortIsRefusedClearly) {
    {
        const auto store = open();
        for (int i = 0; i < 50; ++i) store->add(job_of("t"), "somebody");
    }
    std::filesystem::resize_file(path_, 8192);
    expect_error(
        [&] {
            const auto store = open();
            static_cast<void>(store->page({}, kNow));
            store->add(job_of("t"), "somebody");
        },
        Kind::Corrupt, path_);
}

TEST_F(SqliteFile, ThatIsDeletedInUseTakesNothingMore) {
    const auto store = open();
    store->add(job_of("t"), "somebody");
    std::filesystem::remove(path_);
    expect_error([&] { store->add(job_of("t"), "somebody"); }, Kind::Other,
                 "was deleted or replaced");
}

TEST_F(SqliteFile, ThatIsReplacedInUseTakesNothingMore) {
    const auto store = open();
    store->add(job_of("t"), "somebody");
    {
        const auto other = open_sqlite_store({.path = directory_.file("other.db")});
        other->add(job_of("u"), "somebody");
    }
    std::filesystem::rename(directory_.file("other.db"), path_);
    expect_error([&] { store->add(job_of("t"), "somebody"); }, Kind::Other,
                 "was deleted or replaced");
}

TEST_F(SqliteFile, OfWhichTheLogIsDeletedInUseTakesNothingMore) {
    const auto store = open();
    store->add(job_of("t"), "somebody");
    std::filesystem::remove(path_ + "-wal");
    expect_error([&] { store->begin_generation({}); }, Kind::Other,
                 "periodic.db-wal was deleted or replaced");
}

TEST_F(SqliteFile, NeedsADirectoryThatItCanWriteTo) {
    expect_error(
        [&] {
            static_cast<void>(open_sqlite_store({.path = directory_.file("none/periodic.db")}));
        },
        Kind::Other, directory_.file("none") + ": No such file or directory");
    std::filesystem::create_directory(directory_.file("periodic.db"));
    expect_error([&] { open(); }, Kind::Other, path_);
}

TEST_F(SqliteFile, WithoutAWriteAheadLogKeepsJobsToo) {
    {
        const auto store = open_sqlite_store({.path = path_, .allow_network_disk = true});
        store->begin_generation({});
        store->add(job_of("t"), "somebody");
        EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
    }
    open()->add(job_of("t"), "somebody");
    const auto back = open_sqlite_store({.path = path_, .allow_network_disk = true});
    EXPECT_EQ(back->count({}), 2);
    EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
}

TEST_F(SqliteFile, HeldTooLongIsBusy) {
    const auto store =
        open_sqlite_store({.path = path_, .busy_timeout = std::chrono::milliseconds(1)});
    store->add(job_of("t"), "somebody");
    sqlite::Database other(path_, std::chrono::seconds(5));
    const sqlite::Transaction held(other);
    expect_error([&] { store->add(job_of("t"), "somebody"); }, Kind::Busy,
                 "another process holds it");
    EXPECT_EQ(store->count({}), 1) << "reading goes on";
}

TEST_F(SqliteFile, ForbidsTwoRunningJobsOfAGroupByItself) {
    const auto store = open();
    Job job = job_of("t");
    job.group = "g";
    store->add(job, "somebody");
    store->add(job, "somebody");
    run_sql("UPDATE job SET state = 2 WHERE id = 1");
    EXPECT_THROW(run_sql("UPDATE job SET state = 2 WHERE id = 2"), StorageError);
    EXPECT_NO_THROW(
        run_sql("UPDATE job SET state = 3 WHERE id = 1; UPDATE job SET state = 2 WHERE id = 2"));
}

TEST_F(SqliteFile, ForbidsTwoUnfinishedJobsOfAKeyByItself) {
    const auto store = open();
    Job job = job_of("t");
    job.key = "a";
    store->add(job, "somebody");
    job.key = "b";
    store->add(job, "somebody");
    EXPECT_THROW(run_sql("UPDATE job SET key = 'a' WHERE id = 2"), StorageError);
}

TEST_F(SqliteFile, TellsOfChangesByOthers) {
    const auto store = open();
    const auto other = open();
    std::int64_t seen = store->version();
    other->add(job_of("t"), "somebody");
    EXPECT_NE(store->version(), seen);
    seen = store->version();
    EXPECT_EQ(store->version(), seen);
    auto waited = std::async(std::launch::async, [&] {
        return store->wait_for_change(seen, std::chrono::minutes(1), {});
    });
    EXPECT_EQ(store->count({}), 1) << "the store is usable meanwhile";
    other->add(job_of("t"), "somebody");
    EXPECT_NE(waited.get(), seen);
}

TEST_F(SqliteFile, ATransactionWithoutAChangeIsNone) {
    const auto store = open();
    const std::int64_t seen = store->version();
    Turn turn;
    turn.claims = {{.owner = 1, .worker = 1, .now = kNow, .limit = 5}};
    store->turn(turn);
    EXPECT_EQ(store->version(), seen);
}

// Whatever happens to a job, it stands where the lists look for it.
TEST_F(SqliteFile, KeepsEachJobOnItsShelf) {
    const auto store = open();
    std::mt19937 random(1);
    const auto below = [&random](int limit) {
        return std::uniform_int_distribution(0, limit - 1)(random);
    };
    for (int i = 0; i < 300; ++i) {
        EntryPlan plan{.id = 1 + below(5), .mark = mark(1, 1)};
        plan.mark->id = plan.id;
        for (const EntryMark& mark : store->entry_marks()) {
            if (mark.id == plan.id) plan.seen = mark;
        }
        Job job = occurrence(plan.id, i, static_cast<Overlap>(below(4)));
        if (below(4) == 0) job.state = JobState::Skipped;
        if (below(3) == 0) job.available = kNow + std::chrono::milliseconds(i + 5);
        plan.jobs = {job};
        static_cast<void>(store->plan({plan}, kNow + std::chrono::milliseconds(i), "planner"));
        Turn turn;
        turn.claims = {{.owner = 1,
                        .worker = 1,
                        .now = kNow + std::chrono::milliseconds(i),
                        .limit = below(3)}};
        for (const Job& running : store->running_of(1)) {
            static constexpr JobState kEnds[] = {JobState::Succeeded, JobState::Failed,
                                                 JobState::Queued};
            if (below(2) == 0) turn.settlements.push_back(end_of(running, kEnds[below(3)]));
        }
        store->turn(turn);
        store->change({{1 + below(i + 1), static_cast<JobAction>(below(5)), {}, "ada"}}, kNow);
    }
    sqlite::Database database(path_, std::chrono::seconds(5));
    EXPECT_EQ(database.integer("SELECT count(*) FROM job WHERE shelf <>"
                               " CASE state WHEN 2 THEN 1 ELSE state END"),
              0);
    EXPECT_GT(database.integer("SELECT count(DISTINCT state) FROM job"), 4)
        << "the work was too idle to show anything";
}

// The statements below follow the plan that the indexes are for; a full scan would say SCAN.
TEST_F(SqliteFile, LooksUpWhatAClaimNeeds) {
    const auto store = open();
    sqlite::Database database(path_, std::chrono::seconds(5));
    for (const char* query :
         {"SELECT id FROM job WHERE state = 1 AND topic = 'a' AND priority = 0 AND available <= 9"
          " AND (available, id) > (1, 2) ORDER BY available, id LIMIT 9",
          "SELECT lane FROM job INDEXED BY job_lane WHERE state = 1 AND topic = 'a' AND lane > 5"
          " ORDER BY lane, priority DESC, available, id LIMIT 1",
          "SELECT 1 FROM job WHERE state = 2 AND group_name = 'g'",
          "SELECT count(*) FROM job WHERE state = 2 AND task = 't' AND concurrency_value = 'v'",
          "SELECT 1 FROM job WHERE entry = 1 AND state < 3 AND id >= 1 AND id < 9 LIMIT 1",
          "SELECT id FROM job WHERE key = 'k' AND state < 3",
          "SELECT id FROM job WHERE state = 2 AND asked <> 0 AND owner = 1",
          "SELECT id FROM job WHERE state = 1 AND serial < 0 AND available <= 9",
          "SELECT id FROM job WHERE topic = 'a' AND task = 't' AND shelf = 3 AND id > 5 AND id < 9"
          " ORDER BY id DESC LIMIT 50",
          "SELECT id FROM job WHERE group_name = 'g' AND shelf = 3 AND id < 9 ORDER BY id LIMIT 50",
          "SELECT id FROM job WHERE phase = 'p' AND shelf = 3 AND id < 9 ORDER BY id LIMIT 50",
          "SELECT id FROM job WHERE key = 'k' AND shelf = 3 AND id < 9 ORDER BY id LIMIT 50",
          "SELECT kind FROM pause WHERE ended IS NULL AND kind = 1",
          "SELECT id FROM job WHERE state >= 3 AND task = 't' AND (state = 5) = 1"
          " AND (finished, id) <= (5, 5) ORDER BY finished, id LIMIT 5"}) {
        auto plan = database.prepare("EXPLAIN QUERY PLAN " + std::string(query));
        std::string text;
        while (plan.step()) text += plan.text(3) + "\n";
        EXPECT_THAT(text, AllOf(HasSubstr("SEARCH"), testing::Not(HasSubstr("SCAN")),
                                testing::Not(HasSubstr("TEMP B-TREE"))))
            << query;
    }
}

class Migration : public SqliteFile {};

TEST_F(Migration, CarriesOutTheStepsThatAreMissingInOrder) {
    directory_.write("periodic.db", "");
    sqlite::Database database(path_, std::chrono::seconds(5));
    const std::array<const char*, 3> steps{"CREATE TABLE a (x); INSERT INTO a VALUES (1)",
                                           "ALTER TABLE a ADD COLUMN y DEFAULT 7",
                                           "UPDATE a SET x = x + y"};
    sqlite::migrate(database, std::span(steps).first(1));
    EXPECT_EQ(database.integer("PRAGMA user_version"), 1);
    EXPECT_EQ(database.integer("PRAGMA application_id"), sqlite::kApplicationId);
    sqlite::migrate(database, steps);
    EXPECT_EQ(database.integer("PRAGMA user_version"), 3);
    EXPECT_EQ(database.integer("SELECT x FROM a"), 8);
    sqlite::migrate(database, steps);
    EXPECT_EQ(database.integer("SELECT x FROM a"), 8) << "done steps are not done again";
    expect_error([&] { sqlite::migrate(database, std::span(steps).first(2)); }, Kind::Newer,
                 "version 3");
}

TEST_F(Migration, IsUndoneWholeIfAStepFails) {
    directory_.write("periodic.db", "");
    sqlite::Database database(path_, std::chrono::seconds(5));
    const std::array<const char*, 3> steps{"CREATE TABLE a (x)", "CREATE TABLE b (x)",
                                           "INSERT INTO none VALUES (1)"};
    sqlite::migrate(database, std::span(steps).first(1));
    EXPECT_THROW(sqlite::migrate(database, steps), StorageError);
    EXPECT_EQ(database.integer("PRAGMA user_version"), 1);
    EXPECT_EQ(database.integer("SELECT count(*) FROM sqlite_schema"), 1);
}

struct DiskCase {
    std::int64_t type;
    const char* name;
};

TEST(NetworkDisk, IsToldByItsNumber) {
    for (const auto& [type, name] :
         std::vector<DiskCase>{{0x6969, "NFS"},
                               {0xFF534D42, "CIFS"},
                               {static_cast<std::int32_t>(0xFF534D42), "CIFS"},
                               {0xFE534D42, "SMB2"},
                               {0x01021997, "9p"},
                               {0x00C36400, "Ceph"},
                               {0x0BD00BD0, "Lustre"},
                               {0x01161970, "GFS2"},
                               {0xEF53, ""},
                               {0x01021994, ""},
                               {0x58465342, ""},
                               {0x794C7630, ""}}) {
        EXPECT_EQ(sqlite::network_file_system(type), name) << type;
    }
}

TEST(NetworkDisk, IsToldByTheTypeOfAFuseMount) {
    for (const char* remote : {"fuse.sshfs", "fuse.s3fs", "fuse.glusterfs", "fuse"}) {
        EXPECT_TRUE(sqlite::is_remote_fuse(remote)) << remote;
    }
    for (const char* local : {"fuseblk", "fuse.fuse-overlayfs", "ext4", ""}) {
        EXPECT_FALSE(sqlite::is_remote_fuse(local)) << local;
    }
}

TEST(NetworkDisk, IsNotWhereTestsAreKept) {
    const TemporaryDirectory directory;
    EXPECT_NO_THROW(sqlite::refuse_network_disk(directory.file("periodic.db")));
}

}  // namespace
}  // namespace periodic
