#pragma once

/// @file
/// Which processes belong to which started program, also those that fled from its group.

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "base/process_table.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// The programs of one launcher that are watched. May be used from any thread.
///
/// A process whose parents have died becomes a child of the nearest subreaper. If that is this
/// process (`adopts`), every child that the launcher did not start is such a stray. Whose stray it
/// is, its origin says (process_origin.hpp); if it has changed that, its environment; if it has
/// cleaned that too, it is one of those programs' that ran when it started, and is taken to be the
/// last one's of them to exit. If this process is no subreaper, only the origin, the mark in the
/// environment and living ancestors tell.
class ProcessFamily {
public:
    explicit ProcessFamily(bool adopts) : adopts_(adopts) {}

    /// Stands while a child is made, until it is added: nobody takes it for a stray meanwhile.
    class Start {
    public:
        explicit Start(ProcessFamily& family);
        Start(const Start&) = delete;
        Start& operator=(const Start&) = delete;
        ~Start();

        /// Where the child writes its pid, before it does anything else. 0 until then.
        [[nodiscard]] std::atomic<std::int64_t>& pid() noexcept { return pid_; }

    private:
        friend class ProcessFamily;
        ProcessFamily& family_;
        std::atomic<std::int64_t> pid_ = 0;
    };

    /// The child's `Start` must stand.
    void add(const ProcessIdentity& leader, std::optional<JobMark> mark);
    void remove(const ProcessIdentity& leader) noexcept;
    /// Its leader has exited, and was reaped.
    void set_exited(const ProcessIdentity& leader);

    /// The living processes outside the leader's group that are its descendants, or were.
    [[nodiscard]] std::vector<ProcessEntry> fled(const ProcessIdentity& leader);

    /// Whether the group of an exited leader has a living member. Reaps those that are dead and
    /// were adopted.
    [[nodiscard]] bool group_lives(std::int64_t group) const;

private:
    struct Member {
        std::uint64_t start_ticks = 0;
        std::optional<JobMark> mark{};
        bool exited = false;
    };
    // By pid: unique among those that are not reaped, and the start time tells the others apart.
    using Members = std::multimap<std::int64_t, Member>;

    [[nodiscard]] bool has_exited(const ProcessIdentity& leader);
    [[nodiscard]] Members::iterator find(std::int64_t pid, std::uint64_t start_ticks);
    [[nodiscard]] std::vector<ProcessEntry> adopted(const ProcessIdentity& leader);
    [[nodiscard]] std::vector<ProcessEntry> marked(const ProcessIdentity& leader);
    [[nodiscard]] bool is_of(const ProcessEntry& stray, const Members::value_type& leader);

    // Of a child: a program of ours, one of a start that has not come far enough to tell, or none.
    enum class Known : std::uint8_t { Yes, Perhaps, No };
    [[nodiscard]] Known is_known(std::int64_t pid, std::optional<ProcessEntry>& process);

    const bool adopts_;
    std::mutex mutex_;
    Members members_;
    std::vector<Start*> starts_;
};

/// Makes this process a child subreaper, and SIGCHLD what the launcher needs. For a program of our
/// own at its start, never for a host. Throws std::system_error.
void become_subreaper();

/// Blocks SIGCHLD in this thread and those that it starts, for whoever reads it with a signalfd;
/// programs get it as it was meant. For a program of our own, before it has a second thread.
void hold_child_signals() noexcept;

}  // namespace periodic
