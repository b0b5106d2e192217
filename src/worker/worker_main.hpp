#pragma once

/// @file
/// The worker's side: what `periodic worker` does.

#include "periodic/command_registry.hpp"
#include "worker/process_title.hpp"

namespace periodic {

/// Runs jobs for the daemon that has started this process, which hands them over through the socket
/// that is this process's standard input, until it is told to end. Owns the process: makes it a
/// child subreaper and ignores the signals of a terminal. When the daemon dies it takes no more
/// work, and ends its programs and itself within a second; its death is seen by the socket's end.
/// (No PR_SET_PDEATHSIG: that tells of the thread that started the worker, not of the process, and
/// a signal that kills would leave the programs.)
///
/// Answers the exit code: 0 at the end, 2 if this process is nobody's worker.
int worker_main(const CommandRegistry& commands, ProcessTitle& title);

}  // namespace periodic
