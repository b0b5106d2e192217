/// job log: what a job and its programs said.

#include <chrono>

#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"
#include "cli/log_text.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

constexpr int kBatch = 1000;
constexpr std::chrono::milliseconds kLookAgain{100};

class JobLog final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.required("ID", id_);
        arguments.flag("-f,--follow", follow_,
                       "go on until the job has ended; JSON is then a line each");
        arguments.number("-n,--lines", "N", lines_, {0, 10'000'000}, "only the last N lines");
        arguments.flag("--raw", raw_, "the text alone, without time and level");
    }

    Result<int> execute(Session& session) override {
        const auto id = parse_job_id(id_);
        if (!id) return Failure(id.error());
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        const auto zone = session.zone();
        if (!zone) return Failure(zone.error());
        const auto job = (*store)->find(*id, session.clock().now());
        if (!job) return no_such_job(*id);
        Zones zones(*zone);
        Writer writer{session, zones.find(job->zone), raw_, follow_};
        writer.begin();
        const std::int64_t shown = lines_ ? write_tail(**store, *id, writer) : 0;
        if (follow_) {
            write_until_final(**store, *id, shown, session, writer);
        } else if (!lines_) {
            write_all(**store, *id, shown, writer);
        }
        writer.finish();
        return kFine;
    }

private:
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
                session.print(raw ? line.text + '\n' : log_text(line, zone, session.out()));
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
        Clock& clock = session.clock();
        while (true) {
            // The state is read first: what was logged before the end is then written below.
            const auto job = store.find(id, clock.now());
            after = write_all(store, id, after, writer);
            if (!job || is_final(job->state) || !session.flush()) return;
            clock.wait_until(clock.now() + kLookAgain, {});
        }
    }

    std::string id_{};
    bool follow_ = false;
    bool raw_ = false;
    std::optional<std::int64_t> lines_{};
};

}  // namespace

const SubcommandType kJobLogCommand{.name = "job log",
                                    .summary = "What a job and its programs said",
                                    .details = "",
                                    .examples =
                                        "periodic job log 12\n"
                                        "periodic job log -f 12\n"
                                        "periodic job log 12 --lines 20 --raw",
                                    .make = &make_subcommand<JobLog>};

}  // namespace periodic::cli
