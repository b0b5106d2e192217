#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::ValuesIn;

class SettleOf : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, SettleOf, ValuesIn(all_stores()), store_name);

TEST_P(SettleOf, WritesTheJobAsItEnded) {
    const JobId id = add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Failed, Reason::Exit, kNow + 5s);
    Job& job = end.job;
    job.phase = "sending";
    job.attempt = 3;
    job.max_attempts = 4;
    job.crashes = 1;
    job.missed = 2;
    job.progress = 50;
    job.parameters = {{"n", "2"}};
    job.attributes = {{"a", "b"}};
    job.comment = "comment";
    job.interval_seconds = 60;
    job.result_code = "already-exists";
    job.message = "message";
    job.error = "exit code 3";
    job.error_detail = "the last lines";
    job.first_failed = kNow + 1s;
    job.last_failed = kNow + 5s;
    job.pid = 77;
    job.exit_code = 3;
    job.task_digest = "digest";
    job.priority = 8;
    Turn turn;
    turn.settlements.push_back(end);
    EXPECT_TRUE(store().turn(turn).late.empty());
    job.owner = 0;
    EXPECT_EQ(find(id), job);
    EXPECT_EQ(store().events(id).back(), end.event);
}

TEST_P(SettleOf, KeepsWhatAJobIsBornWith) {
    Job born = job_of("t");
    born.group = "g";
    born.topic = "mail";
    born.key = "k";
    born.zone = "Europe/Berlin";
    born.concurrency = 3;
    born.parent = 5;
    born.overlap = Overlap::Wait;
    born.on_lost = OnLost::Retry;
    const JobId id = add(born);
    const Job claimed = claim(1).at(0);
    Job forged = job_of("forged");
    forged.id = id;
    forged.claim = claimed.claim;
    settle(forged, JobState::Succeeded);
    const Job job = find(id);
    EXPECT_EQ(std::tie(job.task, job.group, job.topic, job.key, job.zone),
              std::tie(born.task, born.group, born.topic, born.key, born.zone));
    EXPECT_EQ(std::tie(job.concurrency, job.parent, job.overlap, job.on_lost),
              std::tie(born.concurrency, born.parent, born.overlap, born.on_lost));
    EXPECT_EQ(job.worker, kWorker);
}

TEST_P(SettleOf, PutsAJobBackIntoTheQueue) {
    const JobId id = add(job_of("t"));
    Job job = claim(1).at(0);
    job.available = kNow + 30s;
    job.attempt = 2;
    settle(job, JobState::Queued, Reason::Exit);
    EXPECT_EQ(find(id).finished, std::nullopt);
    EXPECT_EQ(find(id).reason, Reason::Exit);
    EXPECT_TRUE(claim(1).empty());
    EXPECT_EQ(claim(1, kNow + 30s).at(0).attempt, 2);
}

TEST_P(SettleOf, FillsInTheTimeOfTheEnd) {
    add(job_of("t"));
    add(job_of("t"));
    auto jobs = claim(2);
    Settlement done = end_of(jobs.at(0), JobState::Succeeded, Reason::None, kNow + 2s);
    done.job.finished.reset();
    Settlement again = end_of(jobs.at(1), JobState::Queued, Reason::None, kNow + 2s);
    again.job.available.reset();
    Turn turn;
    turn.settlements = {done, again};
    store().turn(turn);
    EXPECT_EQ(find(1).finished, kNow + 2s);
    EXPECT_EQ(find(2).available, kNow + 2s);
}

TEST_P(SettleOf, KeepsEachAttempt) {
    Job job = job_of("t");
    job.phase = "registered";
    const JobId id = add(job);
    Job first = claim(1).at(0);
    first.available = kNow;
    first.attempt = 2;
    first.phase = "sending";
    first.pid = 70;
    first.exit_code = 137;
    first.error = "killed";
    settle(first, JobState::Queued, Reason::Exit, kNow + 1s);
    settle(claim(1, kNow + 2s).at(0), JobState::Succeeded, Reason::None, kNow + 3s);
    const auto attempts = store().attempts(id);
    ASSERT_EQ(attempts.size(), 2U);
    const JobAttempt expected{.claim = 1,
                              .attempt = 1,
                              .phase = "registered",
                              .owner = kOwner,
                              .worker = kWorker,
                              .pid = 70,
                              .started = kNow,
                              .ended = kNow + 1s,
                              .state = JobState::Queued,
                              .reason = Reason::Exit,
                              .exit_code = 137,
                              .error = "killed"};
    EXPECT_EQ(attempts[0], expected);
    EXPECT_EQ(attempts[1].claim, 2);
    EXPECT_EQ(attempts[1].attempt, 2);
    EXPECT_EQ(attempts[1].phase, "sending");
    EXPECT_EQ(attempts[1].state, JobState::Succeeded);
    EXPECT_TRUE(store().attempts(99).empty());
}

TEST_P(SettleOf, ComingTooLateIsAnEventAndNothingElse) {
    const JobId id = add(job_of("t"));
    Job first = claim(1).at(0);
    Job back = first;
    back.available = kNow;
    settle(back, JobState::Queued, Reason::Lost);
    const Job other = claim(1).at(0);

    EXPECT_EQ(settle(first, JobState::Failed, Reason::Timeout, kNow + 9s).late, std::vector{id});
    EXPECT_EQ(find(id), other) << "the claim of another is untouched";
    const JobEvent event = store().events(id).back();
    EXPECT_EQ(event.event, "late result");
    EXPECT_EQ(event.time, kNow + 9s);
    EXPECT_THAT(event.detail, HasSubstr("failed (timeout)"));

    settle(other, JobState::Succeeded);
    EXPECT_EQ(settle(other, JobState::Failed).late, std::vector{id}) << "the same result twice";
    EXPECT_EQ(state_of(id), JobState::Succeeded);
    EXPECT_EQ(store().attempts(id).size(), 2U);
}

TEST_P(SettleOf, AJobThatIsGoneIsLate) {
    Job job = job_of("t");
    job.id = 99;
    job.claim = 1;
    EXPECT_EQ(settle(job, JobState::Succeeded).late, std::vector<JobId>{99});
    EXPECT_TRUE(store().events(99).empty());
}

TEST_P(SettleOf, OnlyTheLateOnesOfManyAreLate) {
    add_all(500, job_of("t"));
    auto jobs = claim(500);
    ASSERT_EQ(jobs.size(), 500U);
    Turn turn;
    for (const Job& job : jobs) turn.settlements.push_back(end_of(job, JobState::Succeeded));
    turn.settlements[250].job.claim = 9;
    EXPECT_EQ(store().turn(turn).late, std::vector{jobs[250].id});
    EXPECT_EQ(store().count({.states = {JobState::Succeeded}}), 499);
    EXPECT_EQ(state_of(jobs[250].id), JobState::Running);
}

TEST_P(SettleOf, AWrongEndIsRefusedAndUndoesTheTurn) {
    add(job_of("t"));
    add(job_of("t"));
    const auto jobs = claim(2);
    for (const JobState wrong : {JobState::Idle, JobState::Running, JobState::Skipped}) {
        Turn turn;
        turn.updates.push_back({.id = 1, .claim = 1, .response = "never"});
        turn.settlements = {end_of(jobs[0], JobState::Succeeded), end_of(jobs[1], wrong)};
        try {
            store().turn(turn);
            FAIL() << "running to " << to_string(wrong);
        } catch (const std::invalid_argument& error) {
            EXPECT_THAT(error.what(), HasSubstr("job 2 is running and can't become"));
            EXPECT_THAT(error.what(), HasSubstr(std::string(to_string(wrong))));
        }
        EXPECT_EQ(state_of(1), JobState::Running);
        EXPECT_EQ(store().response(1), "");
    }
}

TEST_P(SettleOf, AJobMayDeleteItself) {
    plan(7, {occurrence(7, 1, Overlap::Allow)});
    const Job job = claim(1).at(0);
    update({.id = 1, .claim = 1, .lines = {{.seq = 1, .text = "line"}}, .response = "response"});
    Turn turn;
    turn.settlements.push_back(end_of(job, JobState::Succeeded));
    turn.settlements[0].delete_job = true;
    EXPECT_TRUE(store().turn(turn).late.empty());
    EXPECT_EQ(store().find(1, kNow), std::nullopt);
    EXPECT_TRUE(store().events(1).empty());
    EXPECT_TRUE(store().log(1, 0, 10).empty());
    EXPECT_EQ(store().response(1), "");
    EXPECT_EQ(plan(7, {occurrence(7, 1, Overlap::Allow)}).refused, 1) << "its occurrence is kept";
}

class LiveUpdateOf : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, LiveUpdateOf, ValuesIn(all_stores()), store_name);

TEST_P(LiveUpdateOf, ShowsWhileTheJobRuns) {
    const JobId id = add(job_of("t"));
    claim(1);
    const LogLine line{.seq = 1,
                       .time = kNow + 1s,
                       .level = LogLevel::Warning,
                       .stream = LogStream::Stderr,
                       .text = std::string("a\0b \xC3\xA4", 6)};
    update({.id = id,
            .claim = 1,
            .lines = {line, {.seq = 2, .text = "next"}},
            .response = "one ",
            .progress = 40,
            .message = "half way",
            .comment = "comment",
            .result_code = "code",
            .attributes = Values{{"a", "b"}},
            .pid = 77});
    update({.id = id, .claim = 1, .response = "two"});
    const Job job = find(id);
    EXPECT_EQ(job.progress, 40);
    EXPECT_EQ(job.message, "half way");
    EXPECT_EQ(job.comment, "comment");
    EXPECT_EQ(job.result_code, "code");
    EXPECT_EQ(job.attributes, (Values{{"a", "b"}}));
    EXPECT_EQ(job.pid, 77);
    EXPECT_EQ(job.log_bytes, 10);
    EXPECT_EQ(job.response_bytes, 7);
    EXPECT_EQ(store().response(id), "one two");
    ASSERT_EQ(store().log(id, 0, 10).size(), 2U);
    EXPECT_EQ(store().log(id, 0, 10)[0], line);
}

TEST_P(LiveUpdateOf, CanEmptyWhatWasSet) {
    Job job = job_of("t");
    job.comment = "old";
    job.attributes = {{"a", "b"}};
    const JobId id = add(job);
    claim(1);
    update({.id = id, .claim = 1, .comment = "", .attributes = Values{}});
    EXPECT_EQ(find(id).comment, "");
    EXPECT_TRUE(find(id).attributes.empty());
}

TEST_P(LiveUpdateOf, CountsOnlyUnderItsClaim) {
    const JobId id = add(job_of("t"));
    const Job job = claim(1).at(0);
    const LiveUpdate wrong{
        .id = id, .claim = 2, .lines = {{.seq = 1, .text = "x"}}, .response = "x", .progress = 9};
    update(wrong);
    EXPECT_EQ(find(id), job);
    settle(job, JobState::Succeeded);
    LiveUpdate late = wrong;
    late.claim = 1;
    update(late);
    EXPECT_EQ(find(id).progress, 0);
    EXPECT_TRUE(store().log(id, 0, 10).empty());
    EXPECT_EQ(store().response(id), "");
}

TEST_P(LiveUpdateOf, ALineThatIsThereIsNotWrittenTwice) {
    const JobId id = add(job_of("t"));
    claim(1);
    for (int i = 0; i < 2; ++i)
        update({.id = id, .claim = 1, .lines = {{.seq = 1, .text = "line"}}});
    EXPECT_EQ(store().log(id, 0, 10).size(), 1U);
    EXPECT_EQ(find(id).log_bytes, 4);
}

TEST_P(LiveUpdateOf, IsWrittenBeforeTheEndOfTheSameTurn) {
    const JobId id = add(job_of("t"));
    const Job job = claim(1).at(0);
    Turn turn;
    turn.updates.push_back({.id = id, .claim = 1, .lines = {{.seq = 1, .text = "last words"}}});
    turn.settlements.push_back(end_of(job, JobState::Succeeded));
    store().turn(turn);
    EXPECT_EQ(store().log(id, 0, 10).size(), 1U);
    EXPECT_EQ(find(id).log_bytes, 10);
}

TEST_P(LiveUpdateOf, TheMiddleOfALongLogIsCutAtTheEnd) {
    const JobId id = add(job_of("t"));
    const Job job = claim(1).at(0);
    LiveUpdate lines{.id = id, .claim = 1};
    for (int seq = 1; seq <= 9; ++seq)
        lines.lines.push_back({.seq = seq, .text = std::to_string(seq)});
    update(lines);
    Turn turn;
    turn.settlements.push_back(end_of(job, JobState::Succeeded));
    turn.settlements[0].cut_after = 3;
    turn.settlements[0].cut_before = 8;
    store().turn(turn);
    std::vector<std::int64_t> left;
    for (const LogLine& line : store().log(id, 0, 100)) left.push_back(line.seq);
    EXPECT_EQ(left, (std::vector<std::int64_t>{1, 2, 3, 8, 9}));
    EXPECT_EQ(find(id).log_bytes, 5);
}

}  // namespace
}  // namespace periodic
