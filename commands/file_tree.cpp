#include "file_tree.hpp"

#include <cerrno>
#include <memory>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>

namespace periodic::commands {
namespace {

struct CloseDirectory {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

std::string_view without_slashes(std::string_view path) {
    while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    return path;
}

}  // namespace

std::string reason(int error) {
    return std::generic_category().message(error);
}

std::string refused_path(std::string_view path) {
    if (path.empty()) return "the path is empty";
    const std::string_view trimmed = without_slashes(path);
    if (trimmed == "/") return "the root directory is refused";
    const std::string_view name = trimmed.substr(trimmed.rfind('/') + 1);
    if (name == "." || name == "..") {
        return "a path that ends in '" + std::string(name) +
               "' is refused; name the directory itself";
    }
    return {};
}

Result<NamedEntry> find_entry(const std::string& base, const std::string& path) {
    const std::string_view trimmed = without_slashes(path);
    const std::size_t slash = trimmed.rfind('/');
    std::string parent = base;
    std::string_view name = trimmed;
    if (slash != std::string_view::npos) {
        const std::string_view head = trimmed.substr(0, slash + 1);  // "/" stays "/"
        parent = head.front() == '/' ? std::string(head) : base + '/' + std::string(head);
        name.remove_prefix(slash + 1);
        if (name.empty()) name = ".";
    }
    NamedEntry found;
    found.parent = Handle(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!found.parent) {
        const int error = errno;
        return failure(error == ENOENT ? ErrorCode::NotFound : ErrorCode::Io,
                       "can't use the directory " + parent + ": " + reason(error));
    }
    found.entry = {found.parent.get(), std::string(name), std::string(trimmed)};
    return found;
}

int for_each_name(int directory, const std::function<bool(const std::string&)>& visit) {
    // A description of its own, so that its position is nobody else's.
    Handle own(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!own) return errno;
    const std::unique_ptr<DIR, CloseDirectory> listing(::fdopendir(own.get()));
    if (!listing) return errno;
    static_cast<void>(own.release());  // the listing closes it
    while (true) {
        errno = 0;
        const dirent* const entry =
            ::readdir(listing.get());  // NOLINT(concurrency-mt-unsafe): ours alone
        if (entry == nullptr) return errno;
        const std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        if (!visit(name)) return 0;
    }
}

Handle open_directory(const Entry& entry) {
    return Handle(::openat(entry.directory, entry.name.c_str(),
                           O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

}  // namespace periodic::commands
