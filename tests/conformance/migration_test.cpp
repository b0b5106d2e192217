#include <string>

#include "base/sha256.hpp"
#include "conformance/store_fixture.hpp"
#include "store/sqlite/schema.hpp"

namespace periodic {
namespace {

using sqlite::Database;
using testing::ElementsAre;

/// A store of the first version with jobs in it, opened by this one.
class FirstVersion : public testing::Test {
protected:
    FirstVersion() {
        Database database(directory_.write("periodic.db", ""), std::chrono::seconds(5));
        sqlite::migrate(database, sqlite::migrations().first(1));
        fill(database);
    }

    // As the first version wrote them: one of each state, then many that are over.
    static void fill(Database& database) {
        for (int state = 0; state < 8; ++state) {
            const bool is_final = state >= 3;
            database.run(
                "INSERT INTO job (state, task, group_name, topic, priority, available, lane, claim,"
                " owner, worker, asked, entry, serial, concurrency, concurrency_value, key, phase,"
                " reason, attempt, max_attempts, crashes, scheduled, created, started, finished)"
                " VALUES (?1, 't', ?2, 'default', 2, ?3, 77, ?4, ?5, 4242, 0, NULL, 0, 0, '', ?6,"
                " 'sending', 0, 1, 1, 0, NULL, ?3, ?3, ?7)",
                state, "group-" + std::to_string(state), kNow, state >= 2 ? 1 : 0,
                state == 2 ? 1 : 0, "key-" + std::to_string(state),
                is_final ? std::optional(kNow) : std::nullopt);
            database.run(
                "INSERT INTO job_detail VALUES (?1, 2, 0, 0, NULL, '', 0, 60, NULL, NULL, 0, 3, 50,"
                " 4, 6, '', '', 'code', 'message', 'comment', '', '', '{\"n\":1}', '')",
                state + 1);
            database.run("INSERT INTO event VALUES (?1, 1, ?2, 'created', 'ada', '')", state + 1,
                         kNow);
        }
        // Another task in the same lane, as they were when a lane had no task.
        database.execute(
            "INSERT INTO job SELECT 9, state, 'u', 'group-9', topic, 1, available, lane, 0, 0, 0, "
            "0,"
            " NULL, 0, 0, '', NULL, NULL, 0, 1, 1, 0, NULL, created, NULL, NULL FROM job"
            " WHERE id = 2;"
            "INSERT INTO job_detail SELECT 9, 2, 0, 0, NULL, '', 0, NULL, NULL, NULL, 0, NULL, 0, "
            "0,"
            " 0, '', '', '', '', '', '', '', '', '';"
            "INSERT INTO log VALUES (4, 1, 5, 2, 0, 'line'); "
            "INSERT INTO response VALUES (4, 1, 'answer');"
            "INSERT INTO attempt VALUES (4, 1, 1, 'sending', 1, 4242, 0, 5, 6, 3, 0, 0, '');"
            "INSERT INTO occurrence VALUES (5, 1600000001, 4);"
            "INSERT INTO entry VALUES (5, 1600000001, 0, 'definition');"
            "UPDATE job_detail SET parent = 4 WHERE id IN (6, 7);"
            "INSERT INTO generation (host, pid, start_ticks, boot_id, kind, started)"
            " VALUES ('here', 1, 2, 'boot', 'run', 5)");
        database.execute(
            "WITH RECURSIVE i(id) AS (VALUES (10) UNION ALL SELECT id + 1 FROM i WHERE id < 3000)"
            "INSERT INTO job SELECT id, 3, 'old', NULL, 'default', 0, 1, 1, 1, 0, 1, 0, NULL, 0, 0,"
            " '', NULL, NULL, 0, 1, 1, 0, NULL, id * 1000, 1, 1 FROM i;"
            "INSERT INTO job_detail SELECT id, 2, 0, 0, NULL, '', 0, NULL, NULL, NULL, 0, NULL, 0,"
            " 0, 0, '', '', '', '', '', '', '', '', '' FROM job WHERE id > 9");
    }

    std::unique_ptr<JobStore> open() {
        return open_sqlite_store({.path = directory_.file("periodic.db")});
    }

    TemporaryDirectory directory_{};
};

TEST(ReleasedSteps, AreNeverChanged) {
    EXPECT_EQ(sha256(sqlite::migrations()[0]),
              "b86e7fc5af246d30581fcd2b5d46cc869ba38c4074058edc478b696b41a625c6");
    EXPECT_EQ(sha256(sqlite::migrations()[1]),
              "418064eaff8bb2c64bfaa98cffb099d9e5ae831be09009b1e46e74e730d31cc9");
}

TEST_F(FirstVersion, LosesNothing) {
    const auto store = open();
    EXPECT_EQ(store->count({}), 3'000);
    for (int state = 0; state < 8; ++state) {
        const auto job = store->find(state + 1, kNow);
        ASSERT_TRUE(job) << state;
        EXPECT_EQ(job->state, static_cast<JobState>(state));
        EXPECT_EQ(job->group, "group-" + std::to_string(state));
        EXPECT_EQ(job->key, "key-" + std::to_string(state));
        EXPECT_EQ(job->phase, "sending");
        EXPECT_EQ(job->parameters, (Values{{"n", Value("1", Value::Kind::Integer)}}));
        EXPECT_EQ(job->comment, "comment");
        EXPECT_EQ(store->events(job->id).size(), 1U);
    }
    EXPECT_EQ(store->log(4, 0, 9).size(), 1U);
    EXPECT_EQ(store->response(4), "answer");
    EXPECT_EQ(store->attempts(4).size(), 1U);
    EXPECT_EQ(store->entry_marks(), std::vector{mark(5, 1)});
    EXPECT_EQ(store->find_generation(1)->host, "here");
    EXPECT_EQ(store->running_of(1).size(), 1U);
    EXPECT_EQ(store->add(job_of("t"), "ada").id, 3'001);
    EXPECT_EQ(Database(directory_.file("periodic.db"), std::chrono::seconds(5))
                  .integer("PRAGMA user_version"),
              3);
}

TEST_F(FirstVersion, IsListedByEachFilter) {
    const auto store = open();
    const auto list = [&](const JobFilter& filter) { return ids_of(store->page(filter, kNow)); };
    for (int state = 0; state < 8; ++state) {
        const JobFilter filter{.task = "t", .states = {static_cast<JobState>(state)}};
        EXPECT_THAT(list(filter), ElementsAre(state + 1));
        EXPECT_THAT(list({.group = "group-" + std::to_string(state)}), ElementsAre(state + 1));
        EXPECT_THAT(list({.key = "key-" + std::to_string(state)}), ElementsAre(state + 1));
    }
    EXPECT_THAT(list({.created_before = Time(std::chrono::seconds(12))}), ElementsAre(11, 10));
    EXPECT_THAT(
        list({.task = "old", .below = 2'000, .created_after = Time(std::chrono::seconds(1'997))}),
        ElementsAre(1'999, 1'998));
    EXPECT_EQ(list({.phase = "sending"}).size(), 8U);
}

TEST_F(FirstVersion, KnowsTheChildrenOfItsJobs) {
    const auto store = open();
    EXPECT_EQ(store->children(4, 9).count, 2);
    EXPECT_THAT(store->children(4, 9).newest, ElementsAre(7, 6));
    EXPECT_EQ(store->children(0, 9).count, 0) << "all the others";
}

TEST_F(FirstVersion, GoesOnFromTheSecondToo) {
    {
        Database database(directory_.file("periodic.db"), std::chrono::seconds(5));
        sqlite::migrate(database, sqlite::migrations().first(2));
        EXPECT_EQ(database.integer("PRAGMA user_version"), 2);
    }
    const auto store = open();
    EXPECT_EQ(store->count({}), 3'000);
    EXPECT_THAT(store->children(4, 9).newest, ElementsAre(7, 6));
    EXPECT_EQ(Database(directory_.file("periodic.db"), std::chrono::seconds(5))
                  .integer("SELECT count(*) FROM sqlite_schema WHERE name = 'job_children'"),
              1);
}

TEST_F(FirstVersion, ItsJobsAreClaimedThoughATaskIsPaused) {
    static_cast<void>(open());
    const auto store = sqlite::open_store({.path = directory_.file("periodic.db")}, 0);
    store->pause({.scope = {PauseScope::Kind::Task, "t"}, .since = kNow});
    Turn turn;
    turn.claims = {{.owner = 2, .worker = 1, .now = kNow, .limit = 5}};
    EXPECT_THAT(ids_of(store->turn(turn).claimed), ElementsAre(9));
    store->resume({PauseScope::Kind::Task, "t"}, kNow, "ada");
    EXPECT_THAT(ids_of(store->turn(turn).claimed), ElementsAre(2));
}

}  // namespace
}  // namespace periodic
