/// check: everything that can be wrong, found without running anything.

#include "base/first_problems.hpp"
#include "cli/checkup.hpp"
#include "cli/exit_codes.hpp"
#include "cli/json_writer.hpp"
#include "cli/problem_document.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

std::size_t count(const std::vector<Problem>& problems, Severity severity) {
    std::vector<Problem> such = problems;
    std::erase_if(such, [&](const Problem& each) { return each.severity != severity; });
    return count_mistakes(such);
}

std::string plural(std::size_t number, const std::string& one, const std::string& many) {
    return std::to_string(number) + ' ' + (number == 1 ? one : many);
}

std::string document(const std::vector<Problem>& problems, bool ok) {
    JsonWriter json;
    json.object().key("ok").boolean(ok).key("problems");
    write_problems(json, problems);
    return json.end().document();
}

std::string summary(const Checkup::Result& result) {
    const auto errors = count(result.problems, Severity::Error);
    const auto warnings = count(result.problems, Severity::Warning);
    if (errors + warnings == 0) {
        return "All is well: " + plural(result.entries, "entry", "entries") + ", " +
               plural(result.tasks, "task", "tasks") + ".\n";
    }
    return plural(errors, "error", "errors") + ", " + plural(warnings, "warning", "warnings") +
           ".\n";
}

class Check final : public Subcommand {
public:
    void declare(Arguments&) override {}

    Result<int> execute(Session& session) override {
        const auto directory = session.directory();
        if (!directory) return Failure(directory.error());
        const auto reading = session.reading();
        if (!reading) return Failure(reading.error());
        const auto result = Checkup(*directory, session.commands()).run(**reading);
        const bool ok = count(result.problems, Severity::Error) == 0;
        if (session.json()) {
            session.print(document(result.problems, ok));
        } else {
            session.report(result.problems);
            if (!session.quiet()) session.print(summary(result));
        }
        return ok ? kFine : kBroken;
    }
};

}  // namespace

const SubcommandType kCheckCommand{
    .name = "check",
    .summary = "Finds everything that is wrong with a home, without running anything",
    .details =
        "Settings, crontab, tasks, what crontab lines ask of tasks, who may write the files, the "
        "state directory and the store. Exits 78 with an error, 0 with warnings alone.",
    .examples = "periodic check\nperiodic -C ~/jobs check --output json",
    .make = &make_subcommand<Check>};

}  // namespace periodic::cli
