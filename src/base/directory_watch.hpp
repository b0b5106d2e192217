#pragma once

/// @file
/// Noticing that files have changed, without looking again and again.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/descriptor.hpp"

namespace periodic {

/// Tells when something in a few directories changes, by inotify(7), on a thread of its own that
/// sleeps otherwise. Where the kernel can't tell (some network file systems) it stays silent. What
/// comes in quick succession, as when an editor writes a file, is told once it is over.
class DirectoryWatch {
public:
    /// Whether a change of this name in this directory is of interest.
    using Wanted = std::function<bool(const std::string& directory, const std::string& name)>;

    /// `changed` is called on the watch's thread, when nothing has changed any more for `quiet`,
    /// but no later than after ten times that. Directories that are not there are looked for when
    /// their parent changes. Throws std::system_error if the kernel gives no inotify.
    DirectoryWatch(std::vector<std::string> directories, Wanted wanted,
                   std::function<void()> changed,
                   std::chrono::milliseconds quiet = std::chrono::milliseconds(200));
    DirectoryWatch(const DirectoryWatch&) = delete;
    DirectoryWatch& operator=(const DirectoryWatch&) = delete;
    ~DirectoryWatch();

private:
    void serve();
    void watch_all();
    [[nodiscard]] bool read_events();

    std::vector<std::string> directories_;
    Wanted wanted_;
    std::function<void()> changed_;
    std::chrono::milliseconds quiet_;
    Descriptor inotify_;
    Descriptor end_;
    std::map<int, std::string> watched_;  ///< directory by watch descriptor
    std::jthread thread_;
};

}  // namespace periodic
