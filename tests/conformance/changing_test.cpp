#include <set>

#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ValuesIn;

constexpr JobState kStates[] = {JobState::Idle,      JobState::Queued,  JobState::Running,
                                JobState::Succeeded, JobState::Aborted, JobState::Failed,
                                JobState::Stopped,   JobState::Skipped};
constexpr JobAction kActions[] = {JobAction::Start, JobAction::Stop, JobAction::Kill,
                                  JobAction::Retry, JobAction::Edit, JobAction::Delete};

class ChangeOf : public StoreTest {
protected:
    /// Brings a job into a state by the ways that lead there.
    JobId job_in(JobState state, Job job = job_of("t")) {
        if (state == JobState::Idle || state == JobState::Skipped) job.state = state;
        const JobId id = add(job);
        if (state == JobState::Running || (is_final(state) && state != JobState::Skipped)) {
            const auto claimed = claim_only(id);
            EXPECT_EQ(claimed.size(), 1U);
            if (is_final(state)) settle(claimed.at(0), state, Reason::Exit);
        }
        EXPECT_EQ(state_of(id), state);
        return id;
    }

    JobChanged change(JobAction action, JobId id, JobEdit edit = {}, std::string by = "ada") {
        const auto changed = store().change({{id, action, std::move(edit), std::move(by)}}, kLater);
        EXPECT_EQ(changed.size(), 1U);
        return changed.at(0);
    }

    JobEvent last_event(JobId id) { return store().events(id).back(); }

    static constexpr Time kLater = kNow + 10s;
};
INSTANTIATE_TEST_SUITE_P(Stores, ChangeOf, ValuesIn(all_stores()), store_name);

// What a change comes to, written out once more as the tests' own truth: the state afterwards, and
// the event; `gone` for a deleted job, nothing where it is refused.
struct Expected {
    bool possible = false;
    std::optional<JobState> state{};
    std::string event{};
};

Expected expected_of(JobState state, JobAction action) {
    const bool waits = state == JobState::Idle || state == JobState::Queued;
    const bool runs = state == JobState::Running;
    switch (action) {
        case JobAction::Start:
            return state == JobState::Idle ? Expected{true, JobState::Queued, "queued"}
                                           : Expected{};
        case JobAction::Stop:
            if (waits) return {true, JobState::Stopped, "stopped"};
            return runs ? Expected{true, JobState::Running, "stop asked"} : Expected{};
        case JobAction::Kill:
            if (waits) return {true, JobState::Stopped, "killed"};
            return runs ? Expected{true, JobState::Running, "kill asked"} : Expected{};
        case JobAction::Retry:
            return is_final(state) ? Expected{true, JobState::Queued, "retried"} : Expected{};
        case JobAction::Edit:
            return runs ? Expected{} : Expected{true, state, "edited"};
        case JobAction::Delete:
            return runs ? Expected{} : Expected{true, std::nullopt, ""};
    }
    return {};
}

TEST_P(ChangeOf, EachStateByEachActionGoesAsTheTableSays) {
    for (const JobState state : kStates) {
        for (const JobAction action : kActions) {
            SCOPED_TRACE(std::string(to_string(action)) + " of a job that is " +
                         std::string(to_string(state)));
            const JobId id = job_in(state);
            const Job before = find(id);
            const auto events_before = store().events(id);
            const Expected expected = expected_of(state, action);
            const JobChanged changed = change(action, id, {.comment = "new"});

            EXPECT_EQ(changed.id, id);
            EXPECT_EQ(changed.before, state);
            EXPECT_EQ(changed.changed, expected.possible);
            if (!expected.possible) {
                EXPECT_EQ(changed.after, state);
                EXPECT_THAT(changed.message,
                            HasSubstr("job " + std::to_string(id) + " is " +
                                      std::string(to_string(state)) + " and can't be "));
                for (const JobAction other : kActions) {
                    const bool named = expected_of(state, other).possible;
                    const std::string possible = changed.message.substr(changed.message.find(':'));
                    EXPECT_EQ(possible.find(to_string(other)) != std::string::npos, named)
                        << possible;
                }
                EXPECT_EQ(find(id), before);
                EXPECT_EQ(store().events(id), events_before);
                continue;
            }
            EXPECT_EQ(changed.after, expected.state);
            EXPECT_EQ(changed.message, "");
            if (!expected.state) {
                EXPECT_EQ(store().find(id, kLater), std::nullopt);
                EXPECT_THAT(store().events(id), IsEmpty());
                continue;
            }
            EXPECT_EQ(state_of(id), *expected.state);
            EXPECT_EQ(store().events(id).size(), events_before.size() + 1);
            EXPECT_EQ(last_event(id).event, expected.event);
            EXPECT_EQ(last_event(id).by, "ada");
            EXPECT_EQ(last_event(id).time, kLater);
        }
    }
}

TEST_P(ChangeOf, AJobThatDoesNotExistSaysSo) {
    const JobChanged changed = change(JobAction::Stop, 77);
    EXPECT_FALSE(changed.changed);
    EXPECT_EQ(changed.before, std::nullopt);
    EXPECT_EQ(changed.message, "there is no job 77");
}

TEST_P(ChangeOf, SeveralAnswersInTheirOrderAndSeesTheOnesBefore) {
    const JobId idle = job_in(JobState::Idle);
    const JobId running = job_in(JobState::Running);
    const auto changed = store().change({{idle, JobAction::Start, {}, "ada"},
                                         {running, JobAction::Delete, {}, "ada"},
                                         {idle, JobAction::Stop, {}, "ada"},
                                         {99, JobAction::Stop, {}, "ada"},
                                         {idle, JobAction::Delete, {}, "ada"},
                                         {idle, JobAction::Start, {}, "ada"}},
                                        kLater);
    std::vector<bool> done;
    for (const JobChanged& one : changed) done.push_back(one.changed);
    EXPECT_THAT(done, ElementsAre(true, false, true, false, true, false));
    EXPECT_EQ(changed[2].before, JobState::Queued);
    EXPECT_EQ(changed[5].message, "there is no job " + std::to_string(idle));
}

TEST_P(ChangeOf, NoneIsNone) {
    EXPECT_THAT(store().change({}, kNow), IsEmpty());
}

TEST_P(ChangeOf, StartKeepsTheTimeThatTheJobHas) {
    Job job = job_of("t");
    job.state = JobState::Idle;
    const JobId now = add(job);
    job.available = kNow + 1h;
    const JobId later = add(job);
    change(JobAction::Start, now);
    change(JobAction::Start, later);
    EXPECT_EQ(find(now).available, kLater);
    EXPECT_EQ(find(later).available, kNow + 1h);
    EXPECT_EQ(ids_of(claim(5, kLater)), std::vector{now});
}

TEST_P(ChangeOf, StopOfAQueuedJobIsItsEnd) {
    const JobId stopped = job_in(JobState::Queued);
    const JobId killed = job_in(JobState::Queued);
    change(JobAction::Stop, stopped);
    change(JobAction::Kill, killed);
    EXPECT_EQ(find(stopped).reason, Reason::Stopped);
    EXPECT_EQ(find(killed).reason, Reason::Killed);
    EXPECT_EQ(find(stopped).finished, kLater);
    EXPECT_THAT(claim(5, kLater), IsEmpty());
}

TEST_P(ChangeOf, StopOfARunningJobIsARequestThatAKillReplaces) {
    const JobId id = job_in(JobState::Running);
    change(JobAction::Stop, id, {}, "ada");
    auto asks = store().asks(kOwner);
    ASSERT_EQ(asks.size(), 1U);
    EXPECT_EQ(asks[0].what, Reason::Stopped);
    EXPECT_EQ(asks[0].by, "ada");
    EXPECT_EQ(asks[0].claim, 1);

    EXPECT_TRUE(change(JobAction::Kill, id, {}, "bob").changed);
    asks = store().asks(kOwner);
    ASSERT_EQ(asks.size(), 1U);
    EXPECT_EQ(asks[0].what, Reason::Killed);
    EXPECT_EQ(asks[0].by, "bob");

    const auto events = store().events(id);
    EXPECT_TRUE(change(JobAction::Stop, id, {}, "eve").changed) << "it ends all the same";
    EXPECT_EQ(store().asks(kOwner).at(0).what, Reason::Killed);
    EXPECT_EQ(store().asks(kOwner).at(0).by, "bob");
    EXPECT_EQ(store().events(id), events);
}

TEST_P(ChangeOf, StopOfAJobThatWouldRunAgainIsItsEnd) {
    const JobId id = add(job_of("t"));
    const Job claimed = claim(1).at(0);
    change(JobAction::Stop, id, {}, "ada");
    EXPECT_THAT(settle(claimed, JobState::Queued).late, IsEmpty());
    const Job job = find(id);
    EXPECT_EQ(job.state, JobState::Stopped);
    EXPECT_EQ(job.reason, Reason::Stopped);
    EXPECT_EQ(job.error, "stopped by ada");
    EXPECT_EQ(job.finished, kNow);
    EXPECT_EQ(store().events(id).back().by, "ada");
    EXPECT_EQ(store().attempts(id).back().state, JobState::Stopped);
    EXPECT_THAT(claim(1, kLater), IsEmpty());
    EXPECT_THAT(store().asks(kOwner), IsEmpty());
}

TEST_P(ChangeOf, StopComesTooLateForAJobThatHasEnded) {
    const JobId id = add(job_of("t"));
    const Job claimed = claim(1).at(0);
    change(JobAction::Kill, id);
    settle(claimed, JobState::Succeeded);
    EXPECT_EQ(find(id).state, JobState::Succeeded);
    change(JobAction::Retry, id);
    claim(1, kLater);
    EXPECT_THAT(store().asks(kOwner), IsEmpty()) << "what was asked of the attempt before is gone";
}

TEST_P(ChangeOf, RetryBeginsAgain) {
    Job job = job_of("t");
    job.max_attempts = 3;
    const JobId id = add(job);
    Settlement end = end_of(claim(1).at(0), JobState::Failed, Reason::Lost);
    end.job.attempt = 3;
    end.job.crashes = 2;
    end.job.first_failed = kNow;
    Turn turn;
    turn.settlements.push_back(end);
    store().turn(turn);

    change(JobAction::Retry, id);
    const Job retried = find(id, kLater);
    EXPECT_EQ(retried.state, JobState::Queued);
    EXPECT_EQ(retried.attempt, 1);
    EXPECT_EQ(retried.crashes, 0);
    EXPECT_EQ(retried.claim, 1) << "the fence is never given back";
    EXPECT_EQ(retried.reason, Reason::None);
    EXPECT_EQ(retried.available, kLater);
    EXPECT_EQ(retried.finished, std::nullopt);
    EXPECT_EQ(retried.owner, 0);
    EXPECT_EQ(retried.asked, Reason::None);
    EXPECT_EQ(retried.first_failed, kNow) << "a failure stays on record";
    EXPECT_EQ(store().attempts(id).size(), 1U);
    EXPECT_EQ(claim(1, kLater).at(0).claim, 2);
}

TEST_P(ChangeOf, RetryTakesWhatChangesWithIt) {
    const JobId id = job_in(JobState::Failed);
    change(JobAction::Retry, id,
           {.priority = 5, .available = kNow + 1h, .parameters = {{"n", "2"}}});
    const Job retried = find(id);
    EXPECT_EQ(retried.available, kNow + 1h);
    EXPECT_EQ(retried.priority, 5);
    EXPECT_EQ(retried.parameters, (Values{{"n", "2"}}));
    EXPECT_EQ(last_event(id).detail, "priority 0 -> 5, parameter n none -> \"2\"");
}

TEST_P(ChangeOf, RetryOfATerminatedJobBeginsInTheFirstPhase) {
    Job job = job_of("t");
    job.phase = "sending";
    EXPECT_EQ((change(JobAction::Retry, job_in(JobState::Failed, job)), find(1).phase), "sending");
    job.phase = "terminated";
    change(JobAction::Retry, job_in(JobState::Succeeded, job));
    EXPECT_EQ(find(2).phase, "registered");
    change(JobAction::Retry, job_in(JobState::Succeeded, job), {.phase = "sending"});
    EXPECT_EQ(find(3).phase, "sending");
}

TEST_P(ChangeOf, RetryIsRefusedWhileAnotherHasTheKey) {
    Job job = job_of("t");
    job.key = "nightly";
    const JobId first = job_in(JobState::Failed, job);
    const JobId second = add(job);
    const Job before = find(first);
    const JobChanged refused = change(JobAction::Retry, first);
    EXPECT_FALSE(refused.changed);
    EXPECT_THAT(refused.message, HasSubstr("\"nightly\" is that of job " + std::to_string(second)));
    EXPECT_EQ(find(first), before);

    change(JobAction::Stop, second);
    EXPECT_TRUE(change(JobAction::Retry, first).changed);
    EXPECT_FALSE(change(JobAction::Retry, second).changed) << "now the first has it";
    EXPECT_EQ(store().add(job, "bob").id, first);
}

TEST_P(ChangeOf, TwoOfOneKeyAreNotRetriedTogether) {
    Job job = job_of("t");
    job.key = "nightly";
    const JobId first = job_in(JobState::Failed, job);
    const JobId second = job_in(JobState::Failed, job);
    const auto changed = store().change(
        {{first, JobAction::Retry, {}, "ada"}, {second, JobAction::Retry, {}, "ada"}}, kLater);
    EXPECT_TRUE(changed[0].changed);
    EXPECT_FALSE(changed[1].changed);
}

TEST_P(ChangeOf, ARetriedOccurrenceWaitsForNoOther) {
    plan(5, {occurrence(5, 1, Overlap::Wait)});
    const Job first = claim(1).at(0);
    plan(5, {occurrence(5, 2, Overlap::Wait)});
    settle(first, JobState::Failed);
    const Job second = claim(1).at(0);
    plan(5, {occurrence(5, 3, Overlap::Wait)});
    settle(second, JobState::Failed);
    const auto third = claim(1);
    ASSERT_EQ(third.size(), 1U);

    // The second came after the first, and waited for it: now it waits for nobody.
    change(JobAction::Retry, first.id);
    change(JobAction::Retry, second.id);
    EXPECT_EQ(find(second.id, kLater).waiting_for, WaitingFor::Slot);
    EXPECT_EQ(ids_of(claim(5, kLater)), (std::vector{first.id, second.id}));
    // A new one waits for all of them.
    plan(5, {occurrence(5, 4, Overlap::Wait)}, kLater);
    EXPECT_THAT(claim(5, kLater), IsEmpty());
    for (const Job& job : store().running_of(kOwner)) settle(job, JobState::Succeeded);
    EXPECT_EQ(claim(5, kLater).size(), 1U);
}

TEST_P(ChangeOf, ARetriedSkipStandsForItselfAndTheOthers) {
    Job skipped = occurrence(5, 1, Overlap::Skip);
    skipped.state = JobState::Skipped;
    skipped.reason = Reason::Missed;
    skipped.missed = 4;
    plan(5, {skipped});
    EXPECT_EQ(find(1).missed, 4);
    change(JobAction::Retry, 1);
    EXPECT_EQ(find(1).missed, 3) << "besides its own";
}

TEST_P(ChangeOf, DeleteTakesAllThatBelongsToAJobButItsOccurrence) {
    plan(5, {occurrence(5, 1, Overlap::Skip)});
    const Job claimed = claim(1).at(0);
    update({.id = claimed.id,
            .claim = claimed.claim,
            .lines = {{.seq = 1, .time = kNow, .text = "line"}},
            .response = "answer"});
    settle(claimed, JobState::Succeeded);
    change(JobAction::Delete, claimed.id);
    EXPECT_THAT(store().log(claimed.id, 0, 10), IsEmpty());
    EXPECT_EQ(store().response(claimed.id), "");
    EXPECT_THAT(store().events(claimed.id), IsEmpty());
    EXPECT_THAT(store().attempts(claimed.id), IsEmpty());
    EXPECT_EQ(plan(5, {occurrence(5, 1, Overlap::Skip)}).refused, 1);
}

TEST_P(ChangeOf, EditSaysWhatItChanged) {
    Job job = job_of("t");
    job.phase = "sending";
    job.comment = "old";
    job.interval_seconds = 60;
    job.parameters = {{"a", "1"}, {"b", "2"}};
    job.attempt = 2;
    const JobId id = add(job);
    change(JobAction::Edit, id,
           {.phase = "closing",
            .comment = "new",
            .interval = 90s,
            .priority = 3,
            .available = Time(1'700'000'100'250ms),
            .parameters = {{"a", "1"}, {"b", "3"}, {"c", std::string(61, 'x')}},
            .attributes = {{"seen", Value("true", Value::Kind::Boolean)}}});
    const Job edited = find(id);
    EXPECT_EQ(edited.phase, "closing");
    EXPECT_EQ(edited.attempt, 1) << "of the new phase";
    EXPECT_EQ(edited.comment, "new");
    EXPECT_EQ(edited.interval_seconds, 90);
    EXPECT_EQ(edited.priority, 3);
    EXPECT_EQ(edited.available, Time(1'700'000'100'250ms));
    EXPECT_EQ(edited.parameters, (Values{{"a", "1"}, {"b", "3"}, {"c", std::string(61, 'x')}}));
    EXPECT_EQ(edited.attributes, (Values{{"seen", Value("true", Value::Kind::Boolean)}}));
    EXPECT_EQ(last_event(id).detail,
              "phase \"sending\" -> \"closing\", comment \"old\" -> \"new\", interval 60 -> 90,"
              " priority 0 -> 3, available @1700000000 -> @1700000100.250,"
              " parameter b \"2\" -> \"3\", parameter c none -> (61 bytes),"
              " attribute seen none -> \"true\"");
}

TEST_P(ChangeOf, AnEditThatChangesNothingIsNoEvent) {
    const JobId id = add(job_of("t"));
    const auto events = store().events(id);
    EXPECT_TRUE(change(JobAction::Edit, id).changed);
    EXPECT_TRUE(change(JobAction::Edit, id, {.comment = ""}).changed);
    EXPECT_EQ(store().events(id), events);
}

TEST_P(ChangeOf, AnEditMovesTheJobInTheQueue) {
    const JobId first = add(job_of("t"));
    const JobId second = add(job_of("t"));
    change(JobAction::Edit, second, {.priority = 1});
    change(JobAction::Edit, first, {.available = kNow + 1h});
    EXPECT_EQ(ids_of(claim(5, kLater)), std::vector{second});
    EXPECT_EQ(store().next_available(kLater), kNow + 1h);
}

TEST_P(ChangeOf, AnEditOfWhatTheJobDoesNotHaveIsRefused) {
    const JobId without = add(job_of("t"));
    const JobChanged phase = change(JobAction::Edit, without, {.phase = "x", .comment = "new"});
    EXPECT_FALSE(phase.changed);
    EXPECT_EQ(phase.message, "job " + std::to_string(without) + " has no phases");
    EXPECT_EQ(find(without).comment, "") << "nothing of it was done";

    const JobId final = job_in(JobState::Failed);
    const JobChanged time = change(JobAction::Edit, final, {.available = kLater});
    EXPECT_FALSE(time.changed);
    EXPECT_THAT(time.message, HasSubstr("is failed and has no time to set"));
}

class AppendTo : public ChangeOf {};
INSTANTIATE_TEST_SUITE_P(Stores, AppendTo, ValuesIn(all_stores()), store_name);

TEST_P(AppendTo, AJobThatDoesNotRunContinuesItsLogAndResponse) {
    const JobId id = add(job_of("t"));
    const Job claimed = claim(1).at(0);
    update({.id = id,
            .claim = claimed.claim,
            .lines = {{.seq = 7, .time = kNow, .text = "seven"}},
            .response = "one "});
    settle(claimed, JobState::Failed);
    EXPECT_TRUE(store().append(id,
                               {{.time = kLater, .level = LogLevel::Warning, .text = "eight"},
                                {.time = kLater, .text = ""}},
                               "two"));
    const auto lines = store().log(id, 7, 10);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0], (LogLine{8, kLater, LogLevel::Warning, LogStream::Task, "eight"}));
    EXPECT_EQ(lines[1].seq, 9);
    EXPECT_EQ(store().response(id), "one two");
    EXPECT_EQ(find(id).log_bytes, 10);
    EXPECT_EQ(find(id).response_bytes, 7);

    change(JobAction::Retry, id);
    EXPECT_EQ(claim(1, kLater).at(0).log_seq, 9) << "the runner goes on after it";
}

TEST_P(AppendTo, AJobThatNeverRanIsPossibleToo) {
    const JobId id = add(job_of("t"));
    EXPECT_TRUE(store().append(id, {{.time = kNow, .text = ""}}, ""));
    EXPECT_EQ(claim(1).at(0).log_seq, 1) << "an empty line counts";
}

TEST_P(AppendTo, ARunningOrUnknownJobWritesNothing) {
    const JobId id = job_in(JobState::Running);
    EXPECT_FALSE(store().append(id, {{.time = kNow, .text = "line"}}, "text"));
    EXPECT_FALSE(store().append(99, {{.time = kNow, .text = "line"}}, "text"));
    EXPECT_THAT(store().log(id, 0, 10), IsEmpty());
    EXPECT_THAT(store().log(99, 0, 10), IsEmpty());
    EXPECT_EQ(store().response(99), "");
}

class FollowUps : public ChangeOf {};
INSTANTIATE_TEST_SUITE_P(Stores, FollowUps, ValuesIn(all_stores()), store_name);

TEST_P(FollowUps, AreAddedWithTheEnd) {
    const JobId id = add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Succeeded);
    Job next = job_of("next");
    next.parent = id;
    end.follow_ups = {next, next};
    Turn turn;
    turn.settlements = {end};
    store().turn(turn);
    EXPECT_EQ(store().count({.task = "next", .states = {JobState::Queued}}), 2);
    EXPECT_EQ(find(2).parent, id);
    EXPECT_EQ(store().events(2).at(0).by, "executor 1 pid 4242");
}

TEST_P(FollowUps, OfALateEndAreNotAdded) {
    add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Succeeded);
    end.follow_ups = {job_of("next")};
    Turn turn;
    turn.settlements = {end, end};
    EXPECT_EQ(store().turn(turn).late.size(), 1U);
    EXPECT_EQ(store().count({.task = "next"}), 1);
}

TEST_P(FollowUps, ThatCantBeginUndoTheEnd) {
    const JobId id = add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Succeeded);
    Job running = job_of("next");
    running.state = JobState::Running;
    end.follow_ups = {job_of("next"), running};
    Turn turn;
    turn.settlements = {end};
    EXPECT_THROW(store().turn(turn), std::invalid_argument);
    EXPECT_EQ(state_of(id), JobState::Running);
    EXPECT_EQ(store().count({.task = "next"}), 0);
}

TEST_P(FollowUps, OfAJobThatDeletedItselfAreAdded) {
    add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Succeeded);
    end.delete_job = true;
    end.follow_ups = {job_of("next")};
    Turn turn;
    turn.settlements = {end};
    store().turn(turn);
    EXPECT_EQ(store().count({}), 1);
}

TEST_P(FollowUps, WithAKeyThatIsTakenAreThatJob) {
    Job keyed = job_of("next");
    keyed.key = "k";
    keyed.available = kNow + 1h;
    const JobId there = add(keyed);
    add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Succeeded);
    end.follow_ups = {keyed};
    Turn turn;
    turn.settlements = {end};
    store().turn(turn);
    EXPECT_EQ(store().count({.task = "next"}), 1);
    EXPECT_EQ(last_event(there).event, "refused");
}

class Among : public ChangeOf {};
INSTANTIATE_TEST_SUITE_P(Stores, Among, ValuesIn(all_stores()), store_name);

TEST_P(Among, TheseAreClaimedInTheQueuesOrder) {
    Job job = job_of("t");
    for (int i = 0; i < 5; ++i) add(job);
    job.priority = 1;
    const JobId urgent = add(job);
    Turn turn;
    turn.claims = {{.owner = kOwner,
                    .worker = kWorker,
                    .now = kNow,
                    .limit = 2,
                    .among = {4, urgent, 2, 4, 99}}};
    EXPECT_EQ(ids_of(store().turn(turn).claimed), (std::vector<JobId>{urgent, 2}));
    EXPECT_EQ(ids_of(store().turn(turn).claimed), (std::vector<JobId>{4}));
    EXPECT_THAT(store().turn(turn).claimed, IsEmpty());
}

TEST_P(Among, WhatBlocksAJobBlocksItHereToo) {
    Job job = job_of("t");
    job.group = "g";
    add(job);
    add(job);
    Job later = job_of("t");
    later.available = kNow + 1h;
    add(later);
    Job elsewhere = job_of("t");
    elsewhere.topic = "mail";
    add(elsewhere);
    Turn turn;
    turn.claims = {{.owner = kOwner,
                    .worker = kWorker,
                    .now = kNow,
                    .limit = 9,
                    .topics = {"default"},
                    .among = {1, 2, 3, 4}}};
    EXPECT_EQ(ids_of(store().turn(turn).claimed), (std::vector<JobId>{1}));
}

class ClockSetBack : public StoreTest {
protected:
    static constexpr std::chrono::hours kYear{24 * 365};

    // As JobStore::set_clock_back is called: the clock is at kNow again.
    std::int64_t set_back() { return store().set_clock_back(kNow, kNow + 3h, "executor"); }

    // A job that waits for half an hour, from an instant on.
    JobId retried_at(Time at) {
        Job job = job_of("t");
        job.created = at;
        const JobId id = add(job);
        Settlement retry = end_of(claim_only(id, at).at(0), JobState::Queued, Reason::None, at);
        retry.job.available = at + 30min;
        Turn turn;
        turn.settlements.push_back(retry);
        store().turn(turn);
        return id;
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, ClockSetBack, ValuesIn(all_stores()), store_name);

TEST_P(ClockSetBack, ARetryWaitsAsLongAsItWasTo) {
    const JobId id = retried_at(kNow + kYear);
    EXPECT_EQ(set_back(), 1);
    EXPECT_EQ(find(id).available, kNow + 30min);
    EXPECT_EQ(store().events(id).back(),
              (JobEvent{kNow, "clock", "executor", "the clock was set back: available in 30m"}));
    EXPECT_EQ(set_back(), 0) << "once";
}

TEST_P(ClockSetBack, AJobThatWasAvailableAtOnceIsAgain) {
    Job job = job_of("t");
    job.created = kNow + kYear;
    job.available = kNow + kYear - 1min;
    const JobId id = add(job);
    EXPECT_EQ(set_back(), 1);
    EXPECT_EQ(ids_of(claim(5)), std::vector<JobId>{id});
}

TEST_P(ClockSetBack, LeavesAloneWhatThatClockDidNotSay) {
    Job later = job_of("t");
    later.available = kNow + kYear;
    const JobId wanted_later = add(later);
    const JobId soon = retried_at(kNow);
    EXPECT_EQ(set_back(), 0);
    EXPECT_EQ(find(wanted_later).available, kNow + kYear);
    EXPECT_EQ(find(soon).available, kNow + 30min);
}

TEST_P(ClockSetBack, LeavesAloneWhatAPersonHasSetSince) {
    const JobId id = retried_at(kNow + kYear);
    JobChange change{.id = id, .action = JobAction::Edit, .by = "ann"};
    change.edit.available = kNow + 24h;
    ASSERT_TRUE(store().change({change}, kNow).at(0).changed);
    EXPECT_EQ(set_back(), 0);
    EXPECT_EQ(find(id).available, kNow + 24h);
}

}  // namespace
}  // namespace periodic
