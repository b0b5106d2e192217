#pragma once

/// @file
/// The line of Periodic's own log about a job that has ended, or whose attempt has.

#include "periodic/job.hpp"
#include "periodic/logger.hpp"
#include "run/settle.hpp"

namespace periodic {

/// Says what became of an attempt: the event that ended it.
void log_end(Logger& logger, const Settlement& settlement);

/// Says what became of a job that failed before it had an attempt.
void log_end(Logger& logger, const Job& job);

}  // namespace periodic
