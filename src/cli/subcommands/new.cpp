/// new: makes a task file to begin with.

#include "cli/exit_codes.hpp"
#include "cli/json_writer.hpp"
#include "cli/new_file.hpp"
#include "cli/subcommands/all.hpp"
#include "cli/templates.hpp"
#include "periodic/value.hpp"

namespace periodic::cli {
namespace {

class New final : public Subcommand {
public:
    void declare(Arguments& arguments) override { arguments.required("TASK", name_); }

    Result<int> execute(Session& session) override {
        if (!is_task_name(name_)) {
            return failure(
                ErrorCode::Usage, "'" + name_ + "' can't be a task's name",
                "letters, digits and . _ - are allowed; it begins with a letter or a digit");
        }
        const auto home = session.home();
        if (!home) return Failure(home.error());
        if (auto made = make_directories(home->tasks); !made) return Failure(made.error());
        const std::string path = home->tasks + '/' + name_ + ".xml";
        if (auto written = write_new_file(path, task_template(name_)); !written) {
            return Failure(written.error());
        }
        session.print(session.json() ? document(path) : text(path, session));
        return kFine;
    }

private:
    [[nodiscard]] std::string document(const std::string& path) const {
        JsonWriter json;
        json.object().key("task").text(name_).key("file").text(path).end();
        return json.document();
    }

    [[nodiscard]] std::string text(const std::string& path, const Session& session) const {
        if (session.quiet()) return {};
        return "Made " + printable(path) + ". Try it: periodic run " + name_ + '\n';
    }

    std::string name_{};
};

}  // namespace

const SubcommandType kNewCommand{
    .name = "new",
    .summary = "Makes a task file with every setting in comments",
    .details = "The file is tasks/TASK.xml of the home. One that is there is never overwritten.",
    .examples = "periodic new backup",
    .make = &make_subcommand<New>};

}  // namespace periodic::cli
