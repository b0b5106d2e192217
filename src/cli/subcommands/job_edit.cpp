/// job edit: changes what a job that does not run will do.

#include "cli/caller.hpp"
#include "cli/job_changes.hpp"
#include "cli/key_values.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/time_zone.hpp"

namespace periodic::cli {
namespace {

constexpr Arguments::Range kPriorities{-1'000'000, 1'000'000};

class JobEditing final : public ChangeJobs {
public:
    JobEditing() : ChangeJobs(JobAction::Edit, "changed") {}

    void declare(Arguments& arguments) override {
        arguments.text("--phase", "PHASE", phase_, "the phase that it does next");
        arguments.text("--comment", "TEXT", comment_, "what people say of it");
        arguments.duration("--interval", interval_, "the time between its phases");
        arguments.number("--priority", "N", priority_, kPriorities, "higher ones run first");
        arguments.text("--at", "TIME", at_,
                       "not before this: RFC 3339, @SECONDS, or a duration from now (2h)");
        arguments.texts("--set", "NAME=VALUE", parameters_, "a parameter; may stand several times");
        arguments.texts("--attribute", "NAME=VALUE", attributes_,
                        "an attribute; may stand several times");
        declare_selection(arguments, "--in-phase");
    }

private:
    Result<int> act(Session& session, Jobs& jobs, const Selection& selection) override {
        const auto edit = read_edit(session.clock().now());
        if (!edit) return Failure(edit.error());
        if (*edit == JobEdit{}) {
            return failure(ErrorCode::Usage, "nothing to change is given",
                           "for example --priority 5 or --set name=value");
        }
        if (!selection.only_id || dry_run()) return change(session, jobs, selection, *edit);
        const auto edited = jobs.edit(*selection.only_id, *edit, caller());
        if (!edited) return Failure(edited.error());  // also what the task refuses: wrong usage
        return tell(session, {.matched = 1, .changed = 1, .ids = {edited->id}}, selection);
    }

    [[nodiscard]] Result<JobEdit> read_edit(Time now) const {
        JobEdit edit;
        edit.phase = phase_;
        edit.comment = comment_;
        edit.interval = interval_;
        if (priority_) edit.priority = static_cast<int>(*priority_);
        if (at_) {
            auto time = parse_time(*at_, now);
            if (!time) {
                time.error().message = "--at: " + time.error().message;
                return Failure(time.error());
            }
            edit.available = *time;
        }
        auto parameters = parse_key_values(parameters_, "parameter");
        if (!parameters) return Failure(parameters.error());
        auto attributes = parse_key_values(attributes_, "attribute");
        if (!attributes) return Failure(attributes.error());
        edit.parameters = std::move(*parameters);
        edit.attributes = std::move(*attributes);
        return edit;
    }

    std::optional<std::string> phase_{}, comment_{}, at_{};
    std::optional<std::chrono::seconds> interval_{};
    std::optional<std::int64_t> priority_{};
    std::vector<std::string> parameters_{}, attributes_{};
};

}  // namespace

const SubcommandType kJobEditCommand{
    .name = "job edit",
    .summary = "Changes jobs that do not run: phase, comment, interval, priority, time, parameters",
    .details =
        "Parameters and attributes that are not named stay. What the task refuses is not "
        "changed. '--in-phase' selects by the phase that jobs are in.",
    .examples =
        "periodic job edit 12 --priority 10 --set batch=50\n"
        "periodic job edit --task import --in-phase sending --phase registered\n"
        "periodic job edit 12 --at 2h --comment 'after the backup'",
    .make = &make_subcommand<JobEditing>};

}  // namespace periodic::cli
