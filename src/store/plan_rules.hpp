#pragma once

/// @file
/// What every store does alike with new and planned jobs: pure, so that it is written once.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/job_store.hpp"

namespace periodic {

/// Throws std::invalid_argument if a plan has a job without its entry or scheduled time, or in a
/// state that the planner can't give it.
void check_plans(const std::vector<EntryPlan>& plans);

/// Throws std::invalid_argument for a job in a state that none begins in.
void check_beginning(const Job& job);

/// The job as it is when it was just added under this id.
[[nodiscard]] Job newborn(Job job, JobId id);

/// How many occurrences a job stands for. A skipped job has their number in `missed` if it is
/// several, any other the number of those besides its own.
[[nodiscard]] std::int64_t occurrences_of(const Job& job) noexcept;

/// Turns a job into a skipped one that stands for as many occurrences.
void become_skipped(Job& job, Reason reason, Time now);

/// Counts another job's occurrences in a skipped one.
void count_in(Job& skipped, const Job& other, Time now);

/// The note about an entry whose planned job was refused, as its occurrence has one already: how
/// many others it would have stood for, which are in no job then. Empty if there are none.
[[nodiscard]] std::string note_of_refused(const Job& job);

/// When a queued job is available, and when something last happened to it.
struct Availability {
    Time available{};
    Time since{};
};

/// A time that a clock which was ahead gave, in that of the clock that was set back.
struct MovedTime {
    Time available{};
    std::string detail{};  ///< of the event
};
inline constexpr std::string_view kClockEvent = "clock";

/// The time of JobStore::set_clock_back; nullopt: the job keeps its own.
[[nodiscard]] std::optional<MovedTime> available_again(const Availability& job, Time now,
                                                       Time after);

/// The event that a job's beginning is: "created", or the final state that it was born in.
[[nodiscard]] std::string_view birth_event(JobState state) noexcept;

/// "executor 3 pid 4242"
[[nodiscard]] std::string executor_name(std::int64_t generation, std::int64_t pid);

/// What a settlement says that came too late.
[[nodiscard]] std::string late_result(const Job& job);

/// What an update adds to a response that has `bytes` by now.
[[nodiscard]] std::string_view new_response(const LiveUpdate& update, std::int64_t bytes) noexcept;

/// Details of events.
inline constexpr std::string_view kRefusedOccurrence =
    "the same occurrence was planned once more: nothing was inserted";
inline constexpr std::string_view kRefusedKey =
    "another job with its key was added: nothing was inserted";
inline constexpr std::string_view kReplaced = "overlap: replaced by the next occurrence";
inline constexpr std::string_view kAskedByReplace = "stop: replaced by the next occurrence";

}  // namespace periodic
