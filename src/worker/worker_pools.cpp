// Which pools there are, and how they change when the configuration does.

#include <algorithm>
#include <utility>

#include "worker/worker_host_parts.hpp"

namespace periodic {

void WorkerHost::reconfigure(const Configuration& configuration, Time /*now*/) {
    const std::lock_guard guard(mutex_);
    set_pools(configuration.pools);
    for (const auto& [key, worker] : workers_) {
        // How many threads it has is settled when it starts.
        if (worker->slots != worker->pool->options.slots) worker->outdated = true;
    }
}

void WorkerHost::set_pools(std::vector<PoolOptions> wanted) {
    const auto is_default = [](const PoolOptions& pool) { return pool.topic == "default"; };
    if (std::none_of(wanted.begin(), wanted.end(), is_default)) wanted.emplace_back();
    std::vector<std::unique_ptr<Pool>> before = std::exchange(pools_, {});
    for (const PoolOptions& one : wanted) {
        const auto known = std::find_if(before.begin(), before.end(), [&one](const auto& pool) {
            return pool != nullptr && pool->options.topic == one.topic;
        });
        auto pool = known == before.end() ? std::make_unique<Pool>() : std::move(*known);
        pool->options = one;
        pool->retired = false;
        pool->numbers.topic = one.topic;
        pool->serves = {};
        if (one.topic != "default") pool->serves.topics = {one.topic};
        for (const PoolOptions& other : wanted) {
            if (one.topic == "default" && other.topic != "default")
                pool->serves.not_topics.push_back(other.topic);
        }
        pools_.push_back(std::move(pool));
    }
    for (auto& pool : before) {
        if (pool == nullptr) continue;
        pool->retired = true;
        pool->options.static_workers = 0;
        pool->options.dynamic_workers = 0;
        pools_.push_back(std::move(pool));
    }
}

void WorkerHost::drop_retired() {
    std::erase_if(pools_, [this](const auto& pool) {
        if (!pool->retired) return false;
        const auto has_it = [&pool](const Worker& worker) { return worker.pool == pool.get(); };
        return std::none_of(workers_.begin(), workers_.end(),
                            [&](const auto& one) { return has_it(*one.second); }) &&
               std::none_of(left_.begin(), left_.end(),
                            [&](const auto& one) { return has_it(*one); });
    });
}

// Those that have the least to do go first; each finishes what it has.
void WorkerHost::shrink(const Pool& pool, bool is_static, int most) {
    std::vector<Worker*> kept;
    for (const auto& [key, worker] : workers_) {
        if (worker->pool == &pool && worker->is_static == is_static && !worker->draining)
            kept.push_back(worker.get());
    }
    if (std::cmp_less_equal(kept.size(), most)) return;
    std::stable_sort(kept.begin(), kept.end(), [](const Worker* a, const Worker* b) {
        return a->jobs.size() > b->jobs.size();
    });
    for (auto each = kept.begin() + most; each != kept.end(); ++each) drain(**each);
}

}  // namespace periodic
