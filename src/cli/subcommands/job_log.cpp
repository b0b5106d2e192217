/// job log: what a job and its programs said.

#include <chrono>
#include <string_view>

#include "cli/exit_codes.hpp"
#include "cli/given_text.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"
#include "cli/job_lookup.hpp"
#include "cli/log_text.hpp"
#include "cli/open_executor.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {
namespace {

constexpr int kBatch = 1000;
constexpr std::chrono::milliseconds kLookAgain{10'000};
constexpr std::size_t kLongestAddition = 16U << 20U;
constexpr std::size_t kLongestPart = 60'000;

class JobLog final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.optional("ID|TASK", which_);
        arguments.flag("-f,--follow", follow_,
                       "go on until the job has ended; JSON is then a line each");
        arguments.number("-n,--lines", "N", lines_, {0, 10'000'000}, "only the last N lines");
        arguments.flag("--raw", raw_, "the text alone, without time and level");
        arguments.text("--append", "TEXT|-", append_,
                       "add this to the log instead; - reads standard input");
        arguments.choice("--level", "LEVEL", level_, {"debug", "info", "warning", "error"},
                         "how much the added lines matter (default info)");
    }

    Result<int> execute(Session& session) override {
        if (append_ ? follow_ || lines_ || raw_ : level_.has_value()) {
            return failure(ErrorCode::Usage,
                           append_ ? "--append shows nothing" : "--level is for --append");
        }
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        const auto job = find_job(session, **store, which_);
        if (!job) return Failure(job.error());
        return append_ ? append(session, job->id) : show(session, **store, *job);
    }

private:
    [[nodiscard]] Result<int> append(Session& session, JobId id) const {
        const auto text = given_text(*append_, kLongestAddition);
        if (!text) return Failure(text.error());
        auto executor = open_executor(session, {});
        if (!executor) return Failure(executor.error());
        const LogLevel level = *log_level_from(level_.value_or("info"));
        for (std::string_view rest = *text; !rest.empty();) {
            const auto part = first_lines(rest);
            if (auto added = executor->jobs().append_log(id, part, level); !added)
                return Failure(added.error());
            rest.remove_prefix(part.size());
        }
        return kFine;
    }

    // As many whole lines as one message to an executor holds; a line that is longer is cut.
    static std::string_view first_lines(std::string_view text) {
        if (text.size() <= kLongestPart) return text;
        const auto end = text.rfind('\n', kLongestPart - 1);
        return text.substr(0, end == std::string_view::npos ? kLongestPart : end + 1);
    }

    [[nodiscard]] Result<int> show(Session& session, JobStore& store, const Job& job) const {
        const auto zone = session.zone_of_jobs();
        if (!zone) return Failure(zone.error());
        Zones zones(*zone);
        Writer writer{session, zones.find(job.zone), raw_, follow_};
        writer.begin();
        const std::int64_t shown = lines_ ? write_tail(store, job.id, writer) : 0;
        if (follow_) {
            if (!session.quiet()) session.complain(pending_line(job));
            write_until_final(store, job.id, shown, session, writer);
        } else if (!lines_) {
            write_all(store, job.id, shown, writer);
        }
        writer.finish();
        return kFine;
    }

    // Why there is nothing to follow yet; empty once the job has begun.
    static std::string pending_line(const Job& job) {
        if (job.state != JobState::Idle && job.state != JobState::Queued) return {};
        const std::string waits = waiting_text(job);
        return "periodic: job " + std::to_string(job.id) + " (" + job.task + ") is " +
               std::string(to_string(job.state)) + (waits.empty() ? "" : ", " + waits) + '\n';
    }

    // Lines as text, as one JSON array, or as JSON lines.
    struct Writer {
        Session& session;
        const TimeZone& zone;
        bool raw = false;
        bool json_lines = false;
        bool comma = false;

        void begin() {
            if (session.json() && !json_lines) session.print("[");
        }
        void finish() {
            if (session.json() && !json_lines) session.print("]\n");
        }

        void write(const LogLine& line) {
            if (!session.json()) {
                session.print(raw ? plain_text(line, session.out())
                                  : log_text(line, zone, session.out()));
                return;
            }
            JsonWriter json;
            write_log_line(json, line, zone);
            std::string document = json.document();
            if (!json_lines) document.pop_back();
            session.print((comma && !json_lines ? "," : "") + document);
            comma = true;
        }
    };

    [[nodiscard]] std::int64_t write_tail(JobStore& store, JobId id, Writer& writer) const {
        std::int64_t last = 0;
        for (const auto& line : store.log_tail(id, static_cast<int>(*lines_))) {
            writer.write(line);
            last = line.seq;
        }
        return last;
    }

    // Answers the number of the last line.
    static std::int64_t write_all(JobStore& store, JobId id, std::int64_t after, Writer& writer) {
        while (true) {
            const auto lines = store.log(id, after, kBatch);
            for (const auto& line : lines) writer.write(line);
            if (lines.empty()) return after;
            after = lines.back().seq;
        }
    }

    static void write_until_final(JobStore& store, JobId id, std::int64_t after, Session& session,
                                  Writer& writer) {
        std::int64_t seen = 0;
        while (true) {
            // The state is read first: what was logged before the end is then written below.
            const auto job = store.find(id, session.clock().now());
            after = write_all(store, id, after, writer);
            if (!job || is_final(job->state) || !session.flush()) return;
            seen = store.wait_for_change(seen, kLookAgain, {});
        }
    }

    std::optional<std::string> which_{}, append_{}, level_{};
    bool follow_ = false;
    bool raw_ = false;
    std::optional<std::int64_t> lines_{};
};

}  // namespace

const SubcommandType kJobLogCommand{
    .name = "job log",
    .summary = "What a job and its programs said",
    .details =
        "A task's name means its latest job; without either it is the latest of all. Inside a "
        "task's program it is the job that runs the program, so that a script can write into its "
        "own log.",
    .examples =
        "periodic job log 12\n"
        "periodic job log -f mail\n"
        "periodic job log 12 --lines 20 --raw\n"
        "periodic job log --append 'half of it is done'     # in a task's script\n"
        "make 2>&1 | periodic job log 12 --append - --level warning",
    .make = &make_subcommand<JobLog>};

}  // namespace periodic::cli
