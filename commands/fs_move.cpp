/// fs.move: renames a file or directory, also into another file system.

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>

#include "copy_tree.hpp"
#include "file_tree.hpp"
#include "periodic/command.hpp"
#include "remove_tree.hpp"

namespace periodic::commands {
namespace {

class Move final : public Command {
public:
    Move(std::string source, std::string destination)
        : source_(std::move(source)), destination_(std::move(destination)) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        auto source = config.required("src");
        if (!source) return Failure(source.error());
        auto destination = config.required("dst");
        if (!destination) return Failure(destination.error());
        for (const auto& [child, path] : {std::pair{"src", &*source}, {"dst", &*destination}}) {
            if (auto refused = refused_path(*path); !refused.empty()) {
                return Failure(
                    CommandConfig::error_at(*config.element().child(child), std::move(refused)));
            }
        }
        return std::make_unique<Move>(std::move(*source), std::move(*destination));
    }

    Outcome execute(CommandContext& context) override {
        Outcome outcome = Outcome::Fail;
        context.as_user([&] { outcome = run(context); });
        return outcome;
    }

private:
    [[nodiscard]] Outcome fail(CommandContext& context, const std::string& why) const {
        context.log(LogLevel::Error, "can't move " + source_ + " to " + destination_ + ": " + why);
        return Outcome::Fail;
    }

    [[nodiscard]] Outcome run(CommandContext& context) const {
        const auto source = find_entry(context.directory(), source_);
        if (!source) return fail(context, source.error().message);
        const auto destination = find_entry(context.directory(), destination_);
        if (!destination) return fail(context, destination.error().message);
        const Entry& from = source->entry;
        const Entry& to = destination->entry;
        struct stat status {};
        if (::fstatat(from.directory, from.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            return fail(context, reason(errno));
        }
        const auto above = directories_to(context.home());
        if (std::find(above.begin(), above.end(), Identity(status)) != above.end()) {
            return fail(context, "the home, or a directory above it, is refused");
        }
        const int renamed = ::renameat2(from.directory, from.name.c_str(), to.directory,
                                        to.name.c_str(), RENAME_NOREPLACE);
        if (renamed == 0) return Outcome::Success;
        if (errno == EXDEV) return copy_and_remove(context, from, to);
        if (errno == EINVAL && !S_ISDIR(status.st_mode)) return link_and_remove(context, from, to);
        return fail(context, reason(errno));
    }

    // For file systems that can't rename without replacing: a link never replaces either.
    [[nodiscard]] Outcome link_and_remove(CommandContext& context, const Entry& from,
                                          const Entry& to) const {
        const bool done =
            ::linkat(from.directory, from.name.c_str(), to.directory, to.name.c_str(), 0) == 0 &&
            ::unlinkat(from.directory, from.name.c_str(), 0) == 0;
        return done ? Outcome::Success : fail(context, reason(errno));
    }

    // Into another file system. Nothing is removed unless all of it was copied.
    [[nodiscard]] Outcome copy_and_remove(CommandContext& context, const Entry& from,
                                          const Entry& to) const {
        struct stat status {};
        if (::fstatat(to.directory, to.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
            return fail(context, reason(EEXIST));
        }
        TreeCopier copier(context, TreeCopier::Keep::Everything);
        copier.copy_link_itself(from, to);
        if (copier.failed() || copier.skipped()) {
            return fail(context, "it could not be copied whole; nothing was removed");
        }
        TreeRemover remover(context);
        remover.remove(from);
        return remover.failed() ? Outcome::Fail : Outcome::Success;
    }

    std::string source_;
    std::string destination_;
};

}  // namespace

CommandType fs_move() {
    return {.name = "fs.move",
            .summary = "Moves a file or a directory, and fails if there is something already",
            .children = {{.name = "src",
                          .required = true,
                          .doc = "What to move; a link is moved itself."},
                         {.name = "dst",
                          .required = true,
                          .doc = "Its new name; the directory that holds it must exist."}},
            .examples = {"<command type=\"fs.move\"><src>data</src><dst>archive</dst></command>"},
            .create = &Move::create};
}

}  // namespace periodic::commands
