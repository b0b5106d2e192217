/// fs.remove: removes files and directories, all or by a pattern.

#include <optional>

#include <fcntl.h>

#include "file_tree.hpp"
#include "periodic/command.hpp"
#include "remove_tree.hpp"

namespace periodic::commands {
namespace {

class Remove final : public Command {
public:
    Remove(std::string path, std::optional<std::string> pattern)
        : path_(std::move(path)), pattern_(std::move(pattern)) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        auto path = config.required("path");
        if (!path) return Failure(path.error());
        if (auto refused = refused_path(*path); !refused.empty()) {
            return Failure(
                CommandConfig::error_at(*config.element().child("path"), std::move(refused)));
        }
        std::optional<std::string> pattern;
        if (config.element().child("pattern") != nullptr) {
            auto given = config.required("pattern");
            if (!given) return Failure(given.error());
            if (given->find('/') != std::string::npos) {
                return Failure(CommandConfig::error_at(*config.element().child("pattern"),
                                                       "a pattern for base names can't hold '/'"));
            }
            pattern = std::move(*given);
        }
        return std::make_unique<Remove>(std::move(*path), std::move(pattern));
    }

    Outcome execute(CommandContext& context) override {
        Outcome outcome = Outcome::Fail;
        context.as_user([&] { outcome = run(context); });
        return outcome;
    }

private:
    [[nodiscard]] Outcome run(CommandContext& context) const {
        const auto found = find_entry(context.directory(), path_);
        struct stat status {};
        const bool is_there = found && ::fstatat(found->entry.directory, found->entry.name.c_str(),
                                                 &status, AT_SYMLINK_NOFOLLOW) == 0;
        if (!found && found.error().code != ErrorCode::NotFound) {
            context.log(LogLevel::Error, found.error().message);
            return Outcome::Fail;
        }
        if (!is_there) {
            context.log(LogLevel::Warning, "there is no " + path_ + " to remove");
            return Outcome::Success;
        }
        const auto above = directories_to(context.home());
        const Identity identity(status);
        if (!above.empty() && (identity == above.front() || identity == above.back())) {
            context.log(LogLevel::Error,
                        "can't remove " + path_ + ": it is the " +
                            (identity == above.front() ? "home" : "root directory"));
            return Outcome::Fail;
        }
        TreeRemover remover(context, pattern_);
        remover.remove(found->entry);
        context.log(LogLevel::Info, "removed " + std::to_string(remover.removed()) +
                                        (remover.removed() == 1 ? " entry" : " entries"));
        return remover.failed() ? Outcome::Fail : Outcome::Success;
    }

    std::string path_;
    std::optional<std::string> pattern_;
};

}  // namespace

CommandType fs_remove() {
    return {
        .name = "fs.remove",
        .summary = "Removes a file, or a directory with all that is in it",
        .children = {{.name = "path",
                      .required = true,
                      .doc = "What to remove. The root and the home are refused; a link is "
                             "removed, never followed."},
                     {.name = "pattern",
                      .doc = "Remove only what has a matching base name, in all of the tree and "
                             "path itself: * any text, ? one character, [a-z] one of a range."}},
        .examples =
            {"<command type=\"fs.remove\"><path>old</path></command>",
             "<command type=\"fs.remove\"><path>cache</path><pattern>*.tmp</pattern></command>"},
        .create = &Remove::create};
}

}  // namespace periodic::commands
