#pragma once

/// @file
/// Starting programs, as a seam.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "periodic/error.hpp"

namespace periodic {

/// A process for ever, not only for as long as its pid is not reused.
struct ProcessIdentity {
    std::int64_t pid = 0;
    std::uint64_t start_ticks = 0;  ///< start time in clock ticks since boot, from /proc/PID/stat
    std::string boot_id{};          ///< /proc/sys/kernel/random/boot_id

    friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

/// The identity that a program runs under; resolved before the start, so that a wrong name is an
/// error and not a child that dies.
struct ProcessUser {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::vector<std::uint32_t> groups{};
    std::string name{}, home{}, shell{};
};

/// Looks a user up by name, with all of its groups. Error: Usage.
[[nodiscard]] Result<ProcessUser> find_user(std::string_view name);

/// What to start.
struct ProcessSpec {
    std::string program{};                 ///< a path, or a name that is looked up in PATH
    std::vector<std::string> arguments{};  ///< without the program's own name
    std::vector<std::pair<std::string, std::string>> environment{};  ///< all of it, each name once
    std::string directory{};                                         ///< empty: the caller's
    std::optional<ProcessUser> user{};                               ///< needs root
    int nice = 0;                                                    ///< added to the caller's
    bool leave = false;  ///< what it leaves behind may live on, also when its starter is killed
    /// Where the child writes who it is (a line of 128 bytes at `record_offset`), before the
    /// program is executed; -1: nowhere. If it can't be written the program does not start.
    int record_fd = -1;
    std::int64_t record_offset = 0;
    /// Written in front of the identity, to say whose process it is; at most 48 bytes.
    std::string record_label{};
};

/// A started program, in a process group of its own with /dev/null as standard input. Destroying
/// it kills its group and waits for it.
class Process {
public:
    /// How it ended: an exit code, or 128 + N after signal N.
    struct Exit {
        int code = 0;
        bool signalled = false;
    };
    enum class Stream : std::uint8_t { Out, Err };
    /// What `wait_for` saw.
    enum class Event : std::uint8_t { Nothing, Output, Exited };

    Process() = default;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    virtual ~Process() = default;

    [[nodiscard]] virtual const ProcessIdentity& identity() const noexcept = 0;

    /// Waits until output came (it has been passed to `sink`), the process has exited, somebody
    /// called `wake()`, or `timeout` is over. Bytes arrive in order within a stream.
    virtual Event wait_for(std::chrono::milliseconds timeout,
                           const std::function<void(Stream, std::string_view)>& sink) = 0;

    /// Ends a `wait_for` of another thread. Never blocks; may be called from any thread.
    virtual void wake() noexcept = 0;

    /// Set once it has exited and was reaped.
    [[nodiscard]] virtual std::optional<Exit> exit() const noexcept = 0;

    /// Sends a signal to the whole group, also after the leader has exited.
    virtual void signal_group(int signal) noexcept = 0;

    /// Whether the group, or a process that fled from it and is still known to be its
    /// descendant, has living members.
    [[nodiscard]] virtual bool has_survivors() = 0;

    /// Sends a signal to those too that fled the group.
    virtual void signal_all(int signal) = 0;

    /// What the program leaves behind may live on when this is destroyed.
    virtual void release() noexcept = 0;
};

/// Starts programs. May be called from any thread.
class ProcessLauncher {
public:
    ProcessLauncher() = default;
    ProcessLauncher(const ProcessLauncher&) = delete;
    ProcessLauncher& operator=(const ProcessLauncher&) = delete;
    virtual ~ProcessLauncher() = default;

    /// Error: NotFound if there is no such program, Io if it can't be started (with the system's
    /// reason).
    [[nodiscard]] virtual Result<std::unique_ptr<Process>> start(const ProcessSpec& spec) = 0;
};

/// Settings of the system's launcher.
struct LauncherOptions {
    /// This process is a child subreaper, and every child that it did not start itself was left
    /// behind by one of the launcher's programs: the `periodic` program says so, a host does not.
    bool adopts_strays = false;
    /// The path of the `periodic-gate` program, which stands in for that in a host; empty: what
    /// flees from its group is found by `PERIODIC_JOB_ID` in its environment alone.
    std::string gate{};
};

/// The gate that was installed with the library; empty if it is not there.
[[nodiscard]] std::string installed_gate();

/// The system's launcher. A host must not ignore SIGCHLD, nor wait for children that are not its
/// own: the exit codes of programs would be lost.
[[nodiscard]] std::unique_ptr<ProcessLauncher> make_process_launcher(LauncherOptions options = {});

}  // namespace periodic
