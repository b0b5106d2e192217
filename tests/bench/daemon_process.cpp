#include "daemon_process.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figures.hpp"

namespace periodic::bench {
namespace {

constexpr int kLongestStart = 60'000;

std::string process_file(pid_t pid, const std::string& name) {
    return "/proc/" + std::to_string(pid) + '/' + name;
}

// What systemd would listen on: it hears when the daemon is ready.
Descriptor notice_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ::unlink(path.c_str());
    Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto* const name = reinterpret_cast<const sockaddr*>(&address);
    if (!socket || ::bind(socket.get(), name, sizeof address) != 0)
        throw std::system_error(errno, std::generic_category(), path);
    return socket;
}

pid_t spawn(const std::vector<std::string>& words, const std::vector<std::string>& variables,
            const std::string& errors) {
    const auto pointers = [](const std::vector<std::string>& texts) {
        std::vector<char*> all;
        for (const std::string& one : texts) all.push_back(const_cast<char*>(one.c_str()));
        all.push_back(nullptr);
        return all;
    };
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                       0600);
    pid_t child = 0;
    const int error = ::posix_spawn(&child, words[0].c_str(), &actions, nullptr,
                                    pointers(words).data(), pointers(variables).data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::system_error(error, std::generic_category(), words[0]);
    return child;
}

}  // namespace

Memory memory_of(pid_t pid) {
    std::ifstream file(process_file(pid, "smaps_rollup"));
    Memory memory;
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string name;
        double kib = 0;
        words >> name >> kib;
        if (name == "Rss:") memory.resident = kib / 1024;
        if (name == "Pss:") memory.proportional = kib / 1024;
        if (name == "Private_Clean:" || name == "Private_Dirty:") memory.own += kib / 1024;
    }
    return memory;
}

Use use_of(pid_t pid) {
    Use use;
    for (const auto& thread : std::filesystem::directory_iterator(process_file(pid, "task"))) {
        std::ifstream status(thread.path() / "status");
        std::string name;
        while (status >> name) {
            std::int64_t count = 0;
            if (name.ends_with("_ctxt_switches:") && status >> count) use.switches += count;
        }
        std::ifstream schedule(thread.path() / "schedstat");
        double nanoseconds = 0;
        if (schedule >> nanoseconds) use.cpu_milliseconds += nanoseconds / 1e6;
    }
    return use;
}

std::vector<pid_t> children_of(pid_t pid) {
    std::ifstream file(process_file(pid, "task/" + std::to_string(pid) + "/children"));
    std::vector<pid_t> children;
    for (pid_t child = 0; file >> child;) children.push_back(child);
    return children;
}

DaemonProcess::DaemonProcess(const std::string& program, const std::string& home) {
    const std::string path = home + "/notice";
    const Descriptor socket = notice_socket(path);
    const auto begin = std::chrono::steady_clock::now();
    pid_ = spawn({program, "-C", home, "daemon"},
                 {"PATH=/usr/bin:/bin", "TZ=UTC", "HOME=/nonexistent", "NOTIFY_SOCKET=" + path},
                 home + "/errors");
    pollfd heard{.fd = socket.get(), .events = POLLIN, .revents = 0};
    if (::poll(&heard, 1, kLongestStart) != 1) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        throw std::runtime_error("the daemon is not ready: see " + home + "/errors");
    }
    start_milliseconds_ = milliseconds(std::chrono::steady_clock::now() - begin);
}

DaemonProcess::~DaemonProcess() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
}

}  // namespace periodic::bench
