/// fs.copy: copies files and directories, never over what is there.

#include "copy_tree.hpp"
#include "file_tree.hpp"
#include "periodic/command.hpp"

namespace periodic::commands {
namespace {

class Copy final : public Command {
public:
    Copy(std::string source, std::string destination, std::int64_t depth, bool strict)
        : source_(std::move(source)),
          destination_(std::move(destination)),
          depth_(depth),
          strict_(strict) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        auto source = config.required("src");
        if (!source) return Failure(source.error());
        auto destination = config.required("dst");
        if (!destination) return Failure(destination.error());
        const auto depth = config.integer("depth", -1);
        if (!depth) return Failure(depth.error());
        const auto strict = config.boolean("strict", false);
        if (!strict) return Failure(strict.error());
        return std::make_unique<Copy>(std::move(*source), std::move(*destination), *depth, *strict);
    }

    Outcome execute(CommandContext& context) override {
        Outcome outcome = Outcome::Fail;
        context.as_user([&] { outcome = run(context); });
        return outcome;
    }

private:
    [[nodiscard]] Outcome run(CommandContext& context) const {
        const auto source = find_entry(context.directory(), source_);
        if (!source) {
            context.log(strict_ ? LogLevel::Error : LogLevel::Warning,
                        "skipped " + source_ + ": " + source.error().message);
            return strict_ ? Outcome::Fail : Outcome::Success;
        }
        const auto destination = find_entry(context.directory(), destination_);
        if (!destination) {
            context.log(LogLevel::Error, destination.error().message);
            return Outcome::Fail;
        }
        TreeCopier copier(context, TreeCopier::Keep::Permissions);
        copier.copy(source->entry, destination->entry, depth_);
        context.log(LogLevel::Info, "copied " + std::to_string(copier.copied()) +
                                        (copier.copied() == 1 ? " entry" : " entries"));
        return copier.failed() || (strict_ && copier.skipped()) ? Outcome::Fail : Outcome::Success;
    }

    std::string source_;
    std::string destination_;
    std::int64_t depth_;
    bool strict_;
};

}  // namespace

CommandType fs_copy() {
    return {
        .name = "fs.copy",
        .summary = "Copies a file, or a directory with what is in it",
        .children =
            {{.name = "src", .required = true, .doc = "What to copy."},
             {.name = "dst",
              .required = true,
              .doc = "The copy's name; the directory that holds it must exist. What is there is "
                     "never overwritten, and a directory that is there is copied into."},
             {.name = "depth",
              .default_value = "-1",
              .doc = "How many levels to copy, src itself being the first; negative: all."},
             {.name = "strict",
              .default_value = "false",
              .doc = "Whether what can't be read, or is there already, is a failure. Without it "
                     "each is a warning, and the rest goes on."}},
        .examples = {"<command type=\"fs.copy\"><src>data</src><dst>copy</dst></command>",
                     "<command type=\"fs.copy\"><src>data</src><dst>copy</dst><depth>1</depth>"
                     "<strict>true</strict></command>"},
        .create = &Copy::create};
}

}  // namespace periodic::commands
