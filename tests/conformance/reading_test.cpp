#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using testing::ValuesIn;

class AddOf : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, AddOf, ValuesIn(all_stores()), store_name);

TEST_P(AddOf, AnswersTheJobAsItIsKept) {
    Job job = job_of("t");
    job.parameters = {{"n", "1"}};
    const Job added = store().add(job, "somebody");
    EXPECT_EQ(added.id, 1);
    EXPECT_EQ(added.available, kNow) << "a queued job without a time is available at once";
    Job found = find(1);
    found.waiting_for = WaitingFor::None;
    EXPECT_EQ(found, added);
    EXPECT_EQ(store().events(1), (std::vector<JobEvent>{{kNow, "created", "somebody", ""}}));
}

TEST_P(AddOf, ManyAddsAllOrNone) {
    Job keyed = job_of("t");
    keyed.key = "k";
    EXPECT_EQ(store().add_all({job_of("t"), keyed, job_of("u"), keyed}, "somebody"),
              (std::vector<JobId>{1, 2, 3, 2}));
    EXPECT_EQ(store().events(3), (std::vector<JobEvent>{{kNow, "created", "somebody", ""}}));
    Job impossible = job_of("t");
    impossible.state = JobState::Running;
    EXPECT_THROW(store().add_all({job_of("t"), impossible}, "somebody"), std::invalid_argument);
    EXPECT_EQ(store().count({}), 3);
    EXPECT_TRUE(store().add_all({}, "somebody").empty());
}

TEST_P(AddOf, NeverReusesAnId) {
    Job failed = job_of("t");
    failed.state = JobState::Failed;
    add(failed);
    ASSERT_EQ(store().prune("t", {.age = 1s, .jobs = 0}, kNow + 1h, 10), 1);
    EXPECT_EQ(add(job_of("t")), 2);
}

TEST_P(AddOf, TakesNothingFromTheCallerThatOnlyAClaimGives) {
    Job forged = job_of("t");
    forged.id = 55;
    forged.claim = 9;
    forged.owner = 9;
    forged.worker = 9;
    forged.pid = 9;
    forged.started = kNow;
    forged.asked = Reason::Killed;
    forged.log_bytes = 9;
    forged.response_bytes = 9;
    Job expected = job_of("t");
    expected.id = 1;
    expected.available = kNow;
    EXPECT_EQ(store().add(forged, "somebody"), expected);
}

TEST_P(AddOf, MakesJobsInAnyStateThatAJobBeginsIn) {
    for (const JobState state :
         {JobState::Idle, JobState::Queued, JobState::Skipped, JobState::Failed}) {
        Job job = job_of("t");
        job.state = state;
        const Job added = store().add(job, "somebody");
        EXPECT_EQ(added.state, state);
        EXPECT_EQ(added.finished.has_value(), is_final(state));
    }
    for (const JobState state :
         {JobState::Running, JobState::Succeeded, JobState::Aborted, JobState::Stopped}) {
        Job job = job_of("t");
        job.state = state;
        EXPECT_THROW(store().add(job, "somebody"), std::invalid_argument) << to_string(state);
    }
}

TEST_P(AddOf, AKeyIsUniqueAmongTheUnfinished) {
    Job job = job_of("t");
    job.key = "k";
    const JobId first = add(job);
    EXPECT_EQ(add(job), first) << "queued";
    const Job claimed = claim(1).at(0);
    EXPECT_EQ(add(job), first) << "running";
    EXPECT_EQ(words_of(store().events(first)),
              (std::vector<std::string>{"created", "refused", "claimed", "refused"}));
    settle(claimed, JobState::Succeeded);
    const JobId second_one = add(job);
    EXPECT_NE(second_one, first);
    Job idle = job_of("t");
    idle.key = "idle";
    idle.state = JobState::Idle;
    const JobId idle_one = add(idle);
    EXPECT_EQ(add(idle), idle_one);
}

TEST_P(AddOf, NoKeyIsNoKey) {
    EXPECT_NE(add(job_of("t")), add(job_of("t")));
}

TEST_P(AddOf, ValuesKeepTheirTypeAndText) {
    Job job = job_of("t");
    job.parameters = {{"string", "with \"quotes\", \n and \xC3\xA4"},
                      {"digits", "007"},
                      {"integer", Value("-12", Value::Kind::Integer)},
                      {"number", Value("1.5", Value::Kind::Number)},
                      {"boolean", Value("true", Value::Kind::Boolean)},
                      {"json", Value("[1,{\"a\":null}]", Value::Kind::Json)},
                      {"empty", ""}};
    EXPECT_EQ(find(add(job)).parameters, job.parameters);
}

class Page : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Page, ValuesIn(all_stores()), store_name);

TEST_P(Page, GoesThroughAllNewestFirst) {
    for (int i = 0; i < 7; ++i) add(job_of("t"));
    JobFilter filter{.limit = 3};
    EXPECT_EQ(ids_of(store().page(filter, kNow)), (std::vector<JobId>{7, 6, 5}));
    filter.before = 5;
    EXPECT_EQ(ids_of(store().page(filter, kNow)), (std::vector<JobId>{4, 3, 2}));
    filter.before = 2;
    EXPECT_EQ(ids_of(store().page(filter, kNow)), std::vector<JobId>{1});
    filter.before = 1;
    EXPECT_TRUE(store().page(filter, kNow).empty());
}

TEST_P(Page, GoesThroughAllOldestFirst) {
    for (int i = 0; i < 4; ++i) add(job_of("t"));
    JobFilter filter{.limit = 3, .newest_first = false};
    EXPECT_EQ(ids_of(store().page(filter, kNow)), (std::vector<JobId>{1, 2, 3}));
    filter.after = 3;
    EXPECT_EQ(ids_of(store().page(filter, kNow)), std::vector<JobId>{4});
}

TEST_P(Page, SaysWhatEachJobWaitsFor) {
    Job job = job_of("t");
    job.concurrency = 1;
    add(job);
    add(job);
    claim(1);
    const auto jobs = store().page({}, kNow);
    EXPECT_EQ(jobs.at(0).waiting_for, WaitingFor::Concurrency);
    EXPECT_EQ(jobs.at(1).waiting_for, WaitingFor::None);
}

struct FilterCase {
    const char* why;
    JobFilter filter;
    std::vector<JobId> ids;
};

TEST_P(Page, FiltersByEachFieldAndByAllTogether) {
    const auto make = [](std::string task, std::string group, std::string topic, std::string key,
                         std::optional<std::string> phase) {
        Job job = job_of(std::move(task));
        job.group = std::move(group);
        job.topic = std::move(topic);
        job.key = std::move(key);
        job.phase = std::move(phase);
        return job;
    };
    add(make("a", "g", "default", "", {}));
    add(make("b", "", "mail", "k", "sending"));
    add(make("a", "", "mail", "", "registered"));
    add(make("a'b", "", "default", "", {}));
    settle(claim_only(1).at(0), JobState::Succeeded);
    claim_only(3);
    const std::vector<FilterCase> cases{
        {"nothing", {}, {4, 3, 2, 1}},
        {"task", {.task = "a"}, {3, 1}},
        {"a quote is a quote", {.task = "a'b"}, {4}},
        {"no such task", {.task = "A"}, {}},
        {"group", {.group = "g"}, {1}},
        {"topic", {.topic = "mail"}, {3, 2}},
        {"key", {.key = "k"}, {2}},
        {"phase", {.phase = "registered"}, {3}},
        {"one state", {.states = {JobState::Queued}}, {4, 2}},
        {"two states", {.states = {JobState::Succeeded, JobState::Running}}, {3, 1}},
        {"ids", {.ids = {2, 4, 99}}, {4, 2}},
        {"task and state", {.task = "a", .states = {JobState::Running}}, {3}},
        {"all but one",
         {.ids = {2}, .task = "b", .topic = "mail", .key = "x", .phase = "sending"},
         {}},
        {"all", {.ids = {2}, .task = "b", .topic = "mail", .key = "k", .phase = "sending"}, {2}},
    };
    for (const FilterCase& test : cases) {
        EXPECT_EQ(ids_of(store().page(test.filter, kNow)), test.ids) << test.why;
        EXPECT_EQ(store().count(test.filter), static_cast<std::int64_t>(test.ids.size()))
            << test.why;
    }
}

TEST_P(Page, CountsWhateverTheCursorAndTheLimit) {
    for (int i = 0; i < 5; ++i) add(job_of("t"));
    EXPECT_EQ(store().count({.before = 2, .after = 1, .limit = 1}), 5);
}

class LogOf : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, LogOf, ValuesIn(all_stores()), store_name);

TEST_P(LogOf, IsReadFromAPlaceOrFromItsEnd) {
    const JobId id = add(job_of("t"));
    claim(1);
    LiveUpdate lines{.id = id, .claim = 1};
    for (int seq = 1; seq <= 5; ++seq) lines.lines.push_back({.seq = seq, .text = "x"});
    update(lines);
    const auto seqs = [](const std::vector<LogLine>& read) {
        std::vector<std::int64_t> numbers;
        for (const LogLine& line : read) numbers.push_back(line.seq);
        return numbers;
    };
    using Numbers = std::vector<std::int64_t>;
    EXPECT_EQ(seqs(store().log(id, 0, 2)), (Numbers{1, 2}));
    EXPECT_EQ(seqs(store().log(id, 2, 100)), (Numbers{3, 4, 5}));
    EXPECT_EQ(seqs(store().log(id, 5, 100)), Numbers{});
    EXPECT_EQ(seqs(store().log_tail(id, 2)), (Numbers{4, 5}));
    EXPECT_EQ(seqs(store().log_tail(id, 100)), (Numbers{1, 2, 3, 4, 5}));
    EXPECT_EQ(seqs(store().log_tail(id, 0)), Numbers{});
    EXPECT_TRUE(store().log(99, 0, 10).empty());
    EXPECT_TRUE(store().log_tail(99, 10).empty());
    EXPECT_EQ(store().response(99), "");
}

TEST_P(LogOf, EventsAreKeptInOrder) {
    const JobId id = add(job_of("t"));
    store().add_event(id, {kNow + 1s, "blocked", "executor", "pid 5 can't be ended"});
    store().add_event(id, {kNow, "noted", "somebody", ""});
    EXPECT_EQ(words_of(store().events(id)),
              (std::vector<std::string>{"created", "blocked", "noted"}));
    store().add_event(99, {kNow, "nothing", "nobody", ""});
    EXPECT_TRUE(store().events(99).empty());
}

}  // namespace
}  // namespace periodic
