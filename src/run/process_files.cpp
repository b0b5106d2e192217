#include "run/process_files.hpp"

#include <filesystem>
#include <system_error>

namespace periodic {
namespace {

constexpr std::string_view kPrefix = "processes.";

}  // namespace

std::string process_file(const Home& home, std::int64_t generation) {
    return home.in_state(std::string(kPrefix) + std::to_string(generation));
}

std::string worker_process_file(const Home& home, std::int64_t generation, std::int64_t pid) {
    return process_file(home, generation) + '.' + std::to_string(pid);
}

std::vector<std::string> process_files(const Home& home) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(home.state)) {
        const std::string name = entry.path().filename().string();
        if (name.compare(0, kPrefix.size(), kPrefix) == 0) files.push_back(entry.path().string());
    }
    return files;
}

void remove_process_files(const Home& home, std::int64_t generation) noexcept {
    std::error_code ignored;
    const std::string own = process_file(home, generation);
    try {
        for (const std::string& file : process_files(home)) {
            if (file != own && !file.starts_with(own + '.')) std::filesystem::remove(file, ignored);
        }
    } catch (const std::filesystem::filesystem_error&) {
        // They are read once more by the next run; what they tell of is gone.
    }
}

}  // namespace periodic
