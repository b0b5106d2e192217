#include "run/unlock.hpp"

#include <chrono>
#include <string>

#include "run/acquire.hpp"
#include "run/control.hpp"
#include "run/lock.hpp"
#include "run/orphans.hpp"

namespace periodic {
namespace {

constexpr std::chrono::seconds kPatienceWithKill{10};

constexpr std::chrono::milliseconds kPatienceWithAnswer{2000};

Failure works_well(const LockOwner& owner) {
    const std::string stop = owner.kind == "daemon"
                                 ? std::string("'periodic stop' ends it")
                                 : "kill " + std::to_string(owner.process.pid) +
                                       " (SIGTERM) lets it stop its jobs and end";
    return failure(ErrorCode::Locked,
                   "the executor that has the home works, and is left alone: " + describe(owner),
                   stop + "; --force kills it");
}

}  // namespace

Result<Unlocking> unlock_home(ExecutorCore& core, Force force) {
    Unlocking done;
    if (const auto owner = current_owner(core)) {
        if (force == Force::No && ask_holder(core.home().state, "who", kPatienceWithAnswer))
            return works_well(*owner);
        done.holder = describe(*owner);
        if (!end_owner(*owner, kPatienceWithKill)) {
            return failure(ErrorCode::Locked,
                           "can't end the executor that has the home: " + done.holder,
                           "end it by hand, on its own host and as its own user or root");
        }
        core.logger().warning("ended by unlock: " + done.holder);
    }
    Acquisition acquired = acquire_home(core);
    // Whoever was faster settles what there is to settle.
    if (!acquired.lock) return done;
    const Time now = core.clock().now();
    const std::int64_t generation = acquired.owner.generation;
    const OrphanRound orphans = settle_orphans(core, generation, now, "unlock");
    done.settled = static_cast<std::int64_t>(orphans.settled.size());
    done.blocked = static_cast<std::int64_t>(orphans.blocked.size());
    core.store().end_generation(generation, now, "unlock");
    return done;
}

}  // namespace periodic
