/// next: when things will run.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>

#include "cli/exit_codes.hpp"
#include "cli/json_writer.hpp"
#include "cli/occurrences.hpp"
#include "cli/subcommands/all.hpp"
#include "cli/table.hpp"
#include "cli/task_lookup.hpp"
#include "periodic/crontab.hpp"
#include "periodic/duration.hpp"

namespace periodic::cli {
namespace {

using std::chrono::sys_seconds;

constexpr std::int64_t kDefaultCount = 10;
constexpr std::int64_t kMostCount = 100'000;

std::string_view shift_word(CronShift shift) {
    switch (shift) {
        case CronShift::None:
            return "";
        case CronShift::Gap:
            return "gap";
        case CronShift::Repeated:
            return "repeated";
    }
    return "";
}

std::string_view shift_remark(CronShift shift) {
    switch (shift) {
        case CronShift::None:
            return "";
        case CronShift::Gap:
            return "moved: the clocks skip its time";
        case CronShift::Repeated:
            return "second pass of a repeated hour";
    }
    return "";
}

// "Sun 2026-03-29 03:00:00 +02:00"
std::string shown_time(sys_seconds time, const TimeZone& zone) {
    static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed",
                                                           "Thu", "Fri", "Sat"};
    const std::string text = format_rfc3339(time, zone);
    const auto local = std::chrono::floor<std::chrono::days>(time + zone.offset_at(time));
    const std::chrono::weekday day(local);
    return std::string(kDays[day.c_encoding()]) + ' ' + text.substr(0, 10) + ' ' +
           text.substr(11, 8) + ' ' + text.substr(19);
}

// How far away it is, in two units at most: "in 3h20m", "2d4h ago".
std::string distance(sys_seconds time, sys_seconds now) {
    auto seconds = time >= now ? time - now : now - time;
    if (seconds >= std::chrono::hours(24)) {
        seconds -= seconds % std::chrono::hours(1);
    } else if (seconds >= std::chrono::hours(1)) {
        seconds -= seconds % std::chrono::minutes(1);
    }
    const std::string text = format_duration(seconds);
    return time >= now ? "in " + text : text + " ago";
}

// A paragraph under a line, as wide as the terminal, with its end.
std::string indented(const std::string& paragraph, const Terminal& terminal) {
    const std::size_t columns = terminal.width == 0 ? 100 : terminal.width;
    return wrapped("    " + paragraph, columns, 4) + '\n';
}

class Next final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.optional("TASK", task_);
        arguments.text("--cron", "EXPR", cron_, "a cron expression, instead of the crontab");
        arguments.text("--zone", "ZONE", zone_name_,
                       "the zone of --cron; with a crontab, the zone in which times are shown");
        arguments.text("--from", "TIME", from_,
                       "strictly after this: RFC 3339, @SECONDS, or a duration from now (-2h)");
        arguments.number("-n,--count", "N", count_, {0, kMostCount},
                         "occurrences in all (default 10)");
        arguments.flag("--previous", previous_, "backward: those before, the newest first");
        arguments.flag("--explain", explain_,
                       "the schedules in words, and why a shift moved something");
    }

    Result<int> execute(Session& session) override {
        if (cron_ && task_) {
            return failure(ErrorCode::Usage, "TASK and --cron exclude each other",
                           "--cron needs quotes around its fields: --cron '0 2 * * *'");
        }
        const Time now = session.clock().now();
        const auto from = starting_point(now);
        if (!from) return Failure(from.error());
        if (zone_name_) {
            const auto zone = TimeZone::load(*zone_name_);
            if (!zone) return Failure(zone.error());
            shown_in_ = *zone;
        }
        int code = kFine;
        if (const auto collected =
                cron_ ? collect_expression(session) : collect_crontab(session, code);
            !collected) {
            return Failure(collected.error());
        }
        const auto direction = previous_ ? Direction::Backward : Direction::Forward;
        const auto found = merged_occurrences(
            schedules_, *from, direction, static_cast<std::size_t>(count_.value_or(kDefaultCount)));
        session.print(session.json()
                          ? document(found)
                          : text(found, std::chrono::floor<std::chrono::seconds>(now), session));
        return code;
    }

private:
    [[nodiscard]] Result<sys_seconds> starting_point(Time now) const {
        auto from = from_ ? parse_time(*from_, now) : Result<Time>(now);
        if (!from) {
            from.error().message = "--from: " + from.error().message;
            return Failure(from.error());
        }
        // What is before an instant within a second may be that second's begin.
        return previous_ ? std::chrono::ceil<std::chrono::seconds>(*from)
                         : std::chrono::floor<std::chrono::seconds>(*from);
    }

    // --cron needs no home; where there is one, the expression means what it would in its crontab.
    Result<void> collect_expression(Session& session) {
        auto expression = CronExpression::parse(*cron_);
        if (!expression) {
            if (expression.error().excerpt.empty()) expression.error().excerpt = *cron_;
            return Failure(expression.error());
        }
        auto zone = shown_in_                                       ? Result<TimeZone>(*shown_in_)
                    : session.options().home || session.directory() ? session.zone()
                                                                    : zone_of(Configuration{});
        if (!zone) return Failure(zone.error());
        schedules_.push_back({*expression, *zone, *cron_});
        return {};
    }

    Result<void> collect_crontab(Session& session, int& code) {
        const auto home = session.home();
        if (!home) return Failure(home.error());
        const auto zone = session.zone();
        if (!zone) return Failure(zone.error());
        crontab_ = Crontab::read(home->crontabs, *zone);
        code = session.report_errors(crontab_.problems());
        for (const auto& entry : crontab_.entries()) {
            if (task_ && entry.task() != *task_) continue;
            schedules_.push_back(
                {entry.expression(), entry.zone(), entry.when(), entry.task(), entry.group()});
        }
        return task_ && schedules_.empty() ? must_exist(*home) : Result<void>();
    }

    // A task that no entry names is fine if it is there.
    [[nodiscard]] Result<void> must_exist(const Home& home) const {
        const auto names = list_tasks(home);
        if (!names) return Failure(names.error());
        const bool is_there = std::find(names->begin(), names->end(), *task_) != names->end();
        return is_there ? Result<void>() : no_such_task(*task_, *names);
    }

    [[nodiscard]] const TimeZone& zone_to_show(const Schedule& schedule) const {
        return shown_in_ ? *shown_in_ : schedule.zone;
    }

    [[nodiscard]] std::string document(const std::vector<Occurrence>& found) const {
        JsonWriter json;
        json.array();
        for (const auto& [time, index] : found) {
            const Schedule& schedule = schedules_[index];
            const TimeZone& zone = zone_to_show(schedule);
            json.object().instant("", std::optional(time), zone).key("zone").text(zone.name());
            json.key("task").text_or_null(schedule.task).key("group").text_or_null(schedule.group);
            const CronShift shift = schedule.expression.shift_at(time, schedule.zone);
            json.key("shifted").text_or_null(shift_word(shift)).end();
        }
        return json.end().document();
    }

    [[nodiscard]] std::string text(const std::vector<Occurrence>& found, sys_seconds now,
                                   const Session& session) const {
        std::string text = explain_ ? descriptions(session.out()) : std::string();
        text += cron_ ? plain_lines(found) : table_text(found, now, session);
        if (explain_) text += shift_explanations(found, session.out());
        if (!session.quiet()) text += notes(found);
        return text;
    }

    [[nodiscard]] std::string plain_lines(const std::vector<Occurrence>& found) const {
        std::string text;
        for (const auto& [time, index] : found) {
            const Schedule& schedule = schedules_[index];
            text += shown_time(time, zone_to_show(schedule));
            const auto remark = shift_remark(schedule.expression.shift_at(time, schedule.zone));
            if (!remark.empty()) text.append("  (").append(remark).append(")");
            text += '\n';
        }
        return text;
    }

    [[nodiscard]] std::string table_text(const std::vector<Occurrence>& found, sys_seconds now,
                                         const Session& session) const {
        if (found.empty()) return {};
        Table table({"TIME", "DISTANCE", "TASK", "SCHEDULE", "REMARK"});
        for (const auto& [time, index] : found) {
            const Schedule& schedule = schedules_[index];
            const std::string group =
                schedule.group.empty() ? "" : std::string(schedule.group) + ':';
            table.add(
                {shown_time(time, zone_to_show(schedule)), distance(time, now),
                 group + std::string(schedule.task), std::string(schedule.when),
                 std::string(shift_remark(schedule.expression.shift_at(time, schedule.zone)))});
        }
        return table.text(session.out());
    }

    [[nodiscard]] std::string descriptions(const Terminal& terminal) const {
        std::string text;
        for (const auto& schedule : schedules_) {
            text += printable(schedule.when);
            if (!schedule.task.empty()) text += "  " + printable(schedule.task);
            text += '\n' + indented(schedule.expression.describe(schedule.zone), terminal);
        }
        return text.empty() ? text : text + '\n';
    }

    [[nodiscard]] std::string shift_explanations(const std::vector<Occurrence>& found,
                                                 const Terminal& terminal) const {
        std::string text;
        for (const auto& [time, index] : found) {
            const Schedule& schedule = schedules_[index];
            const std::string why = schedule.expression.explain_shift(time, schedule.zone);
            if (!why.empty())
                text += '\n' + shown_time(time, zone_to_show(schedule)) + '\n' +
                        indented(why, terminal);
        }
        return text;
    }

    // What has no instant to show.
    [[nodiscard]] std::string notes(const std::vector<Occurrence>& found) const {
        std::string text;
        for (const auto& schedule : schedules_) {
            const std::string what = schedule.task.empty() ? "" : std::string(schedule.task) + ": ";
            if (schedule.expression.is_reboot())
                text += what + "once at each start of the machine\n";
            if (schedule.expression.is_never()) {
                text += what + '\'' + printable(schedule.when) + "' never matches any date\n";
            }
        }
        if (found.empty() && text.empty())
            text = previous_ ? "Nothing before.\n" : "Nothing is to come.\n";
        return text;
    }

    std::optional<std::string> task_{}, cron_{}, zone_name_{}, from_{};
    std::optional<std::int64_t> count_{};
    bool previous_ = false;
    bool explain_ = false;
    std::optional<TimeZone> shown_in_{};
    Crontab crontab_{};
    std::vector<Schedule> schedules_{};
};

}  // namespace

const SubcommandType kNextCommand{
    .name = "next",
    .summary = "When things will run, in local time with its offset",
    .details =
        "Of all crontab lines, of one task's, or of an expression, merged in order of time. "
        "Occurrences that a daylight-saving shift moved or doubled are marked.",
    .examples =
        "periodic next\n"
        "periodic next backup -n 3\n"
        "periodic next --cron '30 2 * * *' --zone Europe/Berlin --from 2026-03-27T00:00:00Z "
        "--explain\n"
        "periodic next --cron '0 9 * * MON-FRI' --previous -n 1 --output json",
    .make = &make_subcommand<Next>};

}  // namespace periodic::cli
