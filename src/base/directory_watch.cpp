#include "base/directory_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                   IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
// How long a burst of changes is waited for at most, in times of the quiet that ends it.
constexpr int kLongestBurst = 10;

Descriptor checked(int descriptor, const char* what) {
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
    return Descriptor(descriptor);
}

}  // namespace

DirectoryWatch::DirectoryWatch(std::vector<std::string> directories, Wanted wanted,
                               std::function<void()> changed, milliseconds quiet)
    : directories_(std::move(directories)),
      wanted_(std::move(wanted)),
      changed_(std::move(changed)),
      quiet_(quiet),
      inotify_(checked(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "inotify")),
      end_(checked(::eventfd(0, EFD_CLOEXEC), "eventfd")) {
    watch_all();
    thread_ = std::jthread([this] { serve(); });
}

DirectoryWatch::~DirectoryWatch() {
    (void)!::eventfd_write(end_.get(), 1);
}

// Adding a watch that is there already changes nothing. The parents are watched too, so that a
// directory that is made or made anew is noticed.
void DirectoryWatch::watch_all() {
    for (const std::string& directory : directories_) {
        for (const std::string& path :
             {directory, std::filesystem::path(directory).parent_path().string()}) {
            const int watch = ::inotify_add_watch(inotify_.get(), path.c_str(), kChanges);
            if (watch >= 0) watched_[watch] = path;
        }
    }
}

void DirectoryWatch::serve() {
    std::array<pollfd, 2> waited{pollfd{.fd = inotify_.get(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = end_.get(), .events = POLLIN, .revents = 0}};
    steady_clock::time_point burst;
    bool pending = false;
    while (true) {
        const bool burst_is_over = pending && steady_clock::now() - burst >= kLongestBurst * quiet_;
        const int ready = burst_is_over ? 0
                                        : ::poll(waited.data(), waited.size(),
                                                 pending ? static_cast<int>(quiet_.count()) : -1);
        if (ready < 0 && errno != EINTR) return;
        if (ready > 0 && waited[1].revents != 0) return;
        if (ready == 0 && pending) {
            pending = false;
            watch_all();
            changed_();
            continue;
        }
        if (ready > 0 && read_events() && !std::exchange(pending, true))
            burst = steady_clock::now();
    }
}

// Whether something of interest was among them.
bool DirectoryWatch::read_events() {
    alignas(inotify_event) std::array<char, 64 * (sizeof(inotify_event) + NAME_MAX + 1)> buffer;
    bool found = false;
    while (true) {
        const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
        if (size <= 0) return found;
        for (ssize_t at = 0; at < size;) {
            const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            const auto directory = watched_.find(event->wd);
            // Lost events, or a directory that went: anything may have changed.
            if ((event->mask & (IN_Q_OVERFLOW | IN_IGNORED)) != 0) {
                if (directory != watched_.end()) watched_.erase(directory);
                found = true;
            } else if (directory != watched_.end()) {
                const std::string name = event->len > 0 ? event->name : "";
                const std::string path = directory->second + '/' + name;
                found =
                    found || wanted_(directory->second, name) ||
                    std::find(directories_.begin(), directories_.end(), path) != directories_.end();
            }
        }
    }
}

}  // namespace periodic
