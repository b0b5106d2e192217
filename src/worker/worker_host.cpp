#include "worker/worker_host.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include <poll.h>
#include <sys/wait.h>

#include "run/settle.hpp"
#include "worker/worker_host_parts.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kAskStoreEvery{200};
// Longer than the disk takes for a claim, mostly; a slot is free, but not given to others, for so
// long.
constexpr milliseconds kLead{25};
// How long workers have to end when the daemon does.
constexpr seconds kPatienceWithEnd{2};

}  // namespace

Result<std::unique_ptr<WorkerHost>> WorkerHost::create(const HostParts& parts,
                                                       WorkerHostOptions options) {
    auto program = WorkerProgram::open(options.program);
    if (!program) return Failure(program.error());
    return std::unique_ptr<WorkerHost>(
        new WorkerHost(parts, std::move(options), std::move(*program)));
}

WorkerHost::WorkerHost(const HostParts& parts, WorkerHostOptions options, WorkerProgram program)
    : parts_(parts),
      options_(std::move(options)),
      program_(std::move(program)),
      name_(parts.owner.kind + " pid " + std::to_string(parts.owner.process.pid)) {
    set_pools(options_.pools);
}

WorkerHost::~WorkerHost() {
    clerk_.reset();
    for (auto& [key, worker] : workers_) send_signal(worker->process.handle, SIGKILL);
    // One that waits for a broken disk does not die of that, and is not waited for.
    const auto until = std::chrono::steady_clock::now() + kPatienceWithEnd;
    for (auto& [key, worker] : workers_) {
        const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
        pollfd end{worker->process.handle.get(), POLLIN, 0};
        (void)::poll(&end, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        (void)::waitid(P_PIDFD, static_cast<id_t>(end.fd), nullptr, WEXITED | WNOHANG);
    }
    mail_room_.reset();
}

void WorkerHost::prepare() {}

// The first look is the executor's thread's: workers belong to it.
void WorkerHost::begin() {
    mail_room_ = std::make_unique<MailRoom>([this] { parts_.core.clock().notify(); });
    clerk_ = std::make_unique<Clerk>(parts_.core);
}

void WorkerHost::look(Time now) {
    const std::lock_guard guard(mutex_);
    if (!mail_room_) begin();
    hand_over_due(now);
    take_mail(now);
    if (ending_) return;
    if (mail_room_->take_child_end()) reap_strays();
    append_late(now);
    answer_waits(now);
    end_hung(now);
    end_silent();
    weigh(now);
    try_candidate(now);
    if (!left_.empty() && (!left_tried_ || now - *left_tried_ >= kLookAgainEvery)) settle_left(now);
    drop_alone(now);
    for (const auto& pool : pools_) tend(*pool, now);
    drop_retired();
    grow(now);
}

std::optional<Time> WorkerHost::next_look(Time now) {
    const std::lock_guard guard(mutex_);
    std::optional<Time> look;
    const auto earlier = [&look, now](Time time) {
        time = std::max(time, now + milliseconds(1));
        look = look ? std::min(*look, time) : time;
    };
    for (const auto& [id, held] : held_) earlier(held.until);
    if (!waits_.empty()) earlier(now + kAskStoreEvery);
    if (!left_.empty() || !alone_.empty()) earlier(now + kLookAgainEvery);
    if (candidate_) earlier(now + kLookAgainEvery);
    for (const auto& pool : pools_)
        if (pool->next_start > now) earlier(pool->next_start);
    for (const auto& [key, worker] : workers_) {
        if (!worker->jobs.empty() && weighed_) earlier(*weighed_ + kWeighEvery);
        if (is_to_begin(*worker)) earlier(now + kLookAgainEvery);
        if (!worker->ready || worker->draining) continue;
        const PoolOptions& options = worker->pool->options;
        earlier(worker->since + options.recycle_after);
        if (!worker->is_static && worker->jobs.empty()) earlier(worker->last + options.idle);
    }
    return look;
}

int WorkerHost::free_in(const Worker& worker) const {
    if (!worker.ready || worker.draining || worker.exclusive) return 0;
    const int free = worker.slots + worker.waiting - static_cast<int>(worker.jobs.size());
    // While something is to run alone, only whole workers are given away.
    if (!alone_.empty()) return worker.jobs.empty() ? std::min(free, 1) : 0;
    return std::max(free, 0);
}

// Static workers first, and of those the ones that have the least to do.
std::vector<FreeSlots> WorkerHost::free_slots() {
    const std::lock_guard guard(mutex_);
    std::vector<FreeSlots> all;
    if (ending_) return all;
    struct Slot {
        bool is_dynamic;
        int busy;
        std::int64_t pid;
    };
    for (const auto& pool : pools_) {
        if (pool->retired) continue;
        std::vector<Slot> slots;
        for (const auto& [key, worker] : workers_) {
            if (worker->pool != pool.get()) continue;
            const auto busy = static_cast<int>(worker->jobs.size());
            for (int i = 0, free = free_in(*worker); i < free; ++i)
                slots.push_back({!worker->is_static, busy + i, worker->process.identity.pid});
        }
        std::stable_sort(slots.begin(), slots.end(), [](const Slot& a, const Slot& b) {
            return std::pair(a.is_dynamic, a.busy) < std::pair(b.is_dynamic, b.busy);
        });
        FreeSlots free = pool->serves;
        free.workers.reserve(slots.size());
        for (const Slot& slot : slots) free.workers.push_back(slot.pid);
        all.push_back(std::move(free));
    }
    return all;
}

WorkerHost::Worker* WorkerHost::worker_of(std::int64_t pid) {
    for (const auto& [key, worker] : workers_)
        if (worker->process.identity.pid == pid) return worker.get();
    return nullptr;
}

RunningAttempt* WorkerHost::find(JobId id) noexcept {
    const auto found =
        std::find_if(running_.begin(), running_.end(),
                     [id](const RunningAttempt& attempt) { return attempt.job.id == id; });
    return found == running_.end() ? nullptr : &*found;
}

std::chrono::milliseconds WorkerHost::lead() const noexcept {
    return kLead;
}

void WorkerHost::start(const std::vector<Job>& claimed, Time now) {
    const std::lock_guard guard(mutex_);
    Delivery delivery;
    for (const Job& job : claimed) {
        Worker* const worker = worker_of(job.worker);
        // It may have died, or an answer of the store came late.
        if (worker == nullptr || free_in(*worker) <= 0) {
            ended_.push_back({{.job = job}, give_back(job, now)});
            parts_.core.clock().notify();
            continue;
        }
        run_in(*worker, job, now);
        if (job.started.value_or(now) > now) {
            held_.emplace(job.id, Held{.until = *job.started});
        } else {
            hand_over(*worker, job, now, delivery);
        }
    }
    send(delivery);
}

void WorkerHost::send(const Delivery& delivery) {
    for (const std::int64_t worker : delivery.workers) mail_room_->flush(worker);
}

void WorkerHost::run_in(Worker& worker, const Job& job, Time now) {
    const auto forward = [this, id = job.id, claim = job.claim, key = worker.number](
                             Reason what, const std::string& by, bool shutdown) {
        const std::lock_guard guard(mutex_);
        const auto found = workers_.find(key);
        if (found == workers_.end()) return;
        const AskMessage ask{
            .id = id, .claim = claim, .what = what, .by = by, .shutdown = shutdown};
        const auto held = held_.find(id);
        if (held == held_.end()) return tell(*found->second, ask);
        held->second = {.ask = ask};  // it is let go with it, at the next look
        parts_.core.clock().notify();
    };
    running_.push_back(
        {.job = job, .control = std::make_shared<AttemptControl>(std::nullopt, forward)});
    worker.jobs.push_back(job.id);
    worker.exclusive = alone_.erase(job.id) > 0;
    worker.last = now;
    where_[job.id] = worker.number;
}

void WorkerHost::leave(Worker& worker, JobId id) {
    std::erase(worker.jobs, id);
    worker.begun.erase(id);
    if (worker.jobs.empty()) worker.exclusive = false;
}

// Puts it on the worker's line. If it can't be told it has ended with that.
void WorkerHost::hand_over(Worker& worker, const Job& job, Time now, Delivery& delivery) {
    auto text = delivery.texts.find(job.task);
    if (text == delivery.texts.end())
        text = delivery.texts.emplace(job.task, parts_.core.tasks().kept_text(job.task)).first;
    delivery.workers.insert(worker.number);
    auto put = worker.process.line->put(RunMessage{.job = job, .task_text = text->second});
    if (put) return;
    AttemptEnd end{.job = job, .reason = Reason::Invalid, .error = put.error().message};
    end.finished = now;
    leave(worker, job.id);
    put_end(*find(job.id), settle(end, nullptr, 0.5));
    parts_.core.clock().notify();
}

// Those whose time has come; one of a clock that was set back meanwhile is given back.
void WorkerHost::hand_over_due(Time now) {
    if (held_.empty()) return;
    Delivery delivery;
    for (auto held = held_.begin(); held != held_.end();) {
        const auto [id, how] = *held;
        const bool is_far = how.until - now > 2 * kLead;
        if (how.until > now && !is_far) {
            ++held;
            continue;
        }
        held = held_.erase(held);
        const auto worker = workers_.find(where_.at(id));
        RunningAttempt* const attempt = find(id);
        if (attempt == nullptr || worker == workers_.end()) continue;
        if (is_far) {
            if (worker->second->exclusive) alone_.insert(id);  // as it was to be
            leave(*worker->second, id);
            put_end(*attempt, give_back(attempt->job, now));
        } else {
            hand_over(*worker->second, attempt->job, now, delivery);
            if (how.ask) (void)worker->second->process.line->put(*how.ask);
        }
    }
    send(delivery);
}

void WorkerHost::tell(Worker& worker, const Message& message) {
    if (auto put = worker.process.line->put(message); !put)
        parts_.core.logger().error("a worker is not told: " + put.error().message);
    mail_room_->flush(worker.number);
}

Settlement WorkerHost::give_back(const Job& job, Time now) const {
    AttemptEnd end;
    end.job = job;
    end.result = AttemptResult::Stopped;
    end.reason = Reason::Stopped;
    end.by = name_;
    end.shutdown = true;
    end.finished = now;
    Settlement settlement = settle(end, nullptr, 0.5);
    settlement.event.detail = "its worker ended before it began";
    return settlement;
}

std::vector<LiveUpdate> WorkerHost::take_updates() {
    const std::lock_guard guard(mutex_);
    return std::exchange(updates_, {});
}

std::vector<EndedAttempt> WorkerHost::take_ended() {
    const std::lock_guard guard(mutex_);
    return std::exchange(ended_, {});
}

bool WorkerHost::append(const AppendRequest& request, Time /*now*/) {
    const std::lock_guard guard(mutex_);
    const auto place = where_.find(request.id);
    if (place == where_.end()) return false;
    const auto worker = workers_.find(place->second);
    if (worker == workers_.end()) return false;
    tell(*worker->second, AppendMessage{.addition = request});
    return true;
}

void WorkerHost::finish() {
    const std::lock_guard guard(mutex_);
    ending_ = true;
    if (!mail_room_) return;
    for (const auto& [key, worker] : workers_)
        if (!worker->draining) drain(*worker);
    const auto until = parts_.core.clock().steady_now() + kPatienceWithEnd;
    while (!workers_.empty() && parts_.core.clock().steady_now() < until) {
        pollfd first{workers_.begin()->second->process.handle.get(), POLLIN, 0};
        (void)::poll(&first, 1, 5);
        take_mail(parts_.core.clock().now());
    }
}

WorkersStatus WorkerHost::status() {
    const Time now = parts_.core.clock().now();
    const auto ready = parts_.core.store().ready_topics(now);
    const std::lock_guard guard(mutex_);
    WorkersStatus all;
    for (const auto& pool : pools_) {
        PoolStatus status = pool->numbers;
        bool has_lived = false;
        for (const auto& [topic, jobs] : ready)
            if (!pool->retired && pool->serves.serve(topic)) status.waiting += jobs;
        for (const auto& [key, worker] : workers_) {
            if (worker->pool != pool.get() || worker->is_trial) continue;
            ++status.workers;
            status.slots += worker->slots;
            has_lived = has_lived || (worker->ready && now - worker->since >= kLongEnough);
            status.busy += static_cast<int>(worker->jobs.size());
            all.processes.push_back({.pid = worker->process.identity.pid,
                                     .topic = pool->options.topic,
                                     .kind = worker->is_static ? "static" : "dynamic",
                                     .since = worker->since,
                                     .last = worker->last,
                                     .jobs = worker->ended,
                                     .busy_with = worker->jobs});
        }
        if (!has_lived) status.problem = crash_loop_of(*pool);
        all.pools.push_back(std::move(status));
    }
    return all;
}

}  // namespace periodic
