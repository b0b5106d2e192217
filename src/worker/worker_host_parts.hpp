#pragma once

/// @file
/// What WorkerHost keeps of each pool, worker and wait; for its own files alone.

#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <sys/syscall.h>
#include <unistd.h>

#include "run/child_waits.hpp"
#include "worker/messages.hpp"
#include "worker/worker_host.hpp"

namespace periodic {

/// Between two looks at what dead workers left, and at what is to run alone.
inline constexpr std::chrono::seconds kLookAgainEvery{1};
/// Between two looks at the memory of workers that run something.
inline constexpr std::chrono::seconds kWeighEvery{1};
/// A worker that dies sooner is taken for one that can't live.
inline constexpr std::chrono::seconds kLongEnough{10};

struct WorkerHost::Pool {
    PoolOptions options{};
    FreeSlots serves{};    // the topics alone
    PoolStatus numbers{};  // what is counted; the rest is looked up
    std::int64_t waiting = 0;
    int failures = 0;       // starts in a row that came to nothing
    std::string failure{};  // how the last one ended
    Time next_start{};
    bool retired = false;  // no longer configured; goes with its last worker
};

struct WorkerHost::Worker {
    std::int64_t number = 0;
    Pool* pool = nullptr;
    WorkerProcess process{};
    bool is_static = true;
    int slots = 1;
    bool ready = false;
    bool draining = false;
    bool is_trial = false;  // of a program; it gets no work
    bool outdated = false;
    bool exclusive = false;  // runs something that must be alone
    bool hung = false;       // it was killed for one of its jobs
    bool crowded = false;    // it died with several jobs
    int silent = 0;          // looks in a row, a second each, in which it was to begin and did not
    Time since{};
    Time last{};
    std::int64_t ended = 0;
    std::int64_t memory = 0;
    int waiting = 0;  // attempts that lend their slots
    std::vector<JobId> jobs{};
    std::set<JobId> begun{};  // of its jobs
    bool tried = false;       // to end what it left
    std::string end{};        // how it died
    std::string excess{};     // why it was killed, if it took too much
};

/// Whether it is to begin, or a job in it is.
inline bool is_to_begin(const auto& worker) {
    return !worker.ready || worker.begun.size() < worker.jobs.size();
}

/// What is handed over at one moment.
struct WorkerHost::Delivery {
    std::set<std::int64_t> workers{};            ///< to whom it is sent
    std::map<std::string, std::string> texts{};  ///< of tasks, where their files are broken
};

struct WorkerHost::Held {
    Time until{};
    std::optional<AskMessage> ask{};  // it is to end before it has begun
};

struct WorkerHost::PendingWait {
    JobId parent = 0;
    JobId child = 0;
    ChildWaits::Wait wait;
};

/// To the process of a pidfd; one that is gone needs none.
inline void send_signal(const Descriptor& handle, int signal) {
    (void)::syscall(SYS_pidfd_send_signal, handle.get(), signal, nullptr, 0);
}

}  // namespace periodic
