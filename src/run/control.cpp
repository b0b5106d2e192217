#include "run/control.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/descriptor.hpp"

namespace periodic {
namespace {

constexpr const char* kName = "control";
constexpr std::chrono::milliseconds kPatienceWithClient{1000};
constexpr std::chrono::milliseconds kBetweenTries{5};
// So many may be connected at once; the others stand in line.
constexpr std::size_t kMostCallers = 64;

// A socket's address holds 107 bytes, a path may be longer: it is reached through the descriptor
// of its directory instead.
sockaddr_un address_below(int directory) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = "/proc/self/fd/" + std::to_string(directory) + '/' + kName;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

int open_directory(const std::string& directory) {
    return ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

// Reads up to a line end, or nothing if it does not come in time or is too long.
std::optional<std::string> read_line(int descriptor, std::chrono::milliseconds patience) {
    const auto limit = std::chrono::steady_clock::now() + patience;
    std::string line;
    std::array<char, 4096> buffer{};
    while (line.size() <= kLongestControlLine) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            limit - std::chrono::steady_clock::now());
        pollfd wait{.fd = descriptor, .events = POLLIN, .revents = 0};
        if (left.count() < 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) break;
        const ssize_t size = ::recv(descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size <= 0) break;
        line.append(buffer.data(), static_cast<std::size_t>(size));
        if (const std::size_t end = line.find('\n'); end != std::string::npos) {
            line.resize(end);
            return line;
        }
    }
    return std::nullopt;
}

// Sends all of a line; false if that does not succeed in time.
bool send_line(int descriptor, std::string_view line, std::chrono::milliseconds patience) {
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (!line.empty()) {
        const ssize_t sent =
            ::send(descriptor, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            line.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            limit - std::chrono::steady_clock::now());
        pollfd wait{.fd = descriptor, .events = POLLOUT, .revents = 0};
        if (errno != EAGAIN || left.count() < 0 ||
            ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) {
            return false;
        }
    }
    return true;
}

}  // namespace

/// Who has connected, until its request is answered.
class ControlServer::Caller {
public:
    explicit Caller(Descriptor socket)
        : socket_(std::move(socket)),
          limit_(std::chrono::steady_clock::now() + kPatienceWithClient) {}

    [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }

    /// How many milliseconds are left for its request; 0: none.
    [[nodiscard]] int patience() const {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(limit_ - std::chrono::steady_clock::now());
        return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
    }

    /// Takes what has come. False: it has gone, or says too much.
    [[nodiscard]] bool read() {
        std::array<char, 4096> buffer;  // NOLINT(*-member-init): recv() fills it
        while (line_.size() <= kLongestControlLine) {
            const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
            if (size <= 0) return request().has_value();
            line_.append(buffer.data(), static_cast<std::size_t>(size));
            if (request()) return true;
        }
        return false;
    }

    /// Its first line, once that is all there.
    [[nodiscard]] std::optional<std::string_view> request() const {
        const std::size_t end = line_.find('\n');
        if (end == std::string::npos) return std::nullopt;
        return std::string_view(line_).substr(0, end);
    }

private:
    Descriptor socket_;
    std::chrono::steady_clock::time_point limit_;
    std::string line_;
};

ControlServer::ControlServer(std::string directory, Handler handler)
    : directory_(std::move(directory)),
      handler_(std::move(handler)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    try {
        listen_anew();
    } catch (...) {
        ::close(wake_);
        throw;
    }
}

void ControlServer::start() {
    if (!thread_.joinable()) thread_ = std::jthread([this] { serve(); });
}

ControlServer::~ControlServer() {
    const int listener = listener_.exchange(-1);
    if (thread_.joinable()) {  // which closes what it listens on
        (void)!::eventfd_write(wake_, 1);
        thread_.join();
    } else {
        ::close(listener);
    }
    const Descriptor at(open_directory(directory_));
    struct stat there {};
    if (at.get() >= 0 && ::fstatat(at.get(), kName, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
        there.st_ino == inode_) {
        ::unlinkat(at.get(), kName, 0);
    }
    ::close(wake_);
}

void ControlServer::listen_anew() {
    const Descriptor at(open_directory(directory_));
    if (at.get() < 0) throw std::system_error(errno, std::generic_category(), directory_);
    Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (listener.get() < 0) throw std::system_error(errno, std::generic_category(), "socket");
    // Whoever calls holds the lock: a socket that is there belongs to nobody any more.
    ::unlinkat(at.get(), kName, 0);
    const sockaddr_un address = address_below(at.get());
    // A socket's file gets the mode of the socket, less the host's umask: never more than 0600.
    ::fchmod(listener.get(), 0600);
    struct stat made {};
    if (::bind(listener.get(), generic(address), sizeof address) != 0 ||
        ::fchmodat(at.get(), kName, 0600, 0) != 0 || ::listen(listener.get(), 64) != 0 ||
        ::fstatat(at.get(), kName, &made, AT_SYMLINK_NOFOLLOW) != 0) {
        throw std::system_error(errno, std::generic_category(), directory_ + '/' + kName);
    }
    inode_ = made.st_ino;
    const int before = listener_.exchange(listener.release());
    if (before >= 0 && !thread_.joinable()) ::close(before);
    (void)!::eventfd_write(wake_, 1);
}

bool ControlServer::heal() noexcept {
    try {
        const Descriptor at(open_directory(directory_));
        struct stat there {};
        if (at.get() < 0 || (::fstatat(at.get(), kName, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
                             there.st_ino == inode_)) {
            return at.get() >= 0;
        }
        listen_anew();
        return true;
    } catch (const std::system_error&) {
        return false;  // those who wait for the socket try for the lock meanwhile
    }
}

// Closing a listener is left to this thread, which alone waits on it.
void ControlServer::serve() {
    int listener = -1;
    std::deque<Caller> callers;  // in the order in which they came
    while (true) {
        if (const int wanted = listener_.load(); wanted != listener) {
            if (listener >= 0) ::close(listener);
            listener = wanted;
        }
        if (listener < 0) return;
        std::vector<pollfd> wait{{.fd = listener, .events = POLLIN, .revents = 0},
                                 {.fd = wake_, .events = POLLIN, .revents = 0}};
        for (const Caller& caller : callers)
            wait.push_back({.fd = caller.descriptor(), .events = POLLIN, .revents = 0});
        const int patience = callers.empty() ? -1 : callers.front().patience();
        if (::poll(wait.data(), wait.size(), patience) < 0 && errno != EINTR) return;
        if (wait[1].revents != 0) {
            eventfd_t ignored = 0;
            (void)!::eventfd_read(wake_, &ignored);
        }
        for (auto caller = callers.begin(); caller != callers.end();)
            caller = hear(*caller) ? callers.erase(caller) : std::next(caller);
        if (wait[0].revents == 0) continue;
        Descriptor socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
        if (socket.get() < 0) {
            // For want of descriptors or memory: others need the processor to set some free.
            if (errno != ECONNABORTED && errno != EINTR) std::this_thread::sleep_for(kBetweenTries);
            continue;
        }
        // Who says nothing holds up nobody: the one that has been silent for longest gives way.
        if (callers.size() == kMostCallers) callers.pop_front();
        if (hear(callers.emplace_back(std::move(socket)))) callers.pop_back();
    }
}

// Answers whether nothing more is to be done for the caller.
bool ControlServer::hear(Caller& caller) const {
    if (!caller.read()) return true;
    const auto request = caller.request();
    if (!request) return caller.patience() == 0;
    const auto answer = handler_(*request);
    const std::string line = answer ? "ok " + *answer + '\n' : std::string("no\n");
    (void)!::send(caller.descriptor(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return true;
}

std::optional<std::string> ask_holder(const std::string& directory, std::string_view request,
                                      std::chrono::milliseconds patience) {
    const Descriptor at(open_directory(directory));
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (at.get() < 0 || socket.get() < 0) return std::nullopt;
    const sockaddr_un address = address_below(at.get());
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (::connect(socket.get(), generic(address), sizeof address) != 0) {
        // Too many are asking: somebody is there, and comes to this one, too.
        if (errno != EAGAIN || std::chrono::steady_clock::now() >= limit) return std::nullopt;
        std::this_thread::sleep_for(kBetweenTries);
    }
    const std::string line = std::string(request) + '\n';
    if (!send_line(socket.get(), line, patience)) return std::nullopt;
    const auto answer = read_line(socket.get(), patience);
    if (!answer || answer->substr(0, 2) != "ok") return std::nullopt;
    return answer->size() > 3 ? answer->substr(3) : std::string();
}

void tell_holder(const std::string& directory, std::string_view request) {
    (void)ask_holder(directory, request, kPatienceWithClient);
}

}  // namespace periodic
