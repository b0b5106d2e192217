/// pending: what `run` would do now.

#include "cli/exit_codes.hpp"
#include "cli/job_document.hpp"
#include "cli/open_executor.hpp"
#include "cli/subcommands/all.hpp"
#include "cli/table.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {
namespace {

std::string document(const std::vector<periodic::Pending>& pending, Zones& zones) {
    JsonWriter json;
    json.array();
    for (const auto& each : pending) {
        json.object().key("task").text(each.task).key("group").text_or_null(each.group);
        json.instant("scheduled_", std::optional(each.scheduled), zones.find(each.zone));
        json.key("reason").text(each.reason).key("parameters").values(each.parameters).end();
    }
    return json.end().document();
}

std::string text(const std::vector<periodic::Pending>& pending, Zones& zones,
                 const Session& session) {
    Table table({"TASK", "GROUP", "SCHEDULED", "REASON", "PARAMETERS"});
    for (const auto& each : pending) {
        table.add({each.task, each.group,
                   local_text(std::optional(each.scheduled), zones.find(each.zone)), each.reason,
                   each.parameters.empty() ? std::string() : to_json(each.parameters)});
    }
    if (!table.empty()) return table.text(session.out());
    return session.out().interactive && !session.quiet() ? "Nothing is due.\n" : "";
}

class PendingJobs final : public Subcommand {
public:
    void declare(Arguments&) override {}

    Result<int> execute(Session& session) override {
        auto executor = open_executor(session, {});
        if (!executor) return Failure(executor.error());
        const auto zone = session.zone();
        if (!zone) return Failure(zone.error());
        const auto home = session.home();
        if (!home) return Failure(home.error());
        const int code = session.report_errors(Crontab::read(home->crontabs, *zone).problems());
        const auto pending = executor->pending();
        if (!pending) return Failure(pending.error());
        Zones zones(*zone);
        session.print(session.json() ? document(*pending, zones) : text(*pending, zones, session));
        return code;
    }
};

}  // namespace

const SubcommandType kPendingCommand{
    .name = "pending",
    .summary = "What 'run' would do now",
    .details =
        "Reasons: due, missed (nobody was there to run it), retry, reschedule, phase, queued.",
    .examples = "periodic pending\nperiodic pending --output json",
    .make = &make_subcommand<PendingJobs>};

}  // namespace periodic::cli
