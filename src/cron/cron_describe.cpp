/// CronExpression::describe: what an expression says, in plain English.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cron/describe.hpp"
#include "periodic/cron_expression.hpp"

namespace periodic {
namespace {

std::string describe_every(std::int64_t seconds) {
    struct Unit {
        std::int64_t size;
        const char* name;
    };
    constexpr std::array<Unit, 4> kUnits{
        {{86'400, "day"}, {3'600, "hour"}, {60, "minute"}, {1, "second"}}};
    std::vector<std::string> parts;
    std::int64_t rest = seconds;
    for (const Unit& unit : kUnits) {
        const std::int64_t count = rest / unit.size;
        rest %= unit.size;
        if (count == 0) continue;
        parts.push_back(std::to_string(count) + ' ' + unit.name + (count == 1 ? "" : "s"));
    }
    const std::string interval = parts.size() == 1 && parts.front().starts_with("1 ")
                                     ? parts.front().substr(2)
                                     : cron::joined(parts);
    return "Every " + interval + ", counted from 1970-01-01 00:00 UTC";
}

}  // namespace

std::string CronExpression::describe() const {
    if (is_reboot()) return "Once at each start of the machine";
    if (fields_.interval != 0) return describe_every(fields_.interval);
    bool is_moment = false;
    std::string text = cron::describe_times(fields_, is_moment);
    const std::string dates = cron::describe_dates(fields_);
    // Single times ask for the days; "every 15 minutes" says enough.
    const bool names_days = dates.starts_with("on ") || dates.starts_with("every day");
    if (is_moment && !names_days) text += dates.empty() ? " every day" : " every day,";
    constexpr std::string_view kEveryDay = "every day ";
    const bool drop = !is_moment && dates.starts_with(kEveryDay);
    if (!dates.empty()) text += ' ' + (drop ? dates.substr(kEveryDay.size()) : dates);
    if (!is_never()) return text;
    text.front() = static_cast<char>(text.front() | 0x20);
    return "Never, as there is no such date: " + text;
}

std::string CronExpression::describe(const TimeZone& zone) const {
    // Neither depends on what a clock on the wall shows.
    if (is_reboot() || fields_.interval != 0) return describe();
    if (zone == TimeZone::utc()) return describe() + ", UTC";
    std::string city = zone.name().substr(zone.name().rfind('/') + 1);
    std::replace(city.begin(), city.end(), '_', ' ');
    return describe() + ", " + city + " time";
}

}  // namespace periodic
