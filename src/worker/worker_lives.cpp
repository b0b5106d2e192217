// When workers begin, and when they are asked to end.

#include <algorithm>
#include <utility>

#include "periodic/run_observer.hpp"
#include "worker/worker_host_parts.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{60'000};
// So many failures in a row are a loop.
constexpr int kLoop = 3;
// So many more, before it is told again.
constexpr int kTellEvery = 10;
// So many may be on their way in a pool before more are added.
constexpr int kStartingAtOnce = 4;
constexpr milliseconds kCountEvery{20};

}  // namespace

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
    shrink(pool, true, pool.options.static_workers);
    shrink(pool, false, pool.options.dynamic_workers);
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
                if (!pool->retired && pool->serves.serve(topic)) waiting[pool.get()] += ready;
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
    auto started = launch(pool, program_, now);
    if (!started) {
        note_failure(pool, now, to_string(started.error()));
        return;
    }
    (*started)->is_static = is_static;
}

Result<WorkerHost::Worker*> WorkerHost::launch(Pool& pool, const WorkerProgram& program, Time now) {
    auto started = periodic::start_worker(starter_, program);
    if (!started) return Failure(started.error());
    auto made = std::make_unique<Worker>();
    Worker* const worker = made.get();
    worker->number = ++last_number_;
    worker->pool = &pool;
    worker->process = std::move(*started);
    worker->slots = pool.options.slots;
    worker->since = now;
    worker->last = now;
    mail_room_->add(worker->number, worker->process.line, worker->process.handle.get());
    workers_.emplace(worker->number, std::move(made));
    tell(*worker, HelloMessage{.version = std::string(wire_version()),
                               .home = parts_.core.home(),
                               .time_zone = parts_.core.configuration()->time_zone,
                               .generation = parts_.owner.generation,
                               .topic = pool.options.topic,
                               .slots = pool.options.slots});
    return worker;
}

// People are told when it is no accident any more, and now and then while it lasts.
void WorkerHost::note_failure(Pool& pool, Time now, const std::string& text) const {
    const int doublings = std::min(pool.failures++, 16);
    const milliseconds pause = std::min(kFirstPause * (1 << doublings), kLongestPause);
    pool.next_start = now + pause;
    pool.failure = text;
    parts_.core.logger().error("a worker of " + pool.options.topic + " died at once (" + text +
                               "); the next one starts in " + std::to_string(pause.count()) +
                               " ms");
    RunObserver* const observer = parts_.core.observer();
    if (observer != nullptr && (pool.failures == kLoop || pool.failures % kTellEvery == 0))
        observer->happened("crash-loop", crash_loop_of(pool));
}

std::string WorkerHost::crash_loop_of(const Pool& pool) {
    if (pool.failures < kLoop) return {};
    return "workers of " + pool.options.topic + " died at once, " + std::to_string(pool.failures) +
           " times in a row: " + pool.failure;
}

void WorkerHost::drain(Worker& worker) {
    worker.draining = true;
    tell(worker, DrainMessage{});
}

void WorkerHost::kill(Worker& worker) {
    send_signal(worker.process.handle, SIGKILL);
}

}  // namespace periodic
