#include "run/pending.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "run/plan_due.hpp"

namespace periodic {
namespace {

using std::chrono::seconds;

// An occurrence that is older than this has been missed, not just come due.
constexpr seconds kJustDue{60};
constexpr int kPage = 1000;

Pending pending_of(const Job& job) {
    Pending pending;
    pending.task = job.task;
    pending.group = job.group;
    pending.zone = job.zone;
    pending.scheduled =
        job.scheduled.value_or(std::chrono::floor<seconds>(job.available.value_or(job.created)));
    pending.parameters = job.parameters;
    pending.priority = job.priority;
    pending.available = job.available.value_or(job.created);
    return pending;
}

// Why a job waits in the queue: the event that put it there.
std::string reason_in_queue(ExecutorCore& core, const Job& job) {
    const std::vector<JobEvent> events = core.store().events(job.id);
    const auto decisive = std::find_if(events.rbegin(), events.rend(), [](const JobEvent& one) {
        return one.event == "retry" || one.event == "reschedule" || one.event == "phase" ||
               one.event == "created" || one.event == "retried";
    });
    if (decisive != events.rend() && decisive->event != "created" && decisive->event != "retried") {
        return decisive->event;
    }
    return "queued";
}

void add_queued(ExecutorCore& core, Time now, std::vector<Pending>& found) {
    JobFilter filter{.states = {JobState::Queued}, .limit = kPage, .newest_first = true};
    while (true) {
        const std::vector<Job> page = core.store().page(filter, now);
        for (const Job& job : page) {
            if (job.available && *job.available > now) continue;
            if (job.waiting_for == WaitingFor::Paused) continue;
            found.push_back(pending_of(job));
            found.back().reason = reason_in_queue(core, job);
        }
        if (std::cmp_less(page.size(), kPage)) return;
        filter.before = page.back().id;
    }
}

}  // namespace

std::vector<Pending> find_pending(ExecutorCore& core) {
    const Time now = core.clock().now();
    const auto crontab = core.crontab().current();
    std::vector<Pending> found;
    for (const EntryPlan& plan : plan_in_memory(core, *crontab, now, seconds(0)).plans) {
        for (const Job& job : plan.jobs) {
            if (job.state == JobState::Skipped) continue;
            found.push_back(pending_of(job));
            const bool late =
                job.missed > 0 || *job.scheduled < std::chrono::floor<seconds>(now) - kJustDue;
            found.back().reason = late ? "missed" : "due";
        }
    }
    add_queued(core, now, found);
    // As they are claimed.
    std::stable_sort(found.begin(), found.end(), [](const Pending& a, const Pending& b) {
        return std::tie(b.priority, a.available) < std::tie(a.priority, b.available);
    });
    return found;
}

}  // namespace periodic
