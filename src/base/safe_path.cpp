// Who could change what a path leads to: the walk behind check_only_written_by().

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file_owner.hpp"
#include "base/files.hpp"

namespace periodic {
namespace {

// As the kernel's own limit (path_resolution(7)).
constexpr int kMostLinks = 40;

class Walk {
public:
    Walk(std::string path, uid_t owner) : path_(std::move(path)), owner_(owner) {}

    Result<void> run() {
        push(path_);
        if (auto root = look("/"); !root) return root;
        while (!rest_.empty()) {
            const std::string name = std::move(rest_.front());
            rest_.pop_front();
            if (name == "..") {
                if (!at_.empty()) at_.erase(at_.rfind('/'));
                continue;
            }
            if (auto step = enter(at_ + '/' + name); !step) return step;
        }
        return {};
    }

private:
    // Puts the names of a path in front of those that are still to be walked.
    void push(std::string_view path) {
        std::deque<std::string> names;
        while (!path.empty()) {
            const std::string_view name = path.substr(0, path.find('/'));
            path.remove_prefix(std::min(name.size() + 1, path.size()));
            if (!name.empty() && name != ".") names.emplace_back(name);
        }
        rest_.insert(rest_.begin(), names.begin(), names.end());
    }

    Result<void> enter(const std::string& path) {
        if (auto safe = look(path); !safe) return safe;
        if (!is_link_) {
            at_ = path;
            return {};
        }
        if (++links_ > kMostLinks) return broken(path, ELOOP);
        std::array<char, PATH_MAX> target{};
        const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
        if (length < 0) return broken(path, errno);
        const std::string_view leads_to(target.data(), static_cast<std::size_t>(length));
        if (leads_to.substr(0, 1) == "/") at_.clear();
        push(leads_to);
        return {};
    }

    Result<void> look(const std::string& path) {
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0) return broken(path, errno);
        is_link_ = S_ISLNK(status.st_mode);
        if (status.st_uid != 0 && status.st_uid != owner_) {
            return unsafe(path + " belongs to " + user_name(status.st_uid),
                          remedy_for_owner(path, status));
        }
        const bool sticky_directory = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
        if (!is_link_ && !sticky_directory && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
            return unsafe("others may write " + path, "chmod go-w " + path);
        }
        return {};
    }

    // A single file may be given away; a directory is somebody's home, and stays that.
    [[nodiscard]] std::string remedy_for_owner(const std::string& path,
                                               const struct stat& status) const {
        if (S_ISREG(status.st_mode)) return "chown " + std::to_string(owner_) + ' ' + path;
        const std::string other = user_name(status.st_uid);
        const std::string call = other.find(' ') == std::string::npos
                                     ? " (runuser -u " + other + " -- periodic ...)"
                                     : std::string();
        return "run it as " + other + call + ", or move the home to where " +
               (owner_ == 0 ? "root" : user_name(owner_)) + " alone may write";
    }

    [[nodiscard]] Failure unsafe(const std::string& why, const std::string& remedy) const {
        Error error;
        error.code = ErrorCode::Unsafe;
        error.message = "refused, as somebody else could change what would be executed: " + why;
        error.hint = remedy;
        error.file = path_;
        return Failure(std::move(error));
    }

    [[nodiscard]] Failure broken(const std::string& path, int number) const {
        Error error;
        error.code = number == ENOENT || number == ENOTDIR ? ErrorCode::NotFound : ErrorCode::Io;
        error.message = "can't look at " + path + ": " + std::generic_category().message(number);
        error.file = path_;
        return Failure(std::move(error));
    }

    const std::string path_;
    const uid_t owner_;
    std::string at_;                // where the walk stands, without a slash at its end
    std::deque<std::string> rest_;  // the names still to be walked
    int links_ = 0;
    bool is_link_ = false;  // what `look` saw last
};

}  // namespace

Result<void> check_only_written_by(const std::string& path, uid_t owner) {
    if (!path.empty() && path.front() == '/') return Walk(path, owner).run();
    const auto here = real_path(".");
    if (!here) return Failure(here.error());
    return Walk(path_below(*here, path), owner).run();
}

Result<void> check_safe_to_execute(const std::string& path) {
    if (::geteuid() != 0) return {};
    return check_only_written_by(path, 0);
}

}  // namespace periodic
