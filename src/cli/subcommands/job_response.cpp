/// job response: what a job answered.

#include <string_view>

#include "cli/exit_codes.hpp"
#include "cli/given_text.hpp"
#include "cli/history.hpp"
#include "cli/job_lookup.hpp"
#include "cli/json_writer.hpp"
#include "cli/open_executor.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {
namespace {

constexpr std::size_t kLongestAddition = 16U << 20U;
constexpr std::size_t kLongestPart = 48U << 10U;

class JobResponse final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.optional("ID|TASK", which_);
        arguments.text("--append", "TEXT|-", append_,
                       "add this to the response instead; - reads standard input");
    }

    Result<int> execute(Session& session) override {
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        const auto job = find_job(session, **store, which_);
        if (!job) return Failure(job.error());
        if (append_) return append(session, job->id);
        const std::string response = (*store)->response(job->id);
        if (session.json()) {
            JsonWriter json;
            json.object().key("id").integer(job->id);
            json.key("response").text_or_null(response).end();
            session.print(json.document());
        } else {
            session.print(response);
        }
        return kFine;
    }

private:
    [[nodiscard]] Result<int> append(Session& session, JobId id) const {
        const auto text = given_text(*append_, kLongestAddition);
        if (!text) return Failure(text.error());
        auto executor = open_executor(session, {});
        if (!executor) return Failure(executor.error());
        for (std::string_view rest = *text; !rest.empty();) {
            const auto part = rest.substr(0, kLongestPart);
            if (auto added = executor->jobs().append_response(id, part); !added)
                return Failure(added.error());
            rest.remove_prefix(part.size());
        }
        return kFine;
    }

    std::optional<std::string> which_{}, append_{};
};

}  // namespace

const SubcommandType kJobResponseCommand{
    .name = "job response",
    .summary = "What a job answered",
    .details =
        "In text the bytes come out as the job wrote them to the file $PERIODIC_RESPONSE. A task's "
        "name means its latest job; without either it is the latest of all, and inside a task's "
        "program the job that runs it.",
    .examples =
        "periodic job response 12 > answer.json\n"
        "periodic job response resize\n"
        "curl -s https://example.org | periodic job response --append -   # in a script",
    .make = &make_subcommand<JobResponse>};

}  // namespace periodic::cli
