#include "run/pool_status.hpp"

namespace periodic {

void count_end(PoolStatus& numbers, const Settlement& settlement) {
    switch (settlement.job.state) {
        case JobState::Succeeded:
            ++numbers.done;
            break;
        case JobState::Aborted:
            ++numbers.aborted;
            break;
        case JobState::Queued:
            ++(settlement.event.event == "reschedule" ? numbers.rescheduled
               : settlement.event.event == "phase"    ? numbers.done
                                                      : numbers.failed);
            break;
        default:
            ++numbers.failed;
    }
}

}  // namespace periodic
