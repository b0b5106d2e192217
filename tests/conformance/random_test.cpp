#include <cstdlib>
#include <iostream>
#include <random>

#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;

// Does the same random things to two stores and compares all that can be seen of them. The store
// in memory looks at every job each time, which makes it the naive model of the others.
class Twins {
public:
    Twins(JobStore& model, JobStore& tested, unsigned seed)
        : model_(model), tested_(tested), random_(seed) {}

    void step() {
        now_ += milliseconds(below(300));
        switch (below(14)) {
            case 0:
            case 1:
            case 2:
                return plan();
            case 3:
                return add();
            case 4:
                return claim_by_name();
            case 5:
                return prune();
            case 6:
            case 7:
                return change();
            case 8:
                return pause();
            case 9:
                return append();
            default:
                return turn();
        }
    }

    void compare_all() {
        const JobFilter all{.limit = 10'000, .newest_first = false};
        const auto expected = model_.page(all, now_);
        const auto actual = tested_.page(all, now_);
        ASSERT_EQ(ids_of(actual), ids_of(expected));
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const JobId id = expected[i].id;
            ASSERT_EQ(actual[i], expected[i]) << "job " << id << ": " << to_string(actual[i].state)
                                              << " and " << to_string(expected[i].state);
            ASSERT_EQ(tested_.events(id), model_.events(id)) << "job " << id;
            ASSERT_EQ(tested_.attempts(id), model_.attempts(id)) << "job " << id;
            ASSERT_EQ(tested_.log(id, 0, 1'000), model_.log(id, 0, 1'000)) << "job " << id;
            ASSERT_EQ(tested_.response(id), model_.response(id)) << "job " << id;
        }
        ASSERT_EQ(tested_.entry_marks(), model_.entry_marks());
        ASSERT_EQ(tested_.next_available(now_), model_.next_available(now_));
        ASSERT_EQ(tested_.last_states(), model_.last_states());
        ASSERT_EQ(tested_.tasks_with_history(), model_.tasks_with_history());
        ASSERT_EQ(tested_.running_of_others(1), model_.running_of_others(1));
        ASSERT_EQ(tested_.running_of(1), model_.running_of(1));
        ASSERT_EQ(asks(tested_), asks(model_));
        ASSERT_EQ(tested_.pauses(now_ - milliseconds(500)),
                  model_.pauses(now_ - milliseconds(500)));
        for (int i = 0; i < 20; ++i) compare_lists(random_filter());
        const QueueCounts counted = tested_.counts(now_);
        const QueueCounts counts = model_.counts(now_);
        ASSERT_EQ(std::tie(counted.ready, counted.waiting, counted.running),
                  std::tie(counts.ready, counts.waiting, counts.running));
    }

    void compare_lists(const JobFilter& filter) {
        ASSERT_EQ(ids_of(tested_.page(filter, now_)), ids_of(model_.page(filter, now_)))
            << described(filter);
        ASSERT_EQ(tested_.count(filter), model_.count(filter)) << described(filter);
    }

    [[nodiscard]] std::size_t settled() const noexcept { return settled_; }
    [[nodiscard]] std::size_t changed() const noexcept { return changed_; }

private:
    int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }
    bool one_in(int number) { return below(number) == 0; }
    std::string word(const char* prefix, int count) {
        return prefix + std::to_string(below(count));
    }

    static std::vector<std::tuple<JobId, std::int64_t, Reason, std::string>> asks(JobStore& store) {
        std::vector<std::tuple<JobId, std::int64_t, Reason, std::string>> asks;
        for (const std::int64_t owner : {1, 2}) {
            for (const Ask& ask : store.asks(owner))
                asks.emplace_back(ask.id, ask.claim, ask.what, ask.by);
        }
        return asks;
    }

    JobId random_id() { return 1 + below(250); }
    JobState random_state() { return static_cast<JobState>(below(8)); }

    JobFilter random_filter() {
        JobFilter filter;
        if (one_in(4)) filter.task = word("task-", 5);
        if (one_in(4)) filter.group = word("group-", 4);
        if (one_in(4)) filter.topic = word("topic-", 4);
        if (one_in(6)) filter.key = word("key-", 6);
        if (one_in(4)) filter.phase = word("phase-", 3);
        for (int states = below(4); states > 0; --states) filter.states.push_back(random_state());
        if (one_in(8)) filter.ids = {random_id(), random_id(), random_id()};
        if (one_in(4)) filter.not_ids = {random_id(), random_id(), random_id()};
        if (one_in(4)) filter.above = random_id();
        if (one_in(4)) filter.below = random_id();
        const auto elapsed = static_cast<int>((now_ - kNow).count());
        if (one_in(4)) filter.created_before = kNow + milliseconds(below(elapsed + 1));
        if (one_in(4)) filter.created_after = kNow + milliseconds(below(elapsed + 1));
        if (one_in(4)) filter.before = random_id();
        if (one_in(4)) filter.after = random_id();
        filter.limit = 1 + below(20);
        filter.newest_first = one_in(2);
        return filter;
    }

    static std::string described(const JobFilter& filter) {
        std::string text = "task " + filter.task + " group " + filter.group + " topic " +
                           filter.topic + " key " + filter.key + " phase " + filter.phase +
                           " states";
        for (const JobState state : filter.states) text.append(" ").append(to_string(state));
        const auto number = [&text](const char* name, const std::optional<JobId>& id) {
            if (id) text.append(name).append(std::to_string(*id));
        };
        number(" above ", filter.above);
        number(" below ", filter.below);
        number(" before ", filter.before);
        number(" after ", filter.after);
        return text + " ids " + std::to_string(filter.ids.size()) + " limit " +
               std::to_string(filter.limit) + (filter.newest_first ? " newest first" : "");
    }

    JobEdit random_edit() {
        JobEdit edit;
        if (one_in(4)) edit.phase = one_in(3) ? "terminated" : word("phase-", 3);
        if (one_in(4)) edit.comment = word("comment-", 3);
        if (one_in(4)) edit.interval = std::chrono::seconds(below(3));
        if (one_in(4)) edit.priority = below(3) - 1;
        if (one_in(4)) edit.available = now_ + milliseconds(below(500));
        if (one_in(4)) edit.parameters[word("p", 3)] = word("", 3);
        if (one_in(4)) edit.attributes[word("a", 3)] = word("", 3);
        return edit;
    }

    void change() {
        std::vector<JobChange> changes;
        for (int i = below(6); i >= 0; --i) {
            changes.push_back({.id = random_id(),
                               .action = static_cast<JobAction>(below(6)),
                               .edit = random_edit(),
                               .by = word("person-", 2)});
        }
        const auto expected = model_.change(changes, now_);
        const auto actual = tested_.change(changes, now_);
        ASSERT_EQ(actual.size(), changes.size());
        for (std::size_t i = 0; i < changes.size(); ++i) {
            ASSERT_EQ(std::tie(actual[i].id, actual[i].changed, actual[i].before, actual[i].after,
                               actual[i].message),
                      std::tie(expected[i].id, expected[i].changed, expected[i].before,
                               expected[i].after, expected[i].message));
            changed_ += expected[i].changed ? 1 : 0;
        }
    }

    void pause() {
        PauseScope scope;
        scope.kind = static_cast<PauseScope::Kind>(below(4));
        static constexpr const char* kNames[] = {"", "task-", "group-", "topic-"};
        if (scope.kind != PauseScope::Kind::All)
            scope.name = word(kNames[static_cast<int>(scope.kind)], 3);
        if (one_in(2) || scope.kind == PauseScope::Kind::All) {
            ASSERT_EQ(tested_.resume(scope, now_, "somebody"),
                      model_.resume(scope, now_, "somebody"));
            return;
        }
        Pause pause{.scope = scope, .since = now_, .reason = "a reason", .by = "somebody"};
        if (one_in(2)) pause.until = now_ + milliseconds(below(1'000));
        model_.pause(pause);
        tested_.pause(pause);
    }

    void append() {
        const JobId id = random_id();
        const std::vector<LogLine> lines(static_cast<std::size_t>(below(3)),
                                         {.time = now_, .text = one_in(3) ? "" : "appended"});
        const std::string response = word("response ", 3);
        ASSERT_EQ(tested_.append(id, lines, response), model_.append(id, lines, response));
    }

    Job random_job() {
        Job job = job_of(word("task-", 4));
        job.created = now_;
        if (one_in(2)) job.group = word("group-", 3);
        job.topic = word("topic-", 3);
        job.priority = below(3) - 1;
        job.available = now_ + milliseconds(below(600) - 300);
        job.concurrency = below(3);
        if (one_in(3)) job.concurrency_value = word("value-", 2);
        if (one_in(4)) job.key = word("key-", 5);
        if (one_in(4)) job.phase = word("phase-", 3);
        if (one_in(6)) job.created -= milliseconds(below(1'000));
        return job;
    }

    void plan() {
        std::vector<EntryPlan> plans;
        for (int i = below(4); i >= 0; --i) {
            EntryPlan& plan = plans.emplace_back();
            plan.id = 1 + below(6);
            plan.definition = "entry";
            std::int64_t& at = marks_[plan.id];
            if (at != 0) plan.seen = mark(plan.id, one_in(10) ? at - 1 : at);
            for (int jobs = below(4); jobs > 0; --jobs)
                plan.jobs.push_back(random_occurrence(plan.id, ++at));
            if (one_in(10) && !plan.jobs.empty())
                plan.jobs.back().scheduled = second(below(static_cast<int>(at)));
            if (at != 0 || one_in(2)) plan.mark = mark(plan.id, at);
        }
        const PlanResult expected = model_.plan(plans, now_, "planner");
        const PlanResult actual = tested_.plan(plans, now_, "planner");
        ASSERT_EQ(std::tie(actual.inserted, actual.skipped, actual.refused, actual.stale),
                  std::tie(expected.inserted, expected.skipped, expected.refused, expected.stale));
        ASSERT_EQ(actual.failed, expected.failed);
        ASSERT_EQ(actual.to_stop, expected.to_stop);
        for (const EntryMark& stored : model_.entry_marks()) {
            marks_[stored.id] = (stored.watermark - second(0)).count();
        }
    }

    Job random_occurrence(std::int64_t entry, std::int64_t at) {
        Job job = random_job();
        job.key.clear();  // the planner gives none
        job.entry = entry;
        job.scheduled = second(at);
        job.overlap = static_cast<Overlap>(below(4));
        job.missed = one_in(4) ? below(5) : 0;
        if (one_in(6)) {
            job.state = JobState::Skipped;
            job.reason = one_in(2) ? Reason::Missed : Reason::Removed;
        } else if (one_in(10)) {
            job.state = JobState::Failed;
            job.reason = Reason::Invalid;
        }
        return job;
    }

    void add() {
        Job job = random_job();
        if (one_in(5)) job.state = JobState::Idle;
        ASSERT_EQ(tested_.add(job, "somebody"), model_.add(job, "somebody"));
    }

    void claim_by_name() {
        Turn turn;
        turn.claims = {{.owner = 1, .worker = 7, .now = now_, .limit = 1, .only = 1 + below(200)}};
        carry_out(turn);
    }

    void prune() {
        const std::string task = word("task-", 4);
        const RetentionPolicy retention{.age = std::chrono::seconds(below(20)), .jobs = below(10)};
        const int limit = 1 + below(5);
        ASSERT_EQ(tested_.prune(task, retention, now_, limit),
                  model_.prune(task, retention, now_, limit));
    }

    void turn() {
        Turn turn;
        while (!running_.empty() && !one_in(3)) turn.settlements.push_back(random_end());
        if (!running_.empty() && one_in(2)) {
            const Job& job =
                running_[static_cast<std::size_t>(below(static_cast<int>(running_.size())))];
            turn.updates.push_back(
                {.id = job.id,
                 .claim = job.claim,
                 .lines = {{.seq = 1 + below(20), .time = now_, .text = word("line ", 9)}},
                 .response = word("r", 9),
                 .progress = below(101)});
        }
        turn.claims = {{.owner = 1 + below(2), .worker = 7, .now = now_, .limit = below(5)}};
        if (one_in(5)) {
            for (int ids = below(20); ids >= 0; --ids)
                turn.claims.front().among.push_back(random_id());
        }
        for (int topics = below(3); topics > 0; --topics)
            turn.claims.front().topics.push_back(word("topic-", 3));
        carry_out(turn);
    }

    Settlement random_end() {
        const auto at = static_cast<std::size_t>(below(static_cast<int>(running_.size())));
        const Job job = running_[at];
        if (!one_in(10))
            running_.erase(running_.begin() +
                           static_cast<std::ptrdiff_t>(at));  // else settled twice
        static constexpr JobState kEnds[] = {JobState::Succeeded, JobState::Aborted,
                                             JobState::Failed, JobState::Stopped, JobState::Queued};
        Settlement end = end_of(job, kEnds[below(5)], Reason::None, now_);
        end.job.available = now_ + milliseconds(below(500));
        end.delete_job = one_in(15);
        if (one_in(6)) end.follow_ups.push_back(random_job());
        end.cut_after = below(10);
        end.cut_before = below(20);
        return end;
    }

    void carry_out(const Turn& turn) {
        const TurnResult expected = model_.turn(turn);
        const TurnResult actual = tested_.turn(turn);
        ASSERT_EQ(actual.late, expected.late);
        ASSERT_EQ(actual.claimed, expected.claimed);
        ASSERT_EQ(actual.skipped, expected.skipped);
        ASSERT_EQ(actual.to_stop, expected.to_stop);
        settled_ += turn.settlements.size() - expected.late.size();
        running_.insert(running_.end(), expected.claimed.begin(), expected.claimed.end());
    }

    JobStore& model_;
    JobStore& tested_;
    std::mt19937 random_;
    Time now_ = kNow;
    std::map<std::int64_t, std::int64_t> marks_{};
    std::vector<Job> running_{};
    std::size_t settled_ = 0;
    std::size_t changed_ = 0;
};

class RandomWork : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, RandomWork, testing::ValuesIn(all_stores()), store_name);

TEST_P(RandomWork, GoesAsInTheNaiveModel) {
    const char* given = std::getenv("PERIODIC_TEST_SEED");  // NOLINT(concurrency-mt-unsafe)
    const unsigned first =
        given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
    std::cout << "PERIODIC_TEST_SEED=" << first << '\n';
    const auto model = make_memory_store();
    Twins twins(*model, store(), first);
    for (int step = 0; step < 400; ++step) {
        SCOPED_TRACE("step " + std::to_string(step) + " of seed " + std::to_string(first));
        twins.step();
        if (step % 20 == 19) twins.compare_all();
        if (HasFatalFailure()) return;
    }
    EXPECT_GT(twins.settled(), 10U) << "the work was too idle to show anything";
    EXPECT_GT(twins.changed(), 10U) << "the people were too idle to show anything";
}

}  // namespace
}  // namespace periodic
