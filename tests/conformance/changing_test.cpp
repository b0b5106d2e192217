#include "conformance/change_fixture.hpp"

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

class ChangeOf : public ChangeTest {};
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

class AppendTo : public ChangeTest {};
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

}  // namespace
}  // namespace periodic
