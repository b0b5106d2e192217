#pragma once

/// @file
/// A store with a million jobs that are over, made by SQL alone.

#include <string>
#include <vector>

#include "periodic/job_store.hpp"

namespace periodic {

inline constexpr int kMillion = 1'000'000;

/// Fills the store at a path, which must be of the present schema, hold no jobs, and not be open:
/// 100 tasks in 5 topics, groups, phases and keys, nine in ten succeeded, one created each second,
/// and the first three with a task, topic, group, phase and key that no others have.
void fill_with_a_million(const std::string& path);

/// A way to list its jobs.
struct ListCase {
    std::string name{};
    JobFilter filter{};
};

/// Each filter alone, with a value that many jobs have, one that few have and one that none has,
/// and each of these with each state.
[[nodiscard]] std::vector<ListCase> list_cases();

}  // namespace periodic
