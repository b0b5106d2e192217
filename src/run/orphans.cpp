#include "run/orphans.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/process_record.hpp"
#include "run/follow_ups.hpp"
#include "run/log_end.hpp"
#include "run/process_files.hpp"
#include "run/program_files.hpp"
#include "run/settle.hpp"
#include "run/workplace.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string text_of(const std::vector<Unended>& remaining) {
    std::string text = "can't end what it left running:";
    for (const Unended& process : remaining) {
        text += " pid " + std::to_string(process.pid) + " (" + process.reason + ')';
    }
    return text + "; its group stays taken";
}

// Whether the last event of a job says that it is blocked. Where the store can't be read this is
// told later: whatever is blocked is looked at again.
bool is_told(JobStore& store, JobId id) {
    try {
        const auto events = store.events(id);
        return !events.empty() && events.back().event == "blocked";
    } catch (const StorageError&) {
        return true;
    }
}

/// What the processes of dead executors put on record about themselves.
std::vector<RecordedProcess> read_all_records(const Home& home) {
    std::vector<RecordedProcess> all;
    for (const std::string& path : process_files(home)) {
        const auto some = read_process_record(path);
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

}  // namespace

void follow_up(ExecutorCore& core, Settlement& settlement) {
    const Job& job = settlement.job;
    const auto task = core.tasks().find(job.task);
    if (!task) return;
    for (const std::string& refused : add_follow_ups(core.tasks(), **task, settlement)) {
        core.logger().log(
            {.level = LogLevel::Error, .text = refused, .task = job.task, .job = job.id});
        note_event(core, job.id, follow_up_refused(settlement, refused));
    }
}

void note_blocked(ExecutorCore& core, const Job& job, const EndingResult& ending, Time now,
                  std::string_view by) {
    if (is_told(core.store(), job.id)) return;
    const std::string text = text_of(ending.remaining);
    core.logger().log({.level = LogLevel::Error, .text = text, .task = job.task, .job = job.id});
    note_event(core, job.id,
               {.time = now, .event = "blocked", .by = std::string(by), .detail = text});
}

OrphanRound settle_orphans(ExecutorCore& core, std::int64_t generation, Time now,
                           std::string_view by, const OrphanOptions& options) {
    OrphanRound round;
    const std::vector<Job> orphans = core.store().running_of_others(generation);
    if (orphans.empty()) return round;
    const auto recorded = read_all_records(core.home());
    const auto end = [&](const Job& job, milliseconds patience) {
        const JobMark mark{.home = core.home().directory, .job = std::to_string(job.id)};
        return end_left(leaders_of(recorded, job.id, job.claim), mark,
                        {.kill_at_once = true, .patience = patience});
    };
    // All are signalled before one is waited for, so that they share the time that it takes.
    std::vector<EndingResult> endings;
    endings.reserve(orphans.size());
    for (const Job& job : orphans) endings.push_back(end(job, milliseconds(0)));
    const auto until = steady_clock::now() + options.patience;
    Turn turn;
    for (std::size_t i = 0; i < orphans.size(); ++i) {
        const Job& job = orphans[i];
        EndingResult& ending = endings[i];
        const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
        if (!ending.remaining.empty()) ending = end(job, std::max(left, milliseconds(0)));
        if (ending.remaining.empty()) {
            turn.settlements.push_back(settle_lost(job, now, std::string(by)));
            follow_up(core, turn.settlements.back());
            continue;
        }
        round.blocked.push_back(job.id);
        note_blocked(core, job, ending, now, by);
    }
    core.store().turn(turn);
    round.settled = std::move(turn.settlements);
    for (const Settlement& settlement : round.settled) log_end(core.logger(), settlement);
    if (round.blocked.empty()) {
        remove_process_files(core.home(), generation);
        if (options.runs_nothing) clear_program_files(core.home().state);
    }
    return round;
}

}  // namespace periodic
