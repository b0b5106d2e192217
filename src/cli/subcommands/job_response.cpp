/// job response: what a job answered.

#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/json_writer.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class JobResponse final : public Subcommand {
public:
    void declare(Arguments& arguments) override { arguments.required("ID", id_); }

    Result<int> execute(Session& session) override {
        const auto id = parse_job_id(id_);
        if (!id) return Failure(id.error());
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        if (!(*store)->find(*id, session.clock().now())) return no_such_job(*id);
        const std::string response = (*store)->response(*id);
        if (session.json()) {
            JsonWriter json;
            json.object().key("id").integer(*id).key("response").text_or_null(response).end();
            session.print(json.document());
        } else {
            session.print(response);
        }
        return kFine;
    }

private:
    std::string id_{};
};

}  // namespace

const SubcommandType kJobResponseCommand{
    .name = "job response",
    .summary = "What a job answered",
    .details = "In text the bytes come out as the job wrote them to the file $PERIODIC_RESPONSE.",
    .examples = "periodic job response 12 > answer.json",
    .make = &make_subcommand<JobResponse>};

}  // namespace periodic::cli
