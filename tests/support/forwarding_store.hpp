#pragma once

#include <memory>
#include <utility>

#include "periodic/job_store.hpp"

namespace periodic::testing {

/// A store that passes every call on; tests override what they want to watch or break.
class ForwardingStore : public JobStore {
public:
    explicit ForwardingStore(std::shared_ptr<JobStore> inner) : inner_(std::move(inner)) {}

    std::int64_t begin_generation(const Generation& owner) override {
        return inner_->begin_generation(owner);
    }
    void end_generation(std::int64_t id, Time at, std::string_view reason) override {
        inner_->end_generation(id, at, reason);
    }
    std::optional<Generation> last_generation() override { return inner_->last_generation(); }
    std::optional<Generation> find_generation(std::int64_t id) override {
        return inner_->find_generation(id);
    }
    std::vector<EntryMark> entry_marks() override { return inner_->entry_marks(); }
    std::string entry_definition(std::int64_t id) override { return inner_->entry_definition(id); }
    std::vector<JobEvent> entry_events(std::int64_t id) override {
        return inner_->entry_events(id);
    }
    PlanResult plan(const std::vector<EntryPlan>& plans, Time now, std::string_view by) override {
        return inner_->plan(plans, now, by);
    }
    Job add(const Job& job, std::string_view by) override { return inner_->add(job, by); }
    std::vector<JobId> add_all(const std::vector<Job>& jobs, std::string_view by) override {
        return inner_->add_all(jobs, by);
    }
    TurnResult turn(const Turn& turn) override { return inner_->turn(turn); }
    std::vector<JobChanged> change(const std::vector<JobChange>& changes, Time now) override {
        return inner_->change(changes, now);
    }
    bool append(JobId id, const std::vector<LogLine>& lines, std::string_view response) override {
        return inner_->append(id, lines, response);
    }
    std::vector<Ask> asks(std::int64_t owner) override { return inner_->asks(owner); }
    std::vector<Job> running_of(std::int64_t owner) override { return inner_->running_of(owner); }
    std::vector<Job> running_of_others(std::int64_t generation) override {
        return inner_->running_of_others(generation);
    }
    std::optional<Time> next_available(Time now) override { return inner_->next_available(now); }
    QueueCounts counts(Time now) override { return inner_->counts(now); }
    std::vector<std::pair<std::string, std::int64_t>> ready_topics(Time now) override {
        return inner_->ready_topics(now);
    }
    std::int64_t set_clock_back(Time now, Time after, std::string_view by) override {
        return inner_->set_clock_back(now, after, by);
    }
    void add_event(JobId id, const JobEvent& event) override { inner_->add_event(id, event); }
    std::optional<Job> find(JobId id, Time now) override { return inner_->find(id, now); }
    std::vector<Job> page(const JobFilter& filter, Time now) override {
        return inner_->page(filter, now);
    }
    std::int64_t count(const JobFilter& filter) override { return inner_->count(filter); }
    JobChildren children(JobId id, int limit) override { return inner_->children(id, limit); }
    std::vector<JobAttempt> attempts(JobId id) override { return inner_->attempts(id); }
    std::vector<JobEvent> events(JobId id) override { return inner_->events(id); }
    std::vector<LogLine> log(JobId id, std::int64_t after, int limit) override {
        return inner_->log(id, after, limit);
    }
    std::vector<LogLine> log_tail(JobId id, int count) override {
        return inner_->log_tail(id, count);
    }
    std::string response(JobId id) override { return inner_->response(id); }
    std::vector<std::pair<std::string, JobState>> last_states() override {
        return inner_->last_states();
    }
    std::int64_t version() override { return inner_->version(); }
    std::int64_t wait_for_change(std::int64_t seen, std::chrono::milliseconds patience,
                                 std::stop_token stop) override {
        return inner_->wait_for_change(seen, patience, std::move(stop));
    }
    void pause(const Pause& pause) override { inner_->pause(pause); }
    bool resume(const PauseScope& scope, Time now, std::string_view by) override {
        return inner_->resume(scope, now, by);
    }
    std::vector<Pause> pauses(Time since) override { return inner_->pauses(since); }
    std::int64_t prune(std::string_view task, const RetentionPolicy& retention, Time now,
                       int limit) override {
        return inner_->prune(task, retention, now, limit);
    }
    std::vector<std::string> tasks_with_history() override { return inner_->tasks_with_history(); }

private:
    std::shared_ptr<JobStore> inner_;
};

}  // namespace periodic::testing
