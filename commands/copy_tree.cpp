#include "copy_tree.hpp"

#include <array>
#include <cerrno>
#include <climits>

#include <fcntl.h>

namespace periodic::commands {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20U;  // between two looks at the stop token

// Copies a piece; answers as read() and write() do, 0 at the end.
ssize_t copy_by_hand(int from, int to) {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    for (ssize_t done = 0; done < got;) {
        const ssize_t written =
            ::write(to, buffer.data() + done, static_cast<std::size_t>(got - done));
        if (written < 0 && errno != EINTR) return written;
        if (written > 0) done += written;
    }
    return got;
}

}  // namespace

void TreeCopier::copy(const Entry& source, const Entry& destination, std::int64_t depth) {
    visit(source, destination, depth, 0);
}

void TreeCopier::copy_link_itself(const Entry& source, const Entry& destination) {
    follow_source_ = false;
    visit(source, destination, -1, 0);
}

bool TreeCopier::stopped() {
    if (!context_.stop_token().stop_requested()) return false;
    failed_ = true;
    return true;
}

void TreeCopier::skip(const std::string& what, const std::string& why) {
    skipped_ = true;
    context_.log(LogLevel::Warning, "skipped " + what + ": " + why);
}

// Want of descriptors or memory says nothing of the source: the copy would be less than it in
// silence.
void TreeCopier::skip_unreadable(const Entry& source, int error) {
    if (error != EMFILE && error != ENFILE && error != ENOMEM)
        return skip(source.path, reason(error));
    incomplete_ = true;
    context_.log(LogLevel::Error, "can't copy " + source.path + ": " + reason(error));
}

void TreeCopier::fail(const Entry& destination, const std::string& why) {
    failed_ = true;
    context_.log(LogLevel::Error, "can't write " + destination.path + ": " + why);
}

void TreeCopier::visit(const Entry& source, const Entry& destination, std::int64_t depth,
                       int level) {
    if (depth == 0) return;
    struct stat status {};
    // The source that the task names may be a link: its author meant what it leads to.
    const int flags = follows(level) ? 0 : AT_SYMLINK_NOFOLLOW;
    if (::fstatat(source.directory, source.name.c_str(), &status, flags) != 0) {
        return skip(source.path, reason(errno));
    }
    if (S_ISDIR(status.st_mode)) return copy_directory(source, destination, depth, level);
    if (S_ISREG(status.st_mode)) return copy_file(source, destination, level);
    if (S_ISLNK(status.st_mode)) return copy_link(source, destination);
    skip(source.path, "it is neither a file nor a directory");
}

void TreeCopier::copy_directory(const Entry& source, const Entry& destination, std::int64_t depth,
                                int level) {
    if (level == kDeepestTree) {
        incomplete_ = true;
        return context_.log(LogLevel::Error, "can't copy " + source.path + ": nested deeper than " +
                                                 std::to_string(kDeepestTree) + " levels");
    }
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follows(level) ? 0 : O_NOFOLLOW);
    const Handle from(::openat(source.directory, source.name.c_str(), flags));
    struct stat status {};
    if (!from || ::fstat(from.get(), &status) != 0) return skip_unreadable(source, errno);
    if (root_ && *root_ == Identity(status))
        return skip(source.path, "it is the destination itself");

    bool is_new = false;
    const Handle to = make_directory(destination, is_new);
    if (!to) return;
    if (level == 0) {
        struct stat made {};
        if (::fstat(to.get(), &made) != 0) return fail(destination, reason(errno));
        root_ = Identity(made);
        if (*root_ == Identity(status)) return skip(destination.path, "it is the source itself");
    }
    const int error = for_each_name(from.get(), [&](const std::string& name) {
        if (stopped()) return false;
        visit(source.child(from.get(), name), destination.child(to.get(), name),
              depth < 0 ? depth : depth - 1, level + 1);
        return !failed_;
    });
    if (error != 0) skip_unreadable(source, error);
    if (is_new) finish(to.get(), status, destination);
}

// The directory at the destination, made or found; no handle if that is not possible, on record.
Handle TreeCopier::make_directory(const Entry& destination, bool& is_new) {
    // Nobody else may look in until it is whole and has its own permissions.
    is_new = ::mkdirat(destination.directory, destination.name.c_str(), 0700) == 0;
    if (!is_new && errno != EEXIST) {
        fail(destination, reason(errno));
        return {};
    }
    Handle to = open_directory(destination);
    if (to) {
        if (is_new) ++copied_;
        return to;
    }
    if (errno == ENOTDIR || errno == ELOOP) {
        skip(destination.path, "it exists already and is no directory");
    } else {
        fail(destination, reason(errno));
    }
    return {};
}

void TreeCopier::copy_file(const Entry& source, const Entry& destination, int level) {
    // The source was a regular file just now; if it was swapped, O_NONBLOCK keeps a pipe from
    // blocking and the second look finds out.
    const int flags =
        O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follows(level) ? 0 : O_NOFOLLOW);
    const Handle from(::openat(source.directory, source.name.c_str(), flags));
    struct stat status {};
    if (!from || ::fstat(from.get(), &status) != 0) return skip_unreadable(source, errno);
    if (!S_ISREG(status.st_mode)) return skip(source.path, "it is no file any more");
    const Handle to(::openat(destination.directory, destination.name.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!to) {
        if (errno == EEXIST) return skip(destination.path, "it exists already");
        return fail(destination, reason(errno));
    }
    if (!copy_bytes(from.get(), to.get(), destination)) {
        ::unlinkat(destination.directory, destination.name.c_str(), 0);
        return;
    }
    finish(to.get(), status, destination);
    ++copied_;
}

bool TreeCopier::copy_bytes(int from, int to, const Entry& destination) {
    bool in_kernel = true;  // copy_file_range shares blocks where the file system can
    for (bool first = true; !stopped(); first = false) {
        ssize_t moved = in_kernel ? ::copy_file_range(from, nullptr, to, nullptr, kChunk, 0) : -1;
        // It refuses some pairs of file systems, and sees no bytes in files that /proc makes up.
        if (!in_kernel || (first && moved <= 0)) {
            in_kernel = false;
            moved = copy_by_hand(from, to);
        }
        if (moved == 0) return true;
        if (moved < 0 && errno != EINTR) {
            fail(destination, reason(errno));
            return false;
        }
    }
    return false;
}

void TreeCopier::copy_link(const Entry& source, const Entry& destination) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length =
        ::readlinkat(source.directory, source.name.c_str(), target.data(), target.size() - 1);
    if (length < 0) return skip(source.path, reason(errno));
    if (::symlinkat(target.data(), destination.directory, destination.name.c_str()) == 0) {
        ++copied_;
    } else if (errno == EEXIST) {
        skip(destination.path, "it exists already");
    } else {
        fail(destination, reason(errno));
    }
}

void TreeCopier::finish(int copy, const struct stat& status, const Entry& destination) {
    if (keep_ == Keep::Everything) {
        // Only root may give files away; for others the copy stays theirs.
        if (::fchown(copy, status.st_uid, status.st_gid) != 0 && errno != EPERM) {
            fail(destination, reason(errno));
        }
        const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
        if (::futimens(copy, times.data()) != 0) fail(destination, reason(errno));
    }
    if (::fchmod(copy, status.st_mode & 0777U) != 0) fail(destination, reason(errno));
}

}  // namespace periodic::commands
