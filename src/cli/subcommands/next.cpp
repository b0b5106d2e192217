/// next: when things will run.

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>

#include "cli/exit_codes.hpp"
#include "cli/json_writer.hpp"
#include "cli/occurrences.hpp"
#include "cli/skipped_times.hpp"
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

// A number of digits alone; -1 for what is none.
int number_from(std::string_view digits) {
    int number = 0;
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool sound = problem == std::errc{} && end == digits.data() + digits.size();
    return sound && digits.front() != '-' ? number : -1;
}

// A date alone: "2026-03-27".
std::optional<std::chrono::year_month_day> date_from(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const int year = number_from(text.substr(0, 4));
    const int month = number_from(text.substr(5, 2));
    const int day = number_from(text.substr(8, 2));
    if (year < 0 || month < 0 || day < 0) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    return date.ok() ? std::optional(date) : std::nullopt;
}

// The first instant of a day; where the clocks skip midnight, the first one after that.
sys_seconds midnight(std::chrono::year_month_day date, const TimeZone& zone) {
    const sys_seconds local = std::chrono::sys_days(date);
    const std::chrono::hours day(24);
    const sys_seconds earlier = local - zone.offset_at(local - day);
    const sys_seconds later = local - zone.offset_at(local + day);
    for (const sys_seconds time : {std::min(earlier, later), std::max(earlier, later)}) {
        if (time + zone.offset_at(time) == local) return time;
    }
    return earlier;
}

class Next final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.optional("TASK", task_);
        arguments.text("--cron", "EXPR", cron_, "a cron expression, instead of the crontab");
        arguments.text("--zone", "ZONE", zone_name_,
                       "the zone of --cron; with a crontab, the zone in which times are shown");
        arguments.text(
            "--from", "TIME", from_,
            "strictly after this: RFC 3339, a date (its midnight), @SECONDS, or a duration "
            "from now (-2h)");
        arguments.number("-n,--count", "N", count_, {0, kMostCount},
                         "occurrences in all (default 10)");
        arguments.flag("--previous", previous_, "backward: those before, the newest first");
        arguments.flag("--explain", explain_,
                       "the schedules in words, and what a shift moved or skipped");
    }

    Result<int> execute(Session& session) override {
        if (cron_ && task_) {
            return failure(ErrorCode::Usage, "TASK and --cron exclude each other",
                           "--cron needs quotes around its fields: --cron '0 2 * * *'");
        }
        if (task_ && !is_task_name(*task_) && CronExpression::parse(*task_)) {
            return failure(ErrorCode::Usage, "'" + *task_ + "' is a schedule, and no task",
                           "periodic next --cron '" + *task_ + '\'');
        }
        const Time now = session.clock().now();
        if (zone_name_) {
            const auto zone = TimeZone::load(*zone_name_);
            if (!zone) return Failure(zone.error());
            shown_in_ = *zone;
        }
        const auto from = starting_point(session, now);
        if (!from) return Failure(from.error());
        int code = kFine;
        if (const auto collected =
                cron_ ? collect_expression(session) : collect_crontab(session, code);
            !collected) {
            return Failure(collected.error());
        }
        const auto direction = previous_ ? Direction::Backward : Direction::Forward;
        const auto found = merged_occurrences(
            schedules_, *from, direction, static_cast<std::size_t>(count_.value_or(kDefaultCount)));
        session.print(
            session.json()
                ? document(found)
                : text(found, *from, std::chrono::floor<std::chrono::seconds>(now), session));
        return code;
    }

private:
    [[nodiscard]] Result<sys_seconds> starting_point(Session& session, Time now) const {
        if (const auto date = from_ ? date_from(*from_) : std::nullopt) {
            const auto zone = zone_of_times(session);
            if (!zone) return Failure(zone.error());
            return midnight(*date, *zone);
        }
        auto from = from_ ? parse_time(*from_, now) : Result<Time>(now);
        if (!from) {
            from.error().message = "--from: " + from.error().message;
            return Failure(from.error());
        }
        // What is before an instant within a second may be that second's begin.
        return previous_ ? std::chrono::ceil<std::chrono::seconds>(*from)
                         : std::chrono::floor<std::chrono::seconds>(*from);
    }

    // The zone of times without one: as --zone says, else the home's. --cron needs no home; where
    // there is one, the expression means what it would in its crontab.
    [[nodiscard]] Result<TimeZone> zone_of_times(Session& session) const {
        if (shown_in_) return *shown_in_;
        const bool needs_home = !cron_ || session.options().home || session.directory();
        return needs_home ? session.zone() : zone_of(Configuration{});
    }

    Result<void> collect_expression(Session& session) {
        auto expression = CronExpression::parse(*cron_);
        if (!expression) {
            if (expression.error().excerpt.empty()) expression.error().excerpt = *cron_;
            return Failure(expression.error());
        }
        const auto zone = zone_of_times(session);
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
            schedules_.push_back({entry.expression(), entry.zone(), entry.when(), entry.task(),
                                  entry.group(), entry.arguments()});
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

    [[nodiscard]] std::string text(const std::vector<Occurrence>& found, sys_seconds from,
                                   sys_seconds now, const Session& session) const {
        std::string text = explain_ ? descriptions(session.out()) : std::string();
        text += cron_ ? plain_lines(found) : table_text(found, now, session);
        if (explain_) {
            text += shift_explanations(found, session.out());
            text += skip_explanations(found, from, session.out());
        }
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
        const bool has_zones = shows_zones(found);
        const bool has_parameters = std::ranges::any_of(found, [this](const Occurrence& each) {
            return !schedules_[each.schedule].arguments.empty();
        });
        std::vector<std::string> head{"TIME", "DISTANCE", "TASK", "SCHEDULE", "REMARK"};
        if (has_parameters) head.insert(head.begin() + 3, "PARAMETERS");
        if (has_zones) head.insert(head.begin() + 1, "ZONE");
        Table table(std::move(head));
        for (const auto& [time, index] : found) {
            const Schedule& schedule = schedules_[index];
            const std::string group =
                schedule.group.empty() ? "" : std::string(schedule.group) + ':';
            std::vector<std::string> cells{
                shown_time(time, zone_to_show(schedule)), distance(time, now),
                group + std::string(schedule.task), std::string(schedule.when),
                std::string(shift_remark(schedule.expression.shift_at(time, schedule.zone)))};
            if (has_parameters) cells.insert(cells.begin() + 3, std::string(schedule.arguments));
            if (has_zones) cells.insert(cells.begin() + 1, schedule.zone.name());
            table.add(std::move(cells));
        }
        return table.text(session.out());
    }

    // Where entries have different zones, their times are told apart by more than an offset.
    [[nodiscard]] bool shows_zones(const std::vector<Occurrence>& found) const {
        if (shown_in_) return false;
        return std::ranges::any_of(found, [&](const Occurrence& each) {
            return schedules_[each.schedule].zone != schedules_[found.front().schedule].zone;
        });
    }

    // An entry as its line has it.
    [[nodiscard]] static std::string title(const Schedule& schedule) {
        std::string text(schedule.when);
        for (const auto part : {schedule.task, schedule.arguments}) {
            if (!part.empty()) text.append("  ").append(part);
        }
        return printable(text);
    }

    [[nodiscard]] std::string descriptions(const Terminal& terminal) const {
        std::string text;
        for (const auto& schedule : schedules_) {
            text += title(schedule) + '\n' +
                    indented(schedule.expression.describe(schedule.zone), terminal);
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

    // Where the span that is shown crosses a gap of the clocks, something may be missing in it.
    [[nodiscard]] std::string skip_explanations(const std::vector<Occurrence>& found,
                                                sys_seconds from, const Terminal& terminal) const {
        if (found.empty()) return {};
        const auto [begin, end] = std::minmax(from, found.back().time);
        std::map<std::string, std::vector<ClockGap>> gaps;
        std::string text;
        for (const auto& schedule : schedules_) {
            const auto [known, is_new] = gaps.try_emplace(schedule.zone.name());
            if (is_new) known->second = find_gaps(schedule.zone, begin, end);
            for (const auto& gap : known->second) {
                const std::string why = explain_skipped(schedule, gap);
                if (!why.empty()) text += '\n' + title(schedule) + '\n' + indented(why, terminal);
            }
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
        "periodic next --cron '30 2 * * *' --zone Europe/Berlin --from 2026-03-27 "
        "--explain\n"
        "periodic next --cron '0 9 * * MON-FRI' --previous -n 1 --output json",
    .make = &make_subcommand<Next>};

}  // namespace periodic::cli
