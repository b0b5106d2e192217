#include "worker/worker_host.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process_ending.hpp"
#include "base/process_record.hpp"
#include "base/process_table.hpp"
#include "periodic/version.hpp"
#include "run/orphans.hpp"
#include "run/process_files.hpp"
#include "run/settle.hpp"
#include "run/workplace.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// One that dies sooner is taken for one that can't live.
constexpr seconds kLongEnough{10};
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{60'000};
// So many may be on their way in a pool before more are added.
constexpr int kStartingAtOnce = 4;
constexpr milliseconds kCountEvery{20};
constexpr milliseconds kAskStoreEvery{200};
// A command that goes on so long after its program would have been killed hangs.
constexpr seconds kPatienceWithCommand{5};
constexpr seconds kPatienceWithKill{2};
constexpr seconds kAgain{1};
// What a dead worker left has so long to go after SIGKILL, before it is looked for again later.
constexpr milliseconds kPatienceWithLeft{500};
// How long workers have to end when the daemon does.
constexpr seconds kPatienceWithEnd{2};

std::string number(std::int64_t value) {
    return std::to_string(value);
}

std::string end_text(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) return "exit code " + number(info.si_status);
    const char* const text = ::sigdescr_np(info.si_status);
    return "signal " + number(info.si_status) +
           (text == nullptr ? "" : std::string(" (") + text + ")");
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

void send_signal(const Descriptor& handle, int signal) {
    (void)::syscall(SYS_pidfd_send_signal, handle.get(), signal, nullptr, 0);
}

}  // namespace

struct WorkerHost::Pool {
    PoolOptions options{};
    FreeSlots serves{};    // the topics alone
    PoolStatus numbers{};  // what is counted; the rest is looked up
    std::int64_t waiting = 0;
    int failures = 0;  // starts in a row that came to nothing
    Time next_start{};
};

struct WorkerHost::Worker {
    std::int64_t number = 0;
    Pool* pool = nullptr;
    WorkerProcess process{};
    bool is_static = true;
    bool ready = false;
    bool draining = false;
    bool outdated = false;
    bool exclusive = false;  // runs something that must be alone
    bool hung = false;       // it was killed for one of its jobs
    bool crowded = false;    // it died with several jobs
    Time since{};
    Time last{};
    std::int64_t ended = 0;
    std::int64_t memory = 0;
    int waiting = 0;  // attempts that lend their slots
    std::vector<JobId> jobs{};
    std::map<JobId, seconds> begun{};  // killAfter of those that have begun
    std::string end{};                 // how it died
    bool blocked = false;              // that was reported
};

struct WorkerHost::PendingWait {
    JobId parent = 0;
    JobId child = 0;
    ChildWaits::Wait wait;
};

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
      name_(parts.owner.kind + " pid " + number(parts.owner.process.pid)) {
    std::vector<PoolOptions>& wanted = options_.pools;
    const auto is_default = [](const PoolOptions& pool) { return pool.topic == "default"; };
    if (std::none_of(wanted.begin(), wanted.end(), is_default)) wanted.emplace_back();
    for (const PoolOptions& one : wanted) {
        auto pool = std::make_unique<Pool>();
        pool->options = one;
        pool->numbers.topic = one.topic;
        if (one.topic != "default") pool->serves.topics = {one.topic};
        for (const PoolOptions& other : wanted) {
            if (one.topic == "default" && other.topic != "default")
                pool->serves.not_topics.push_back(other.topic);
        }
        pools_.push_back(std::move(pool));
    }
}

WorkerHost::~WorkerHost() {
    clerk_.reset();
    for (auto& [key, worker] : workers_) send_signal(worker->process.handle, SIGKILL);
    for (auto& [key, worker] : workers_) {
        const auto handle = static_cast<id_t>(worker->process.handle.get());
        while (::waitid(P_PIDFD, handle, nullptr, WEXITED) != 0 && errno == EINTR) {
        }
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
    take_mail(now);
    if (ending_) return;
    append_late(now);
    answer_waits(now);
    end_hung(now);
    if (!left_.empty() && (!left_tried_ || now - *left_tried_ >= kAgain)) settle_left(now);
    drop_alone(now);
    for (const auto& pool : pools_) tend(*pool, now);
    grow(now);
}

std::optional<Time> WorkerHost::next_look(Time now) {
    const std::lock_guard guard(mutex_);
    std::optional<Time> look;
    const auto earlier = [&look, now](Time time) {
        time = std::max(time, now + milliseconds(1));
        look = look ? std::min(*look, time) : time;
    };
    if (!waits_.empty()) earlier(now + kAskStoreEvery);
    if (!left_.empty() || !alone_.empty()) earlier(now + kAgain);
    for (const auto& pool : pools_)
        if (pool->next_start > now) earlier(pool->next_start);
    for (const auto& [key, worker] : workers_) {
        if (!worker->ready || worker->draining) continue;
        const PoolOptions& options = worker->pool->options;
        earlier(worker->since + options.recycle_after);
        if (!worker->is_static && worker->jobs.empty()) earlier(worker->last + options.idle);
    }
    return look;
}

int WorkerHost::free_in(const Worker& worker) const {
    if (!worker.ready || worker.draining || worker.exclusive) return 0;
    const int free =
        worker.pool->options.slots + worker.waiting - static_cast<int>(worker.jobs.size());
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

void WorkerHost::start(const std::vector<Job>& claimed, Time now) {
    const std::lock_guard guard(mutex_);
    std::set<std::int64_t> to_flush;
    for (const Job& job : claimed) {
        Worker* const worker = worker_of(job.worker);
        // It may have died, or an answer of the store came late.
        if (worker == nullptr || free_in(*worker) <= 0) {
            ended_.push_back({{.job = job}, give_back(job, now)});
            parts_.core.clock().notify();
        } else if (run_in(*worker, job, now)) {
            to_flush.insert(worker->number);
        }
    }
    for (const std::int64_t worker : to_flush) mail_room_->flush(worker);
}

bool WorkerHost::run_in(Worker& worker, const Job& job, Time now) {
    if (auto put = worker.process.line->put(
            RunMessage{.job = job, .task_text = parts_.core.tasks().kept_text(job.task)});
        !put) {
        AttemptEnd end{.job = job, .reason = Reason::Invalid, .error = put.error().message};
        end.finished = now;
        ended_.push_back({{.job = job}, settle(end, nullptr, 0.5)});
        parts_.core.clock().notify();
        return false;
    }
    const auto forward = [this, id = job.id, claim = job.claim, key = worker.number](
                             Reason what, const std::string& by, bool shutdown) {
        const std::lock_guard guard(mutex_);
        const auto found = workers_.find(key);
        if (found == workers_.end()) return;
        tell(*found->second,
             AskMessage{.id = id, .claim = claim, .what = what, .by = by, .shutdown = shutdown});
    };
    running_.push_back(
        {.job = job, .control = std::make_shared<AttemptControl>(std::nullopt, forward)});
    worker.jobs.push_back(job.id);
    worker.exclusive = alone_.erase(job.id) > 0;
    worker.last = now;
    where_[job.id] = worker.number;
    return true;
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

// What workers say.

void WorkerHost::take_mail(Time now) {
    for (Mail& mail : mail_room_->take()) {
        const auto found = workers_.find(mail.worker);
        if (found == workers_.end()) continue;
        for (Message& message : mail.messages) take(*found->second, std::move(message), now);
        if (mail.closed && !mail.died && !found->second->draining) kill(*found->second);
        if (mail.died) died(*found->second, now);
    }
}

void WorkerHost::take(Worker& worker, Message message, Time now) {
    if (std::holds_alternative<ReadyMessage>(message)) {
        worker.ready = true;
        worker.last = now;
    } else if (const auto* begins = std::get_if<BegunMessage>(&message)) {
        begun(worker, *begins);
    } else if (auto* said = std::get_if<SaidMessage>(&message)) {
        RunningAttempt* const attempt = find(said->update.id);
        if (attempt == nullptr || attempt->job.claim != said->update.claim) return;
        const LiveUpdate& update = said->update;
        Job& job = attempt->job;
        if (update.progress) job.progress = *update.progress;
        if (update.message) job.message = *update.message;
        if (update.comment) job.comment = *update.comment;
        if (update.result_code) job.result_code = *update.result_code;
        if (update.attributes) job.attributes = *update.attributes;
        if (update.pid) job.pid = *update.pid;
        updates_.push_back(std::move(said->update));
    } else if (auto* end = std::get_if<EndedMessage>(&message)) {
        ended(worker, std::move(*end), now);
    } else if (auto* order = std::get_if<EnqueueMessage>(&message)) {
        clerk_->take(std::move(*order), [this, line = worker.process.line,
                                         key = worker.number](const AnswerMessage& answer) {
            (void)line->put(answer);
            mail_room_->flush(key);
        });
    } else if (const auto* wait = std::get_if<WaitMessage>(&message)) {
        begin_wait(worker, *wait, now);
    } else if (const auto* end_wait = std::get_if<EndWaitMessage>(&message)) {
        if (waits_.erase({worker.number, end_wait->request}) > 0) --worker.waiting;
    } else if (const auto* event = std::get_if<EventMessage>(&message)) {
        note_event(parts_.core, event->id, event->event);
    } else if (const auto* record = std::get_if<LogMessage>(&message)) {
        parts_.core.logger().log({.level = record->level,
                                  .text = record->text,
                                  .task = record->task,
                                  .command = record->command,
                                  .job = record->job});
    } else if (auto* returned = std::get_if<ReturnMessage>(&message)) {
        returned_.push_back(std::move(returned->addition));
    } else {
        kill(worker);  // it says what only a daemon may
    }
}

void WorkerHost::begun(Worker& worker, const BegunMessage& message) {
    RunningAttempt* const attempt = find(message.id);
    if (attempt == nullptr || attempt->job.claim != message.claim) return;
    worker.begun[message.id] = message.kill_after;
    if (message.cleaning && message.deadline) {
        attempt->control->begin_cleanup(*message.deadline);
    } else {
        attempt->control->set_deadline(message.deadline);
    }
}

void WorkerHost::ended(Worker& worker, EndedMessage message, Time now) {
    const Job& job = message.settlement.job;
    RunningAttempt* const attempt = find(job.id);
    if (message.memory > 0) worker.memory = message.memory;
    if (attempt == nullptr || attempt->job.claim != job.claim) return;
    ++worker.ended;
    worker.last = now;
    worker.pool->failures = 0;
    worker.pool->next_start = {};
    std::erase(worker.jobs, job.id);
    worker.begun.erase(job.id);
    if (worker.jobs.empty()) worker.exclusive = false;
    count_end(worker.pool->numbers, message.settlement);
    put_end(*attempt, std::move(message.settlement));
}

void WorkerHost::put_end(RunningAttempt& attempt, Settlement settlement) {
    const JobId id = attempt.job.id;
    where_.erase(id);
    ended_.push_back({std::move(attempt), std::move(settlement)});
    std::erase_if(running_, [id](const RunningAttempt& one) {
        return one.control == nullptr || one.job.id == id;
    });
}

void WorkerHost::begin_wait(Worker& worker, const WaitMessage& message, Time now) {
    AnswerMessage answer{.request = message.request};
    try {
        auto child = parts_.core.store().find(message.child, now);
        RunningAttempt* const parent = find(message.parent);
        if (!child || is_final(child->state) || parent == nullptr) {
            answer.job = std::move(child);
        } else if (auto wait = parts_.waits.begin(parent->job, *child, now); !wait) {
            answer.error = wait.error();
        } else {
            waits_.emplace(std::pair(worker.number, message.request),
                           std::make_unique<PendingWait>(
                               PendingWait{message.parent, message.child, std::move(*wait)}));
            ++worker.waiting;
            return;
        }
    } catch (const StorageError& error) {
        answer.error = Error{.code = ErrorCode::Io, .message = error.what()};
    }
    tell(worker, answer);
}

// Of those that are waited for, the ones that are final by now, whoever made them so.
void WorkerHost::answer_waits(Time now) {
    if (waits_.empty()) return;
    try {
        const std::int64_t version = parts_.core.store().version();
        if (version == waits_seen_) return;
        for (auto one = waits_.begin(); one != waits_.end();) {
            auto child = parts_.core.store().find(one->second->child, now);
            if (child && !is_final(child->state)) {
                ++one;
                continue;
            }
            const auto [key, request] = one->first;
            one = waits_.erase(one);
            const auto worker = workers_.find(key);
            if (worker == workers_.end()) continue;
            --worker->second->waiting;
            tell(*worker->second, AnswerMessage{.request = request, .job = std::move(child)});
        }
        waits_seen_ = version;
    } catch (const StorageError& error) {
        parts_.core.logger().error(std::string("waits for jobs wait for the store: ") +
                                   error.what());
    }
}

// What came too late for a running job is added to the one that has ended; its end is in the store
// by now, or will be in a moment.
void WorkerHost::append_late(Time now) {
    for (AppendRequest& addition : std::exchange(returned_, {})) {
        std::vector<LogLine> lines;
        if (addition.level)
            lines.push_back({.time = now, .level = *addition.level, .text = addition.text});
        const std::string response = addition.level ? "" : addition.text;
        try {
            if (parts_.core.store().append(addition.id, lines, response)) continue;
            if (!parts_.core.store().find(addition.id, now)) continue;
        } catch (const StorageError& error) {
            parts_.core.logger().error(std::string("an addition to a log waits: ") + error.what());
        }
        returned_.push_back(std::move(addition));
    }
}

// Their lives.

void WorkerHost::tend(Pool& pool, Time now) {
    int statics = 0;
    bool starting = false;
    for (const auto& [key, worker] : workers_) {
        if (worker->pool != &pool || worker->draining) continue;
        statics += worker->is_static ? 1 : 0;
        starting = starting || !worker->ready;
    }
    for (const auto& [key, worker] : workers_) {
        if (worker->pool != &pool || worker->draining || !worker->ready) continue;
        const PoolOptions& options = pool.options;
        const bool is_old =
            worker->ended >= options.recycle_jobs || now - worker->since >= options.recycle_after ||
            std::cmp_greater(worker->memory, options.max_memory) || (worker->outdated && !starting);
        const bool is_idle =
            !worker->is_static && worker->jobs.empty() && now - worker->last >= options.idle;
        if (!is_old && !is_idle) continue;
        starting = starting || worker->outdated;
        if (is_old) ++pool.numbers.recycled;
        if (worker->is_static) --statics;
        drain(*worker);
    }
    for (; statics < pool.options.static_workers && now >= pool.next_start; ++statics)
        start_worker(pool, true, now);
}

// Where no slot is free and more jobs wait than should, a few workers at a time.
void WorkerHost::grow(Time now) {
    if (counted_ && now >= *counted_ && now - *counted_ < kCountEvery) return;
    std::map<Pool*, std::pair<int, int>> full;  // those that may grow: dynamic ones, starting ones
    for (const auto& pool : pools_) {
        bool has_free = false;
        auto& [dynamics, starting] = full[pool.get()];
        for (const auto& [key, worker] : workers_) {
            if (worker->pool != pool.get() || worker->draining) continue;
            has_free = has_free || free_in(*worker) > 0;
            dynamics += worker->is_static ? 0 : 1;
            starting += worker->ready ? 0 : 1;
        }
        if (has_free || dynamics >= pool->options.dynamic_workers || starting >= kStartingAtOnce ||
            now < pool->next_start) {
            full.erase(pool.get());
        }
    }
    if (full.empty()) return;
    counted_ = now;
    std::map<Pool*, std::int64_t> waiting;
    try {
        for (const auto& [topic, ready] : parts_.core.store().ready_topics(now)) {
            for (const auto& pool : pools_)
                if (pool->serves.serve(topic)) waiting[pool.get()] += ready;
        }
    } catch (const StorageError& error) {
        parts_.core.logger().error(std::string("no worker is added: ") + error.what());
        return;
    }
    for (auto& [pool, numbers] : full) {
        auto& [dynamics, starting] = numbers;
        std::int64_t more = waiting[pool] - pool->options.grow_at - starting;
        for (; more > 0 && dynamics < pool->options.dynamic_workers && starting < kStartingAtOnce &&
               now >= pool->next_start;
             --more, ++dynamics, ++starting) {
            start_worker(*pool, false, now);
        }
    }
}

void WorkerHost::start_worker(Pool& pool, bool is_static, Time now) {
    auto started = periodic::start_worker(starter_, program_);
    if (!started) {
        note_failure(pool, now, to_string(started.error()));
        return;
    }
    auto worker = std::make_unique<Worker>();
    worker->number = ++last_number_;
    worker->pool = &pool;
    worker->process = std::move(*started);
    worker->is_static = is_static;
    worker->since = now;
    worker->last = now;
    mail_room_->add(worker->number, worker->process.line, worker->process.handle.get());
    tell(*worker, HelloMessage{.version = std::string(kVersion),
                               .home = parts_.core.home(),
                               .time_zone = parts_.core.configuration().time_zone,
                               .generation = parts_.owner.generation,
                               .topic = pool.options.topic,
                               .slots = pool.options.slots});
    workers_.emplace(worker->number, std::move(worker));
}

void WorkerHost::note_failure(Pool& pool, Time now, const std::string& text) {
    const int doublings = std::min(pool.failures++, 16);
    const milliseconds pause = std::min(kFirstPause * (1 << doublings), kLongestPause);
    pool.next_start = now + pause;
    parts_.core.logger().error("a worker of " + pool.options.topic + " died at once (" + text +
                               "); the next one starts in " + number(pause.count()) + " ms");
}

void WorkerHost::drain(Worker& worker) {
    worker.draining = true;
    tell(worker, DrainMessage{});
}

void WorkerHost::kill(Worker& worker) {
    send_signal(worker.process.handle, SIGKILL);
}

// A program is killed by its worker; a command that goes on is ended with its worker.
void WorkerHost::end_hung(Time now) {
    for (const RunningAttempt& attempt : running_) {
        if (!attempt.asked_at || !attempt.control->token().stop_requested()) continue;
        const auto place = where_.find(attempt.job.id);
        const auto found = place == where_.end() ? workers_.end() : workers_.find(place->second);
        if (found == workers_.end() || found->second->hung) continue;
        Worker& worker = *found->second;
        const auto kill_after = worker.begun.find(attempt.job.id);
        const seconds patience = attempt.control->asked() == Reason::Killed ? kPatienceWithKill
                                 : kill_after == worker.begun.end()
                                     ? kPatienceWithCommand
                                     : kill_after->second + kPatienceWithCommand;
        if (now - *attempt.asked_at < patience) continue;
        const std::string text = "its command goes on after its end: the worker pid " +
                                 number(worker.process.identity.pid) + " is killed";
        parts_.core.logger().log({.level = LogLevel::Error,
                                  .text = text,
                                  .task = attempt.job.task,
                                  .job = attempt.job.id});
        worker.hung = true;
        kill(worker);
    }
}

void WorkerHost::died(Worker& worker, Time now) {
    siginfo_t info{};
    (void)::waitid(P_PIDFD, static_cast<id_t>(worker.process.handle.get()), &info,
                   WEXITED | WNOHANG);
    worker.end = end_text(info);
    worker.crowded = worker.jobs.size() > 1;
    std::erase_if(waits_, [&](const auto& one) { return one.first.first == worker.number; });
    const bool expected = worker.draining && worker.jobs.empty();
    if (!expected && !ending_) {
        const std::string text = worker.end + ", pid " + number(worker.process.identity.pid);
        // One that died of a job could live; how often that may happen is the job's matter.
        if (worker.ended == 0 && worker.jobs.empty() && now - worker.since < kLongEnough) {
            note_failure(*worker.pool, now, text);
        } else {
            parts_.core.logger().error("a worker of " + worker.pool->options.topic + " died (" +
                                       text + ")");
        }
    }
    auto node = workers_.extract(worker.number);
    left_.push_back(std::move(node.mapped()));
    settle_left(now);
}

void WorkerHost::settle_left(Time now) {
    left_tried_ = now;
    std::error_code ignored;
    for (const auto& worker : left_) {
        for (const JobId id : std::vector<JobId>(worker->jobs)) {
            RunningAttempt* const attempt = find(id);
            if (attempt == nullptr || settle_lost_job(*worker, *attempt, now))
                std::erase(worker->jobs, id);
        }
        if (worker->jobs.empty()) {
            std::filesystem::remove(worker_process_file(parts_.core.home(), parts_.owner.generation,
                                                        worker->process.identity.pid),
                                    ignored);
        }
    }
    std::erase_if(left_, [](const auto& worker) { return worker->jobs.empty(); });
    reap_strays();
}

bool WorkerHost::settle_lost_job(const Worker& worker, RunningAttempt& attempt, Time now) {
    const Job& job = attempt.job;
    if (!worker.begun.contains(job.id)) {
        put_end(attempt, give_back(job, now));
        return true;
    }
    std::vector<ProcessIdentity> leaders;
    for (const RecordedProcess& process : read_process_record(worker_process_file(
             parts_.core.home(), parts_.owner.generation, worker.process.identity.pid))) {
        if (process.job == job.id && process.claim == job.claim) leaders.push_back(process.process);
    }
    const JobMark mark{.home = parts_.core.home().directory, .job = number(job.id)};
    const EndingResult ending =
        end_left(leaders, mark, {.kill_at_once = true, .patience = kPatienceWithLeft});
    if (!ending.remaining.empty()) {
        parts_.core.logger().log({.level = LogLevel::Error,
                                  .text = "what it left can't be ended: its group stays taken",
                                  .task = job.task,
                                  .job = job.id});
        return false;
    }
    Settlement settlement = attempt.control->asked() != Reason::None
                                ? end_asked(attempt, now)
                                : end_crashed(worker, attempt, now);
    follow_up(parts_.core, settlement);
    count_end(worker.pool->numbers, settlement);
    put_end(attempt, std::move(settlement));
    return true;
}

// It was to end, and its worker died of that or before it did: it ends as what was asked.
Settlement WorkerHost::end_asked(const RunningAttempt& attempt, Time now) const {
    AttemptEnd end;
    end.job = attempt.job;
    end.reason = attempt.control->asked();
    end.begun = true;
    end.finished = now;
    if (end.reason == Reason::Timeout) {
        end.error = "it was not done at its deadline, and went on";
    } else {
        end.result = AttemptResult::Stopped;
        end.by = attempt.control->by();
        end.shutdown = attempt.control->is_shutdown();
        end.error = (end.reason == Reason::Killed ? "killed by " : "stopped by ") + end.by;
    }
    const auto task = parts_.core.tasks().find(attempt.job.task);
    return settle(end, task ? task->get() : nullptr, 0.5);
}

// Nobody asked for its end. Of several in one worker it is not known whose fault that was: none
// is counted, and those that may run twice run alone.
Settlement WorkerHost::end_crashed(const Worker& worker, const RunningAttempt& attempt, Time now) {
    Job job = attempt.job;
    const bool counts = !worker.crowded && !worker.hung;
    if (!counts && job.on_lost == OnLost::Retry) --job.crashes;
    Settlement settlement = settle_lost(job, now, name_);
    const std::string death = "its worker died (" + worker.end + ")";
    replace_all(settlement.event.detail, "its executor died", death);
    replace_all(settlement.job.error, "its executor died", death);
    if (!counts && job.on_lost == OnLost::Retry) {
        settlement.event.detail =
            death + ", for another job's sake: tried again, and not counted as a crash";
        if (!worker.hung) {
            settlement.event.detail =
                death + " with several jobs: tried again alone, and not counted as a crash";
            alone_.insert(job.id);
        }
    }
    return settlement;
}

// One that a person has stopped or deleted meanwhile is not waited for.
void WorkerHost::drop_alone(Time now) {
    if (alone_.empty() || (alone_checked_ && now - *alone_checked_ < kAgain)) return;
    alone_checked_ = now;
    try {
        std::erase_if(alone_, [&](JobId id) {
            const auto job = parts_.core.store().find(id, now);
            return !job || is_final(job->state);
        });
    } catch (const StorageError& error) {
        parts_.core.logger().error(error.what());
    }
}

// What dead workers left to this process, once it has ended.
void WorkerHost::reap_strays() {
    if (!options_.adopts_strays) return;
    for (const std::int64_t pid : adopted_children()) {
        if (worker_of(pid) != nullptr) continue;
        const auto process = read_process(pid);
        if (process && process->state == 'Z')
            (void)::waitpid(static_cast<pid_t>(pid), nullptr, WNOHANG);
    }
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
        for (const auto& [topic, jobs] : ready)
            if (pool->serves.serve(topic)) status.waiting += jobs;
        for (const auto& [key, worker] : workers_) {
            if (worker->pool != pool.get()) continue;
            ++status.workers;
            status.slots += pool->options.slots;
            status.busy += static_cast<int>(worker->jobs.size());
            all.processes.push_back({.pid = worker->process.identity.pid,
                                     .topic = pool->options.topic,
                                     .kind = worker->is_static ? "static" : "dynamic",
                                     .since = worker->since,
                                     .last = worker->last,
                                     .jobs = worker->ended,
                                     .busy_with = worker->jobs});
        }
        all.pools.push_back(std::move(status));
    }
    return all;
}

Result<void> WorkerHost::replace_workers() {
    std::string path = options_.program;
    if (path.empty()) {
        std::error_code error;
        path = std::filesystem::read_symlink("/proc/self/exe", error).string();
        constexpr std::string_view kGone = " (deleted)";
        if (path.ends_with(kGone)) path.resize(path.size() - kGone.size());
    }
    auto program = WorkerProgram::open(path);
    if (!program) return Failure(program.error());
    const std::lock_guard guard(mutex_);
    program_ = std::move(*program);
    for (const auto& [key, worker] : workers_) worker->outdated = true;
    parts_.core.clock().notify();
    return {};
}

}  // namespace periodic
