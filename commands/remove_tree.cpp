#include "remove_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>

#include "glob.hpp"

namespace periodic::commands {

std::vector<Identity> directories_to(const std::string& home) {
    std::vector<Identity> identities;
    Handle at(::open(home.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    struct stat status {};
    while (at && ::fstat(at.get(), &status) == 0) {
        const Identity identity(status);
        if (!identities.empty() && identities.back() == identity)
            break;  // the root is its own parent
        identities.push_back(identity);
        at = Handle(::openat(at.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    return identities;
}

TreeRemover::TreeRemover(CommandContext& context, std::optional<std::string> pattern)
    : context_(context), pattern_(std::move(pattern)), protected_(directories_to(context.home())) {}

void TreeRemover::remove(const Entry& entry) {
    visit(entry, matches(entry.name), nullptr, 0);
}

bool TreeRemover::matches(const std::string& name) const {
    return !pattern_ || glob_matches(*pattern_, name);
}

bool TreeRemover::stopped() {
    if (!context_.stop_token().stop_requested()) return false;
    failed_ = true;
    return true;
}

bool TreeRemover::is_protected(const struct stat& status) const {
    return std::find(protected_.begin(), protected_.end(), Identity(status)) != protected_.end();
}

void TreeRemover::note_failure(const Entry& entry, const std::string& why) {
    failed_ = true;
    context_.log(LogLevel::Error, "can't remove " + entry.path + ": " + why);
}

// `all`: everything in it goes, as it or a directory above it matched; that directory is `above`.
void TreeRemover::visit(const Entry& entry, bool all, const Doomed* above, int depth) {
    struct stat status {};
    if (::fstatat(entry.directory, entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) note_failure(entry, reason(errno));
        return;
    }
    if (S_ISDIR(status.st_mode)) return visit_directory(entry, all, above, depth);
    if (!all) return;
    if (::unlinkat(entry.directory, entry.name.c_str(), 0) == 0) {
        ++removed_;
    } else if (errno != ENOENT) {
        note_failure(entry, reason(errno));
    }
}

// What is nested so deep that descriptors would not suffice is moved to where they do, as it is to
// go anyway; it is met there when the directory is looked at again.
void TreeRemover::lift(const Entry& entry, const Doomed* above, int depth) {
    if (above == nullptr || depth - above->depth < 2) {
        return note_failure(entry,
                            "nested deeper than " + std::to_string(kDeepestTree) + " levels");
    }
    const std::string name =
        ".periodic-" + std::to_string(::getpid()) + '-' + std::to_string(lifted_);
    if (::renameat2(entry.directory, entry.name.c_str(), above->directory, name.c_str(),
                    RENAME_NOREPLACE) == 0) {
        ++lifted_;
    } else {
        note_failure(entry, reason(errno));
    }
}

void TreeRemover::visit_directory(const Entry& entry, bool all, const Doomed* above, int depth) {
    const Handle directory = open_directory(entry);
    struct stat status {};
    if (!directory || ::fstat(directory.get(), &status) != 0) {
        if (errno != ENOENT) note_failure(entry, reason(errno));
        return;
    }
    if (all && is_protected(status)) {
        return note_failure(entry, "the home, or a directory above it, is refused");
    }
    if (depth == kDeepestTree) return lift(entry, above, depth);
    const Doomed self{directory.get(), depth};
    if (all && above == nullptr) above = &self;
    // Removing while listing may make a file system leave names out: look again as long as it
    // helps.
    std::int64_t before = 0;
    do {
        before = removed_ + lifted_;
        const int error = for_each_name(directory.get(), [&](const std::string& name) {
            if (stopped()) return false;
            visit(entry.child(directory.get(), name), all || matches(name), above, depth + 1);
            return true;
        });
        if (error != 0) return note_failure(entry, reason(error));
        if (!all || stopped()) return;
        if (::unlinkat(entry.directory, entry.name.c_str(), AT_REMOVEDIR) == 0) {
            ++removed_;
            return;
        }
        if (errno == ENOENT) return;
    } while (errno == ENOTEMPTY && removed_ + lifted_ != before);
    note_failure(entry, reason(errno));
}

}  // namespace periodic::commands
