// Jobs by hand: adding, reading, changing one and many, and what is added to their words.

#include <algorithm>
#include <numeric>
#include <thread>

#include <gmock/gmock.h>

#include "executor_fixture.hpp"

namespace periodic::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class JobsTest : public ExecutorTest {
protected:
    JobsTest() {
        home_.task("plain", "<command type=\"log\">x</command>");
        home_.task("declared",
                   "<config><concurrency key=\"customer\">1</concurrency></config>"
                   "<parameters><parameter name=\"size\" type=\"integer\" default=\"1\"/>"
                   "<parameter name=\"customer\" default=\"a\"/></parameters>"
                   "<command type=\"log\">x</command>");
        home_.task("slices",
                   "<phase name=\"registered\"><command type=\"log\">one</command>"
                   "<next phase=\"sending\"/></phase>"
                   "<phase name=\"sending\"><command type=\"log\">two</command>"
                   "<next phase=\"terminated\"/></phase>");
    }

    // Of a store that is in memory: for many jobs.
    Executor in_memory() { return executor(2, std::shared_ptr<JobStore>(make_memory_store())); }

    static std::vector<JobId> up_to(JobId last) {
        std::vector<JobId> ids(static_cast<std::size_t>(last));
        std::iota(ids.begin(), ids.end(), 1);
        return ids;
    }
};

TEST_F(JobsTest, AddsManyOrNone) {
    auto made = executor();
    const auto ids = made.jobs().add_all("declared", {{{"size", "1"}}, {{"size", "2"}}});
    ASSERT_TRUE(ids.has_value());
    EXPECT_THAT(*ids, ElementsAre(1, 2));
    EXPECT_EQ(made.jobs().find(2)->parameters.at("size").text, "2");
    const auto refused = made.jobs().add_all("declared", {{{"size", "3"}}, {{"size", "much"}}});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::Usage);
    EXPECT_THAT(refused.error().message, HasSubstr("job 2 of these"));
    EXPECT_EQ(made.jobs().count({}), 2);
}

TEST_F(JobsTest, AddsWhatItIsToldTo) {
    auto made = executor();
    JobOptions options;
    options.idle = true;
    options.group = "night";
    options.comment = "by hand";
    options.priority = 7;
    options.interval = 90s;
    options.attributes = {{"color", "red"}};
    options.parent = 3;
    options.by = "ann";
    const JobId id = made.jobs().add("slices", {{"n", "1"}}, options).value();
    const Job job = made.jobs().find(id).value();
    EXPECT_EQ(job.state, JobState::Idle);
    EXPECT_EQ(job.phase, "registered");
    EXPECT_EQ(job.group, "night");
    EXPECT_EQ(job.comment, "by hand");
    EXPECT_EQ(job.priority, 7);
    EXPECT_EQ(job.interval_seconds, 90);
    EXPECT_EQ(job.attributes.at("color").text, "red");
    EXPECT_EQ(job.parent, 3);
    EXPECT_EQ(made.jobs().events(id).front().by, "ann");
    EXPECT_EQ(made.run()->ran, 0) << "an idle job waits for somebody to start it";
    EXPECT_EQ(made.jobs().latest("slices")->id, id);
    EXPECT_FALSE(made.jobs().latest("plain").has_value());
}

TEST_F(JobsTest, RefusesWhatCantBe) {
    auto made = executor();
    EXPECT_EQ(made.jobs().add("missing").error().code, ErrorCode::NotFound);
    EXPECT_EQ(made.jobs().add("declared", {{"size", "big"}}).error().code, ErrorCode::Usage);
    JobOptions options;
    options.group = "no group";
    EXPECT_EQ(made.jobs().add("plain", {}, options).error().code, ErrorCode::Usage);
    options = {};
    options.priority = 1'000'001;
    EXPECT_EQ(made.jobs().add("plain", {}, options).error().code, ErrorCode::Usage);
    options = {};
    options.attributes = {{"a b", "c"}};
    EXPECT_EQ(made.jobs().add("plain", {}, options).error().code, ErrorCode::Usage);
    EXPECT_EQ(made.jobs().count({}), 0);
}

TEST_F(JobsTest, TakesAJobThroughTheHandsOfPeople) {
    auto made = executor();
    JobOptions idle;
    idle.idle = true;
    const JobId id = made.jobs().add("plain", {}, idle).value();
    EXPECT_EQ(made.jobs().start(id, "ann")->state, JobState::Queued);
    EXPECT_EQ(made.jobs().start(id).error().code, ErrorCode::Conflict);
    EXPECT_EQ(made.jobs().stop(id, "ann")->state, JobState::Stopped);
    EXPECT_EQ(made.jobs().retry(id, "ann")->state, JobState::Queued);
    EXPECT_EQ(made.run()->succeeded, 1);
    const auto refused = made.jobs().stop(id);
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("succeeded"));
    EXPECT_TRUE(made.jobs().remove(id).has_value());
    EXPECT_FALSE(made.jobs().find(id).has_value());
    EXPECT_EQ(made.jobs().remove(id).error().code, ErrorCode::NotFound);
    EXPECT_EQ(made.jobs().kill(id).error().code, ErrorCode::NotFound);
}

TEST_F(JobsTest, EditsWhatTheTaskAllows) {
    auto made = executor();
    const JobId id = made.jobs().add("declared").value();
    JobEdit edit;
    edit.parameters = {{"size", "12"}};
    edit.comment = "larger";
    const Job job = made.jobs().edit(id, edit, "ann").value();
    EXPECT_EQ(job.parameters.at("size"), Value("12", Value::Kind::Integer));
    EXPECT_EQ(job.parameters.at("customer").text, "a");
    EXPECT_EQ(job.comment, "larger");
    EXPECT_EQ(made.jobs().events(id).back().by, "ann");

    const auto refusal = [&](JobEdit wrong) { return made.jobs().edit(id, wrong).error(); };
    EXPECT_EQ(refusal({.parameters = {{"size", "large"}}}).code, ErrorCode::Usage);
    EXPECT_EQ(refusal({.parameters = {{"unknown", "1"}}}).code, ErrorCode::Usage);
    EXPECT_THAT(refusal({.parameters = {{"customer", "b"}}}).message, HasSubstr("concurrency"));
    EXPECT_EQ(refusal({.phase = "sending"}).code, ErrorCode::Usage);
    EXPECT_EQ(refusal({.interval = -1s}).code, ErrorCode::Usage);
    EXPECT_EQ(made.jobs().find(id)->parameters.at("size").text, "12");

    home_.task("declared", "<nonsense/>");
    EXPECT_EQ(refusal({.parameters = {{"size", "1"}}}).code, ErrorCode::Invalid);
    EXPECT_TRUE(made.jobs().edit(id, {.comment = "needs no task"}).has_value());
}

TEST_F(JobsTest, EditsThePhaseToOneThatTheTaskServes) {
    auto made = executor();
    const JobId id = made.jobs().add("slices").value();
    EXPECT_THAT(made.jobs().edit(id, {.phase = "mailing"}).error().hint, HasSubstr("sending"));
    EXPECT_EQ(made.jobs().edit(id, {.phase = "sending"})->phase, "sending");
    EXPECT_EQ(made.run()->phased, 0);
    EXPECT_EQ(log_of(id), "two\n");
}

TEST_F(JobsTest, ChangesAllThatMatchAlsoIfTheyMatchStill) {
    auto made = in_memory();
    constexpr int kMany = 1203;
    for (int i = 0; i < kMany; ++i) ASSERT_TRUE(made.jobs().add("plain").has_value());
    JobFilter filter;
    filter.task = "plain";
    filter.limit = 3;
    ChangeOptions dry;
    dry.dry_run = true;
    EXPECT_EQ(made.jobs().change(JobAction::Edit, filter, dry, {.priority = 4}).changed, kMany);
    EXPECT_EQ(made.jobs().find(1)->priority, 0);
    const auto edited = made.jobs().change(JobAction::Edit, filter, {.by = "ann"}, {.priority = 4});
    EXPECT_EQ(edited.matched, kMany);
    EXPECT_EQ(edited.changed, kMany);
    EXPECT_EQ(edited.ids, up_to(kMany));
    EXPECT_EQ(made.jobs().find(kMany)->priority, 4);
    EXPECT_EQ(made.jobs().change(JobAction::Stop, filter).changed, kMany);
    const auto again = made.jobs().change(JobAction::Stop, filter);
    EXPECT_EQ(again.changed, 0);
    EXPECT_EQ(again.refused.size(), static_cast<std::size_t>(kMany));
    EXPECT_EQ(again.refused.front().state, JobState::Stopped);
}

TEST_F(JobsTest, SaysWhichOfThoseThatWereNamedAreNotThere) {
    auto made = executor();
    ASSERT_TRUE(made.jobs().add("plain").has_value());
    JobFilter filter;
    filter.ids = {1, 99};
    const auto changed = made.jobs().change(JobAction::Stop, filter);
    EXPECT_EQ(changed.matched, 1);
    EXPECT_THAT(changed.ids, ElementsAre(1));
    ASSERT_EQ(changed.refused.size(), 1U);
    EXPECT_EQ(changed.refused[0].id, 99);
    EXPECT_FALSE(changed.refused[0].state.has_value());
}

TEST_F(JobsTest, ForeseesInADryRunWhatItWouldDo) {
    auto made = in_memory();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(made.jobs().add("plain").has_value());
    ASSERT_TRUE(made.jobs().stop(2).has_value());
    for (const JobAction action : {JobAction::Start, JobAction::Stop, JobAction::Kill,
                                   JobAction::Retry, JobAction::Edit, JobAction::Delete}) {
        SCOPED_TRACE(to_string(action));
        const auto foreseen = made.jobs().change(action, {}, {.dry_run = true});
        EXPECT_EQ(made.jobs().count({}), 3);
        EXPECT_EQ(made.jobs().find(2)->state, JobState::Stopped);
        auto twin = in_memory();
        for (int i = 0; i < 3; ++i) ASSERT_TRUE(twin.jobs().add("plain").has_value());
        ASSERT_TRUE(twin.jobs().stop(2).has_value());
        const auto done = twin.jobs().change(action, {});
        EXPECT_EQ(foreseen.ids, done.ids);
        EXPECT_EQ(foreseen.refused.size(), done.refused.size());
    }
}

TEST_F(JobsTest, PrunesWhatIsBeyondItsRetentionOrAllThatIsFinal) {
    home_.task("short",
               "<config><retention jobs=\"2\" age=\"0\"/></config><command type=\"log\">x"
               "</command>");
    auto made = executor();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(made.jobs().add("short").has_value());
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(made.jobs().stop(i + 1).has_value());
    ASSERT_TRUE(made.jobs().add("plain").has_value());
    const auto foreseen = made.jobs().prune(false, {.dry_run = true});
    EXPECT_EQ(foreseen.changed, 3);
    EXPECT_EQ(made.jobs().count({}), 6);
    const auto pruned = made.jobs().prune();
    EXPECT_EQ(pruned.ids, foreseen.ids);
    EXPECT_EQ(made.jobs().count({}), 3);
    const auto all = made.jobs().prune(true);
    EXPECT_EQ(all.changed, 2);
    EXPECT_EQ(made.jobs().list({}).front().state, JobState::Queued);
}

TEST_F(JobsTest, AddsToTheWordsOfAJobThatDoesNotRun) {
    auto made = executor();
    const JobId id = made.jobs().add("plain").value();
    EXPECT_TRUE(made.jobs().append_log(id, "one\ntwo\n", LogLevel::Warning).has_value());
    EXPECT_TRUE(made.jobs().append_response(id, "a").has_value());
    EXPECT_TRUE(made.jobs().append_response(id, "b").has_value());
    EXPECT_EQ(log_of(id), "one\ntwo\n");
    EXPECT_EQ(made.jobs().log(id).front().level, LogLevel::Warning);
    EXPECT_EQ(made.jobs().response(id), "ab");
    EXPECT_EQ(made.run()->succeeded, 1);
    EXPECT_EQ(log_of(id), "one\ntwo\nx\n");
    EXPECT_EQ(made.jobs().append_log(99, "x").error().code, ErrorCode::NotFound);
    EXPECT_EQ(made.jobs().append_response(99, "x").error().code, ErrorCode::NotFound);
}

TEST_F(JobsTest, KeepsTheLimitOfALog) {
    home_.task("small",
               "<config><logLimit>1000</logLimit></config><command type=\"log\">x</command>");
    auto made = executor();
    const JobId id = made.jobs().add("small").value();
    EXPECT_TRUE(made.jobs().append_log(id, std::string(900, 'a')).has_value());
    const auto refused = made.jobs().append_log(id, std::string(200, 'b'));
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    EXPECT_THAT(refused.error().hint, HasSubstr("logLimit"));
}

TEST_F(JobsTest, AddsToTheWordsOfARunningJobThroughItsExecutor) {
    home_.task("talk",
               "<command type=\"shell\">echo before; touch started; until [ -e go ]; do "
               "sleep 0.01; done; echo after; echo mine >> \"$PERIODIC_RESPONSE\"</command>");
    auto first = executor();
    const JobId id = first.jobs().add("talk").value();
    std::jthread running([&] { EXPECT_EQ(first.run()->succeeded, 1); });
    wait_for_file("started");
    auto second = executor();
    // What a program wrote comes through a pipe, in its own time.
    while (second.jobs().log(id).empty()) std::this_thread::sleep_for(1ms);
    const std::string large = std::string(100'000, 'x') + "\n" + std::string(70'000, 'y');
    EXPECT_TRUE(second.jobs().append_log(id, "from \\ outside\nat once").has_value());
    EXPECT_TRUE(second.jobs().append_log(id, large).has_value());
    EXPECT_TRUE(second.jobs().append_response(id, "yours\n").has_value());
    EXPECT_TRUE(second.jobs().append_response(id, std::string(200'000, 'z')).has_value());
    home_.write("go", "");
    running.join();
    const auto lines = second.jobs().log(id);
    std::vector<std::int64_t> seqs;
    std::vector<std::string> texts;
    for (const LogLine& line : lines) {
        seqs.push_back(line.seq);
        texts.push_back(line.text);
    }
    EXPECT_EQ(seqs, up_to(static_cast<JobId>(lines.size())));
    EXPECT_THAT(texts, Contains("from \\ outside"));
    EXPECT_THAT(texts, Contains("at once"));
    EXPECT_EQ(texts.front(), "before");
    EXPECT_EQ(texts.back(), "after");
    std::ptrdiff_t bytes = 0;
    for (const std::string& text : texts) bytes += std::count(text.begin(), text.end(), 'x');
    EXPECT_EQ(bytes, 100'000);
    EXPECT_EQ(second.jobs().response(id), "yours\n" + std::string(200'000, 'z') + "mine\n");
}

TEST_F(JobsTest, WaitsUntilAJobIsFinal) {
    home_.task("until", "<command type=\"shell\">until [ -e go ]; do sleep 0.01; done</command>");
    auto made = executor();
    const JobId id = made.jobs().add("until").value();
    EXPECT_EQ(made.jobs().wait(id, 0ms)->state, JobState::Queued);
    std::stop_source stopped;
    stopped.request_stop();
    EXPECT_EQ(made.jobs().wait(id, {}, stopped.get_token())->state, JobState::Queued);
    std::jthread running([&] { EXPECT_EQ(made.run()->succeeded, 1); });
    home_.write("go", "");
    auto other = executor();
    EXPECT_EQ(other.jobs().wait(id)->state, JobState::Succeeded);
    running.join();
    EXPECT_FALSE(other.jobs().wait(99).has_value());
}

// The system's, but a year ahead.
class ClockAhead final : public Clock {
public:
    [[nodiscard]] Time now() const override { return system_->now() + ahead; }
    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
        return system_->steady_now();
    }
    Wake wait_until(Time deadline, std::stop_token stop) override {
        return system_->wait_until(deadline - ahead, std::move(stop));
    }
    void notify() override { system_->notify(); }

    std::chrono::hours ahead{24 * 365};

private:
    std::unique_ptr<Clock> system_ = make_system_clock();
};

// Everything is older than its retention by a clock that is a year ahead.
TEST_F(JobsTest, DeletesNothingByAClockThatJumpedAhead) {
    auto made = executor();
    const JobId id = made.jobs().add("plain").value();
    ASSERT_EQ(made.run()->succeeded, 1);
    ExecutorOptions options;
    options.home = home_.path();
    options.commands = commands_;
    options.logger = make_null_logger();
    const auto clock = std::make_shared<ClockAhead>();
    options.clock = clock;
    auto later = Executor::create(std::move(options)).value();
    for (int run = 0; run < 2; ++run) {
        ASSERT_TRUE(later.jobs().add("plain").has_value());
        ASSERT_EQ(later.run()->succeeded, 1);
        EXPECT_TRUE(made.jobs().find(id).has_value());
    }
    clock->ahead += 13h;  // half a day on it is believed
    ASSERT_TRUE(later.jobs().add("plain").has_value());
    ASSERT_EQ(later.run()->succeeded, 1);
    EXPECT_FALSE(made.jobs().find(id).has_value());
}

TEST_F(JobsTest, KeepsPauses) {
    auto made = executor();
    EXPECT_EQ(made.jobs().pause({PauseScope::Kind::Task, "a b"}).error().code, ErrorCode::Usage);
    EXPECT_EQ(made.jobs().pause({PauseScope::Kind::All, "x"}).error().code, ErrorCode::Usage);
    EXPECT_EQ(made.jobs().pause({}, Time()).error().code, ErrorCode::Usage);
    const PauseScope scope{PauseScope::Kind::Task, "plain"};
    const Pause pause = made.jobs().pause(scope, {}, "moving house", "ann").value();
    EXPECT_THAT(made.jobs().pauses(), ElementsAre(pause));
    const JobId id = made.jobs().add("plain").value();
    const auto report = made.run().value();
    EXPECT_EQ(report.ran, 0);
    EXPECT_EQ(report.left, 1);
    EXPECT_EQ(made.jobs().find(id)->waiting_for, WaitingFor::Paused);
    EXPECT_TRUE(made.jobs().resume(scope, "ann"));
    EXPECT_FALSE(made.jobs().resume(scope, "ann"));
    EXPECT_TRUE(made.jobs().pauses().empty());
    EXPECT_EQ(made.run()->succeeded, 1);
}

TEST_F(JobsTest, SkipsOnRecordWhatWasDueWhileItWasPaused) {
    home_.write("crontab", "@hourly plain\n");
    see_then_make_due(5h);
    auto made = executor();
    Pause pause;
    pause.since = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    pause.since -= 10h;
    store()->pause(pause);
    const auto report = made.run().value();
    EXPECT_EQ(report.planned, 0);
    EXPECT_EQ(report.skipped, only_job().missed);
    EXPECT_EQ(only_job().reason, Reason::Paused);
    EXPECT_GE(only_job().missed, 4);
}

TEST_F(JobsTest, GoesOnWhenAPauseEndsByItself) {
    auto made = executor();
    const Time soon =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 400ms;
    ASSERT_TRUE(made.jobs().pause({}, soon).has_value());
    const JobId id = made.jobs().add("plain").value();
    std::stop_source stop;
    std::jthread running([&] { EXPECT_EQ(made.run(stop.get_token())->succeeded, 1); });
    const Job job = executor().jobs().wait(id).value();
    stop.request_stop();
    EXPECT_EQ(job.state, JobState::Succeeded);
    EXPECT_GE(job.started, soon);
}

}  // namespace
}  // namespace periodic::testing
