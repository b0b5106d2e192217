#include "run/unlock.hpp"

#include <chrono>

#include "run/acquire.hpp"
#include "run/lock.hpp"
#include "run/orphans.hpp"

namespace periodic {
namespace {

constexpr std::chrono::seconds kPatienceWithKill{10};

}  // namespace

Result<Unlocking> unlock_home(ExecutorCore& core) {
    Unlocking done;
    if (const auto owner = current_owner(core)) {
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
