#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace periodic::testing {

/// A home in a directory of its own, which goes with it.
class TemporaryHome {
public:
    TemporaryHome() {
        std::string pattern = (std::filesystem::temp_directory_path() / "periodic-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
        path_ = pattern;
        std::filesystem::create_directory(path_ + "/tasks");
        write("crontab", "");
    }
    TemporaryHome(const TemporaryHome&) = delete;
    TemporaryHome& operator=(const TemporaryHome&) = delete;
    ~TemporaryHome() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string path(const std::string& name) const { return path_ + '/' + name; }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path(name), std::ios::trunc) << text;
        ::chmod(path(name).c_str(), 0644);
    }

    /// A task whose commands, and what else stands below `<task>`, are given.
    void task(const std::string& name, const std::string& body) const {
        write("tasks/" + name + ".xml", "<task>" + body + "</task>\n");
    }

    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file(path(name));
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }

private:
    std::string path_;
};

}  // namespace periodic::testing
