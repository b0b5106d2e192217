#pragma once

/// @file
/// The control socket `var/control`: how other processes reach the one that holds the lock.
///
/// A client sends one line of words and gets one line back: `ok`, `ok ANSWER` or `no REASON`.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace periodic {

/// The longest request, in bytes: room for 64 KiB of text of which each byte is escaped.
inline constexpr std::size_t kLongestControlLine = std::size_t{132} << 10U;

/// Listens on the control socket from construction to destruction, and answers on a thread of its
/// own from `start`.
class ControlServer {
public:
    /// Answers a request line; called on the server's thread. An answer without a value is
    /// refused: the server is about to end, the client tries for the lock itself.
    using Handler = std::function<std::optional<std::string>(std::string_view request)>;

    /// Makes the socket anew, 0600, in `directory`. Throws std::system_error if that fails.
    ControlServer(std::string directory, Handler handler);

    /// Begins to answer, also those who have been waiting; further calls do nothing. Who ends
    /// without it has answered nobody.
    void start();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;
    /// Removes the socket, unless another process has replaced it.
    ~ControlServer();

    /// Makes the socket anew if a cleaner removed it. Called by the owner of the lock, from one
    /// thread. Answers whether it is there; if not, it is to be tried again.
    bool heal() noexcept;

private:
    class Caller;

    void listen_anew();
    void serve();
    [[nodiscard]] bool hear(Caller& caller) const;

    std::string directory_;
    Handler handler_;
    std::atomic<int> listener_{-1};
    int wake_ = -1;
    std::uint64_t inode_ = 0;
    std::jthread thread_;
};

/// Sends one request to whoever listens in `directory`, and waits up to `patience` for its answer,
/// which comes without its `ok`. nullopt: nobody listens, or no answer came.
[[nodiscard]] std::optional<std::string> ask_holder(const std::string& directory,
                                                    std::string_view request,
                                                    std::chrono::milliseconds patience);

/// Tells whoever listens in `directory`. Nobody may: then the next run finds by itself what it is
/// about.
void tell_holder(const std::string& directory, std::string_view request);

}  // namespace periodic
