#pragma once

/// @file
/// Receives what workers say and notices their deaths, on a thread of its own.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/descriptor.hpp"
#include "worker/line.hpp"

namespace periodic {

/// What has come from one worker, in order.
struct WorkerMail {
    std::int64_t worker = 0;  ///< the number it was added under
    std::vector<Message> messages{};
    bool closed = false;  ///< it says nothing more, or made no sense
    bool died = false;    ///< nothing more will come
};

/// The daemon's thread that waits for all workers at once. The members may be called
/// from any thread, but for `take`.
class MailRoom {
public:
    /// `arrived` is called on the room's thread when there is mail, or a child has ended. Of
    /// children it hears where SIGCHLD is blocked in all threads. Throws std::system_error.
    explicit MailRoom(std::function<void()> arrived);
    MailRoom(const MailRoom&) = delete;
    MailRoom& operator=(const MailRoom&) = delete;
    ~MailRoom();

    /// Takes mail from a worker under a number that was never used before. `handle` is its pidfd,
    /// which stays the caller's and open until its death was taken.
    void add(std::int64_t worker, std::shared_ptr<Line> line, int handle);

    /// Sends what was put on a worker's line; the rest when the worker takes it.
    void flush(std::int64_t worker);

    /// What has come since the last call. A worker's last words come before its death, which comes
    /// once, when its process has ended.
    [[nodiscard]] std::vector<WorkerMail> take();

    /// Whether a child of this process, worker or not, has ended since the last call.
    [[nodiscard]] bool take_child_end() noexcept { return child_ended_.exchange(false); }

private:
    struct Sender {
        std::shared_ptr<Line> line;  // shared with the daemon's record of it
        int handle = -1;
        bool open = true;
    };

    void receive();
    void note(std::uint64_t event, bool writable);
    void note_child_ends();
    void read_line(std::int64_t worker, Sender& sender);
    void watch(int operation, int fd, std::uint64_t data, std::uint32_t events) const;

    std::function<void()> arrived_;
    Descriptor poll_;
    Descriptor wake_;
    Descriptor child_ends_;  // a signalfd
    std::atomic<bool> child_ended_ = false;
    std::mutex mutex_;
    std::map<std::int64_t, Sender> senders_;
    std::vector<WorkerMail> mail_;
    std::jthread thread_;
};

}  // namespace periodic
