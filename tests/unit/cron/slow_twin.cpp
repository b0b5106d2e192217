#include "unit/cron/slow_twin.hpp"

#include <cstdlib>
#include <ctime>
#include <map>
#include <sstream>

namespace periodic::twin {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kThreeHours = 10'800;

Wall wall_of(const std::tm& tm, std::int64_t number) {
    return {tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
            tm.tm_min,         tm.tm_sec,     tm.tm_wday, number};
}

// The wall time that a number stands for.
Wall wall_from_number(std::int64_t number) {
    const std::time_t time = number;
    std::tm tm{};
    gmtime_r(&time, &tm);
    return wall_of(tm, number);
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) {
        if (!part.empty()) parts.push_back(part);
    }
    return parts;
}

int number_of(const std::string& text) {
    static const std::map<std::string, int> kNames{
        {"SUN", 0}, {"MON", 1}, {"TUE", 2},  {"WED", 3},  {"THU", 4}, {"FRI", 5}, {"SAT", 6},
        {"JAN", 1}, {"FEB", 2}, {"MAR", 3},  {"APR", 4},  {"MAY", 5}, {"JUN", 6}, {"JUL", 7},
        {"AUG", 8}, {"SEP", 9}, {"OCT", 10}, {"NOV", 11}, {"DEC", 12}};
    const auto found = kNames.find(text);
    return found == kNames.end() ? std::stoi(text) : found->second;
}

// A plain item: *, */n, a, a/n, a-b, a-b/n. `first` to `last` are the field's values.
std::set<int> values(const std::string& item, int first, int last) {
    const auto slash = item.find('/');
    const int step = slash == std::string::npos ? 1 : std::stoi(item.substr(slash + 1));
    const std::string range = item.substr(0, slash);
    int low = first;
    int high = last;
    if (range != "*" && range != "?") {
        const auto minus = range.find('-');
        low = number_of(range.substr(0, minus));
        if (minus != std::string::npos)
            high = number_of(range.substr(minus + 1));
        else if (slash == std::string::npos)
            high = low;
    }
    std::set<int> result;
    const int size = last - first + 1;
    const int length = high >= low ? high - low : high + size - low;
    for (int i = 0; i <= length; i += step) result.insert(first + ((low + i - first) % size));
    return result;
}

std::set<int> union_of(const std::string& field, int first, int last) {
    std::set<int> result;
    for (const auto& item : split(field, ',')) result.merge(values(item, first, last));
    return result;
}

int last_day_of_month(const Wall& wall) {
    std::int64_t number = wall.number;
    while (wall_from_number(number + kDay).month == wall.month) number += kDay;
    return wall_from_number(number).day;
}

// The day of this month that is a Monday to Friday and nearest to `day`.
int nearest_weekday(const Wall& wall, int day, int last) {
    for (const int distance : {0, -1, 1, -2, 2}) {
        const int candidate = day + distance;
        if (candidate < 1 || candidate > last) continue;
        const int weekday = wall_from_number(wall.number + ((candidate - wall.day) * kDay)).weekday;
        if (weekday != 0 && weekday != 6) return candidate;
    }
    return 0;
}

}  // namespace

Zone::Zone(const std::string& name) {
    setenv("TZ", (":" + name).c_str(), 1);
    tzset();
}

std::int64_t Zone::offset(std::int64_t time) const {
    const std::time_t at = time;
    std::tm tm{};
    localtime_r(&at, &tm);
    return tm.tm_gmtoff;
}

Wall Zone::wall(std::int64_t time) const {
    const std::time_t at = time;
    std::tm tm{};
    localtime_r(&at, &tm);
    return wall_of(tm, time + tm.tm_gmtoff);
}

std::vector<std::int64_t> Zone::transitions() const {
    std::vector<std::int64_t> result;
    std::int64_t before = offset(0);
    for (std::int64_t day = 0; day < 7'258'118'400; day += kDay) {
        const std::int64_t after = offset(day + kDay);
        if (after == before) continue;
        std::int64_t low = day;
        std::int64_t high = day + kDay;
        while (high - low > 1) {
            const std::int64_t middle = low + ((high - low) / 2);
            (offset(middle) == before ? low : high) = middle;
        }
        result.push_back(high);
        before = after;
    }
    return result;
}

Expression::Expression(const std::string& text) {
    std::vector<std::string> fields = split(text, ' ');
    if (fields.size() == 5) fields.insert(fields.begin(), "0");
    if (fields.size() == 6) fields.emplace_back("*");
    seconds_ = union_of(fields[0], 0, 59);
    minutes_ = union_of(fields[1], 0, 59);
    hours_ = union_of(fields[2], 0, 23);
    months_ = union_of(fields[4], 1, 12);
    years_ = union_of(fields[6], 1970, 2199);
    wild_ = fields[1][0] == '*' || fields[2][0] == '*';
    both_ = fields[3][0] == '*' || fields[3][0] == '?' || fields[5][0] == '*' ||
            fields[5][0] == '?' || fields[5][0] == '+';
    if (fields[5][0] == '+') fields[5].erase(0, 1);
    day_items_ = split(fields[3], ',');
    weekday_items_ = split(fields[5], ',');
}

bool Expression::matches_day_item(const std::string& item, const Wall& wall) const {
    if (item.find_first_of("LW") == std::string::npos)
        return values(item, 1, 31).contains(wall.day);
    const int last = last_day_of_month(wall);
    if (item == "L") return wall.day == last;
    if (item == "LW") return wall.day == nearest_weekday(wall, last, last);
    if (item[0] == 'L') return wall.day == last - std::stoi(item.substr(2));
    const int day = std::stoi(item);
    return day <= last && wall.day == nearest_weekday(wall, day, last);
}

bool Expression::matches_weekday_item(const std::string& item, const Wall& wall) const {
    const auto sharp = item.find('#');
    if (sharp != std::string::npos) {
        return number_of(item.substr(0, sharp)) % 7 == wall.weekday &&
               (wall.day + 6) / 7 == std::stoi(item.substr(sharp + 1));
    }
    if (item.size() > 1 && item.back() == 'L') {
        return number_of(item.substr(0, item.size() - 1)) % 7 == wall.weekday &&
               wall.day + 7 > last_day_of_month(wall);
    }
    const auto minus = item.find('-');
    if (minus == std::string::npos && item.find('7') == 0) {
        return item == "7" ? wall.weekday == 0
                           : values("0" + item.substr(1), 0, 6).contains(wall.weekday);
    }
    if (minus != std::string::npos && item[minus + 1] == '7') {
        // Up to 7, which is Sunday: as if the week had eight days, the last one again Sunday.
        const auto week = values(item, 0, 7);
        return week.contains(wall.weekday) || (wall.weekday == 0 && week.contains(7));
    }
    if (item[0] == '7') return values("0" + item.substr(1), 0, 6).contains(wall.weekday);
    return values(item, 0, 6).contains(wall.weekday);
}

bool Expression::matches_date(const Wall& wall) const {
    if (!months_.contains(wall.month) || !years_.contains(wall.year)) return false;
    bool day = false;
    for (const auto& item : day_items_) day = day || matches_day_item(item, wall);
    bool weekday = false;
    for (const auto& item : weekday_items_) weekday = weekday || matches_weekday_item(item, wall);
    return both_ ? day && weekday : day || weekday;
}

bool Expression::matches_minute(const Wall& wall) const {
    return minutes_.contains(wall.minute) && hours_.contains(wall.hour) && matches_date(wall);
}

bool Expression::falls_into_gap(std::int64_t wall_begin, std::int64_t wall_end) const {
    for (std::int64_t number = wall_begin; number < wall_end; ++number) {
        const Wall wall = wall_from_number(number);
        if (seconds_.contains(wall.second) && matches_minute(wall)) return true;
    }
    return false;
}

std::vector<std::int64_t> Expression::occurrences(const Zone& zone, std::int64_t begin,
                                                  std::int64_t end) const {
    std::vector<std::int64_t> result;
    const auto add = [&](std::int64_t time) {
        if (time >= begin && time < end && (result.empty() || result.back() != time)) {
            result.push_back(time);
        }
    };
    // Begun early enough to know of a repeated hour that `begin` may lie in.
    std::int64_t time = begin - (2 * kDay);
    std::int64_t offset = zone.offset(time);
    std::int64_t shown_until = 0;  // wall times before this one were shown already
    while (time < end) {
        const Wall wall = zone.wall(time);
        // A whole day without a change of the clocks may be left out where its date doesn't match.
        if (wall.hour == 0 && wall.minute == 0 && wall.second == 0 && wall.number >= shown_until &&
            zone.offset(time + kDay) == offset && !matches_date(wall)) {
            time += kDay;
            continue;
        }
        // Minute by minute, but second by second where the clocks change within the minute.
        const bool is_whole = wall.second == 0 && zone.offset(time + 60) == offset;
        if (matches_minute(wall) && (wild_ || wall.number >= shown_until)) {
            for (const int second : seconds_) {
                if (is_whole)
                    add(time + second);
                else if (second == wall.second)
                    add(time);
            }
        }
        time += is_whole ? 60 : 1;
        const std::int64_t shift = zone.offset(time) - offset;
        if (shift == 0) continue;
        const std::int64_t before = time + offset;  // what the wall would have shown now
        if (shift > 0 && shift < kThreeHours && !wild_ && falls_into_gap(before, before + shift)) {
            add(time);
        }
        if (shift < 0 && -shift < kThreeHours) shown_until = before;
        offset += shift;
    }
    return result;
}

}  // namespace periodic::twin
