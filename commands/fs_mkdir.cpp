/// fs.mkdir: makes a directory, with its parents.

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "file_tree.hpp"
#include "periodic/command.hpp"

namespace periodic::commands {
namespace {

class MakeDirectory final : public Command {
public:
    explicit MakeDirectory(std::string path) : path_(std::move(path)) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        auto path = config.required("path");
        if (!path) return Failure(path.error());
        return std::make_unique<MakeDirectory>(std::move(*path));
    }

    Outcome execute(CommandContext& context) override {
        Outcome outcome = Outcome::Fail;
        context.as_user([&] { outcome = run(context); });
        return outcome;
    }

private:
    [[nodiscard]] Outcome run(CommandContext& context) const {
        const std::string start = path_.front() == '/' ? "/" : context.directory();
        Handle at(::open(start.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!at) return fail(context, start);
        std::string_view rest = path_;
        while (!rest.empty()) {
            const std::string name(rest.substr(0, rest.find('/')));
            rest.remove_prefix(std::min(name.size() + 1, rest.size()));
            if (name.empty()) continue;
            // Parents that are there may be links; what is made here is entered as what it is.
            const bool made = ::mkdirat(at.get(), name.c_str(), 0777) == 0;
            const int why = errno;
            Handle next(::openat(at.get(), name.c_str(),
                                 O_PATH | O_DIRECTORY | O_CLOEXEC | (made ? O_NOFOLLOW : 0)));
            if (!next) {
                if (!made && why != EEXIST) errno = why;
                return fail(context, name);
            }
            at = std::move(next);
        }
        return Outcome::Success;
    }

    [[nodiscard]] Outcome fail(CommandContext& context, const std::string& at) const {
        context.log(LogLevel::Error, "can't make " + path_ + ": " + at + ": " + reason(errno));
        return Outcome::Fail;
    }

    std::string path_;
};

}  // namespace

CommandType fs_mkdir() {
    return {.name = "fs.mkdir",
            .summary = "Makes a directory, with its parents",
            .children = {{.name = "path",
                          .required = true,
                          .doc = "The directory. One that is there already is fine."}},
            .examples = {"<command type=\"fs.mkdir\"><path>out/a</path></command>"},
            .create = &MakeDirectory::create};
}

}  // namespace periodic::commands
