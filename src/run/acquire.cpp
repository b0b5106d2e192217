#include "run/acquire.hpp"

#include <algorithm>
#include <string_view>
#include <thread>
#include <utility>

#include "base/this_machine.hpp"
#include "periodic/duration.hpp"
#include "run/control.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;

// How long a holder that answers no wake is taken for one that is about to end.
constexpr std::chrono::seconds kPatienceWithHolder{5};
constexpr std::chrono::seconds kPatienceWithKill{10};
constexpr milliseconds kBetweenLooks{5};

LockOwner owner_of(const Generation& generation) {
    return {.process = generation.process,
            .host = generation.host,
            .kind = generation.kind,
            .generation = generation.id,
            .since = generation.started,
            .heartbeat = generation.started};
}

// What a generation that found another one alive is ended with: it says nothing of those before it.
constexpr std::string_view kGaveWay = "gave way";

// The executor that lives by the store, which also knows it when the lock's file was removed: the
// latest generation before `below` that did not give way, if its process is alive.
std::optional<LockOwner> living_owner_on_record(ExecutorCore& core,
                                                std::optional<std::int64_t> below) {
    auto generation =
        below ? core.store().find_generation(*below - 1) : core.store().last_generation();
    while (generation && generation->ended && generation->end_reason == kGaveWay) {
        generation = core.store().find_generation(generation->id - 1);
    }
    if (!generation || generation->ended || generation->host != this_host()) return std::nullopt;
    if (generation->id == core.own_generation() || !is_alive(generation->process))
        return std::nullopt;
    return owner_of(*generation);
}

// Puts this process on record. If another one did so since the look before, as may happen when the
// lock's file is removed at that moment, the earlier one stays and this one gives way to it.
std::optional<LockOwner> begin_generation(ExecutorCore& core, Generation& generation) {
    generation.host = this_host();
    generation.process = this_process();
    generation.kind = core.kind();
    generation.started = core.clock().now();
    generation.id = core.store().begin_generation(generation);
    if (auto other = living_owner_on_record(core, generation.id)) {
        core.store().end_generation(generation.id, core.clock().now(), kGaveWay);
        return other;
    }
    core.set_own_generation(generation.id);
    return std::nullopt;
}

// One that sleeps until something is due has no heartbeat meanwhile: woken, it has one. It is told
// of nothing, so that every kind of executor takes it.
bool wakes_up(ExecutorCore& core, const LockOwner& owner) {
    if (!ask_holder(core.home().state, "asks", milliseconds(1000))) return false;
    const auto limit = core.clock().steady_now() + kPatienceWithHolder;
    while (core.clock().steady_now() < limit) {
        const auto latest = Lock::read_owner(core.home().in_state("lock"));
        if (!latest || latest->heartbeat != owner.heartbeat) return true;
        std::this_thread::sleep_for(kBetweenLooks);
    }
    return false;
}

bool is_hung(ExecutorCore& core, const LockOwner& owner) {
    const auto limit = core.configuration()->release_after;
    return limit.count() > 0 && core.clock().now() - owner.heartbeat > limit &&
           !wakes_up(core, owner);
}

void end_hung_owner(ExecutorCore& core, const LockOwner& owner) {
    const std::string who = describe(owner) + ": no heartbeat for " +
                            format_duration(std::chrono::floor<std::chrono::seconds>(
                                core.clock().now() - owner.heartbeat));
    if (end_owner(owner, kPatienceWithKill)) {
        core.logger().warning("ended the executor that hung (" + who + ")");
    } else {
        core.logger().error("can't end the executor that hangs (" + who + ")");
    }
}

}  // namespace

Acquisition acquire_home(ExecutorCore& core) {
    const std::string path = core.home().in_state("lock");
    const auto limit = core.clock().steady_now() + kPatienceWithHolder;
    milliseconds pause(1);
    bool ended_one = false;
    while (true) {
        std::optional<LockOwner> holder;
        if (auto lock = Lock::try_acquire(path)) {
            holder = living_owner_on_record(core, std::nullopt);
            Generation generation;
            if (!holder) holder = begin_generation(core, generation);
            if (!holder) {
                const LockOwner owner = owner_of(generation);
                lock->write_owner(owner);
                return {.lock = std::move(lock), .owner = owner};
            }
        } else {
            // Only the file has a heartbeat; an owner that is known from the store alone is healing
            // it.
            holder = Lock::read_owner(path);
            if (holder && !ended_one && is_hung(core, *holder)) {
                end_hung_owner(core, *holder);
                ended_one = true;
                continue;
            }
        }
        if (ask_holder(core.home().state, "wake", milliseconds(1000))) {
            return {.owner = holder.value_or(LockOwner{})};
        }
        if (core.clock().steady_now() >= limit) {
            core.logger().warning("the lock's holder does not answer: " +
                                  (holder ? describe(*holder) : std::string("unknown")));
            return {.owner = holder.value_or(LockOwner{})};
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, milliseconds(50));
    }
}

std::optional<LockOwner> current_owner(ExecutorCore& core) {
    const std::string path = core.home().in_state("lock");
    if (!Lock::try_acquire(path)) return Lock::read_owner(path).value_or(LockOwner{});
    return living_owner_on_record(core, std::nullopt);
}

}  // namespace periodic
