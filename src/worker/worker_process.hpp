#pragma once

/// @file
/// A worker seen from the daemon: its process, and the line to it.

#include <memory>
#include <string>

#include "base/descriptor.hpp"
#include "base/process_start.hpp"
#include "periodic/error.hpp"
#include "periodic/process_launcher.hpp"
#include "worker/line.hpp"

namespace periodic {

/// A program that workers are started from, held open: it stays the same when its file is replaced.
class WorkerProgram {
public:
    /// `path`; empty: the program that this process runs. Error: Io.
    [[nodiscard]] static Result<WorkerProgram> open(const std::string& path);

    /// How to execute it, from this process and its children.
    [[nodiscard]] std::string path() const;

private:
    explicit WorkerProgram(Descriptor file) noexcept : file_(std::move(file)) {}
    Descriptor file_;
};

/// A worker that was started.
struct WorkerProcess {
    ProcessIdentity identity{};
    Descriptor handle{};           ///< a pidfd
    std::shared_ptr<Line> line{};  // shared with the thread that receives
};

/// Starts `PROGRAM worker` with this process's environment and standard error, in a process group
/// of its own. Error: as ProcessLauncher::start. Throws std::system_error.
[[nodiscard]] Result<WorkerProcess> start_worker(ChildStarter& starter,
                                                 const WorkerProgram& program);

}  // namespace periodic
