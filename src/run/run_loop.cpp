#include "run/run_loop.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

#include "base/this_machine.hpp"
#include "run/log_end.hpp"
#include "run/orphans.hpp"
#include "run/plan_due.hpp"
#include "run/process_files.hpp"
#include "run/settle.hpp"
#include "run/thread_host.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Between batches of what is beyond its retention, so that others come round.
constexpr milliseconds kBetweenBatches{5};
// How often files in the state directory are looked after while jobs run.
constexpr seconds kLookAfterEvery{1};
// How long the lock may be another's before this run ends.
constexpr seconds kPatienceWithOther{10};

void log_begin(Logger& logger, const Job& job) {
    const std::string text = "attempt " + std::to_string(job.attempt) + " of " +
                             std::to_string(job.max_attempts) + " begins";
    logger.log({.level = LogLevel::Info, .text = text, .task = job.task, .job = job.id});
}

}  // namespace

RunLoop::RunLoop(ExecutorCore& core, RunRequest request, Lock lock, LockOwner owner)
    : core_(core),
      request_(std::move(request)),
      lock_(std::move(lock)),
      owner_(std::move(owner)),
      name_(owner_.kind + " pid " + std::to_string(owner_.process.pid)),
      begun_(core.clock().now()),
      begun_steady_(core.clock().steady_now()),
      reserve_(core.home().in_state("reserve")),
      outbox_(core.store(), {.generation = owner_.generation,
                             .runs = [this](JobId id) { return host_->find(id) != nullptr; },
                             .relief = [this] { reserve_.give_up(); }}),
      waits_(core.store(), [this] { core_.clock().notify(); }),
      requests_(core.clock(), {.yield = !request_.forever,
                               .work = request_.step == nullptr,
                               .questions = request_.listener != nullptr}),
      plans_(request_.only == 0 && request_.step == nullptr) {
    if (request_.only != 0) wanted_.push_back(request_.only);
    const HostParts parts{.core = core_, .waits = waits_, .owner = owner_};
    host_ = request_.host ? request_.host(parts) : std::make_unique<ThreadHost>(parts);
    configuration_ = core_.configuration();
    control_ = std::make_unique<ControlServer>(
        core_.home().state, [this](std::string_view line) { return on_request(line); });
    core_.set_hearer([this](std::string_view told) { return requests_.wake(told); });
}

RunLoop::~RunLoop() {
    core_.set_hearer({});
    if (over_) return;
    try {
        break_off("left in the middle");
    } catch (const std::exception& error) {
        core_.logger().error(std::string("it breaks off: ") + error.what());
    }
}

std::optional<std::string> RunLoop::on_request(std::string_view request) {
    if (const auto addition = append_request_from(request)) return append(*addition);
    if (requests_.wake(request)) return describe(owner_);
    return requests_.ask(request);
}

// Answers whether it is time to plan anew.
bool RunLoop::answer_questions() {
    bool plan = false;
    for (LoopQuestion& question : requests_.take_questions()) {
        auto answer = request_.listener->on_request(question.request, state());
        plan = plan || answer.plan;
        if (answer.replace_workers) {
            if (auto replaced = host_->replace_workers(); !replaced)
                answer.text = "no: " + replaced.error().message;
        }
        if (answer.ask_replacement) {
            const auto replaced = host_->replacement();
            if (replaced) answer.text = *replaced ? "replaced" : "no: " + replaced->error().message;
        }
        question.answer.set_value(std::move(answer.text));
    }
    return plan;
}

LoopState RunLoop::state() {
    LoopState state{.owner = owner_,
                    .report = report_,
                    .next_due = next_due_,
                    .running = {},
                    .workers = {},
                    .stopping = stopping_,
                    .trouble = outbox_.broken_since() && outbox_.problem()
                                   ? std::string(outbox_.problem()->what())
                                   : plan_trouble_};
    try {
        state.workers = host_->status();
    } catch (const StorageError& error) {
        state.trouble = error.what();  // who asks for the end must be heard all the same
    }
    for (const RunningAttempt& attempt : host_->running()) {
        state.running.push_back({.id = attempt.job.id,
                                 .task = attempt.job.task,
                                 .topic = attempt.job.topic,
                                 .since = attempt.job.started.value_or(begun_)});
    }
    return state;
}

std::string RunLoop::append(const AppendRequest& request) {
    return std::string(host_->append(request, core_.clock().now()) ? kAdded : kNotRunning);
}

// Stops and kills that people want of what runs here.
void RunLoop::meet_asks() {
    try {
        for (const Ask& ask : core_.store().asks(owner_.generation)) {
            RunningAttempt* attempt = host_->find(ask.id);
            if (attempt != nullptr && attempt->job.claim == ask.claim)
                attempt->control->ask(ask.what, ask.by);
        }
    } catch (const StorageError& error) {
        // Looked for again in a second; a store that stays broken ends the run by its results.
        core_.logger().error(std::string("requests to stop wait for the store: ") + error.what());
    }
}

RunReport RunLoop::run() {
    try {
        return run_to_end();
    } catch (const std::exception& error) {
        if (!over_) break_off(error.what());
        throw;
    }
}

RunReport RunLoop::run_to_end() {
    settle_orphans(begun_, {});
    if (began_ahead(core_, begun_)) heed_set_clock(core_, begun_, name_);
    // So that the first job of one that lives long finds all it needs.
    if (request_.forever) prepare();
    while (const auto look = request_.forever ? step_on() : step()) {
        control_->start();  // one that finds nothing to do has ended before anybody asks
        core_.clock().wait_until(*look, next_stop());
    }
    return finish();
}

// A store that breaks does not end who lives long: it goes on when the store does.
std::optional<Time> RunLoop::step_on() {
    try {
        auto look = step();
        if (std::exchange(store_is_broken_, false)) core_.logger().warning("the store works again");
        return look;
    } catch (const StorageError& error) {
        if (!std::exchange(store_is_broken_, true))
            core_.logger().error(std::string("everything waits for the store: ") + error.what());
        if (stopping_ && is_at_rest(core_.clock().now())) throw;
        return core_.clock().now() + seconds(1);
    }
}

// What ends a wait: the stop, and once that came, the hurry.
std::stop_token RunLoop::next_stop() const {
    if (hurried_) return {};
    return stopping_ ? request_.hurry : request_.options.stop;
}

std::optional<Time> RunLoop::step() {
    const Time now = core_.clock().now();
    const LoopWakes wakes = requests_.take_wakes();
    hear(wakes, now);
    if (const auto due = orphans_due(); due && *due <= now) retry_orphans(now);
    if (is_time_to_plan(now)) plan(now);
    // Requests and deadlines first: what obeys at once is collected below.
    if (wakes.asks) meet_asks();
    end_what_must(now);
    host_->look(now);
    // Ends before claims: the groups and limits of what has ended are free.
    collect_results();
    collect_updates(now);
    commit(now);
    claim_early(now);
    give_up_in_the_end(now);
    // Only while nobody waits for the store.
    if (request_.forever && !stopping_ && outbox_.empty()) pruning_.step(core_, now, lived());
    observer_look_ = core_.observer() == nullptr ? std::nullopt : core_.observer()->look(now);
    if (is_done(now)) return std::nullopt;
    return next_look(now);
}

// What others want is kept before anything that the store may refuse: a wake comes once.
void RunLoop::hear(const LoopWakes& wakes, Time now) {
    plans_ = plans_ || wakes.plan;
    woken_ = woken_ || wakes.plan || wakes.look;
    wanted_.insert(wanted_.end(), wakes.wanted.begin(), wakes.wanted.end());
    yielding_ = yielding_ || wakes.yield;
    clock_was_set_ = clock_looks_.went_back(now) || clock_was_set_;
    heed_clock(now);
    look_after_files(now, wakes.plan || wakes.look);
    note_stop(now);
    plans_ = answer_questions() || plans_;
    note_configuration(now);
}

// A clock that was set back may have marks far ahead of it, and then what is due comes sooner.
bool RunLoop::is_time_to_plan(Time now) {
    const bool was_set_back = planned_at_ && now < *planned_at_;
    const bool is_due = next_plan_ && *next_plan_ <= now;
    return std::exchange(plans_, false) || was_set_back || is_due;
}

// What the store does not take is tried again: the clock is noticed once.
void RunLoop::heed_clock(Time now) {
    if (!clock_was_set_) return;
    try {
        heed_set_clock(core_, now, name_);
        clock_was_set_ = false;
    } catch (const StorageError& error) {
        core_.logger().error(std::string("times of a clock that was set wait for the store: ") +
                             error.what());
    }
}

// Cleaners remove what they don't know: the lock, the socket. Both are made anew; what was asked
// while the socket was gone is in the store.
void RunLoop::look_after_files(Time now, bool asked) {
    const bool early =
        looked_after_ && now >= *looked_after_ && now - *looked_after_ < kLookAfterEvery;
    if (early && !asked) return;
    owner_.heartbeat = now;
    const bool is_locked = lock_.heal();
    if (is_locked) lock_.write_owner(owner_);
    note_other(is_locked);
    // Who has the lock has the socket, too.
    files_are_there_ = is_locked && control_->heal();
    if (early) return;
    looked_after_ = now;
    if (!host_->running().empty()) meet_asks();
}

// Where the whole state directory was removed, another one may have begun in a new one: it knows
// nothing of this one. One that looks for the lock gives it up at once.
void RunLoop::note_other(bool is_locked) {
    const auto now = core_.clock().steady_now();
    if (is_locked) return unlocked_since_.reset();
    if (!unlocked_since_) unlocked_since_ = now;
    if (lost_home_ || now - *unlocked_since_ < kPatienceWithOther) return;
    const auto other = Lock::read_owner(core_.home().in_state("lock"));
    if (!other || other->process == owner_.process || !is_alive(other->process)) return;
    lost_home_ = true;
    core_.logger().error("another executor has the home, in a new state directory: " +
                         describe(*other) + "; this one ends");
}

// Whoever read it anew did so on another thread, or while a question was answered.
void RunLoop::note_configuration(Time now) {
    auto latest = core_.configuration();
    if (latest == configuration_) return;
    configuration_ = std::move(latest);
    host_->reconfigure(*configuration_, now);
    if (core_.observer() != nullptr) core_.observer()->reconfigured(*configuration_);
}

void RunLoop::prepare() {
    if (prepared_) return;
    reserve_.restore();
    if (!blocked_) remove_process_files(core_.home(), owner_.generation);
    host_->prepare();
    prepared_ = true;
}

void RunLoop::start(const std::vector<Job>& claimed, Time now) {
    host_->start(claimed, now);
    for (const Job& job : claimed) {
        ++started_;
        if (request_.step != nullptr) request_.step->note_begun(job.id);
        log_begin(core_.logger(), job);
        if (auto* const observer = core_.observer()) {
            const auto task = core_.tasks().find(job.task);
            observer->started(job, task ? task->get() : nullptr);
        }
    }
}

Time RunLoop::next_look(Time now) {
    Time look = now + std::chrono::hours(24);
    const auto earlier = [&look](std::optional<Time> time) {
        if (time) look = std::min(look, *time);
    };
    earlier(updates_due_);
    earlier(observer_look_);
    if (clock_was_set_) earlier(now + seconds(1));
    if (outbox_.broken_since()) earlier(outbox_.retry_at());
    for (const RunningAttempt& attempt : host_->running()) {
        if (!attempt.control->token().stop_requested())
            earlier(attempt.control->deadline(core_.clock()));
    }
    earlier(host_->next_look(now));
    earlier(orphans_due());
    if (!host_->running().empty() || !files_are_there_) earlier(now + kLookAfterEvery);
    // The store has just recovered: what waited for that is claimed now.
    if (may_claim(now) && !claim_tried_) look = now;
    if (request_.forever && !stopping_) earlier(pruning_.next(now + kBetweenBatches));
    if (end_at_ && !host_->running().empty() && *end_at_ > now) earlier(*end_at_);
    if (!stopping_ && !outbox_.broken_since()) {
        earlier(next_plan_);
        // Just before, if it can be claimed then; else, or once that was tried, on its time.
        if (next_available_) {
            const Time early = *next_available_ - host_->lead();
            earlier(early > now ? early : *next_available_);
        }
    }
    return std::max(look, now + milliseconds(1));
}

}  // namespace periodic
