#include "periodic/time_zone.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include "cron/zone_rules.hpp"

namespace periodic {
namespace {

namespace fs = std::filesystem;
using std::chrono::sys_seconds;

// Beyond every instant that is asked for, and far from overflow when an offset is added.
constexpr std::int64_t kAlways = std::int64_t{1} << 60;

std::string database() {
    // Read once for each zone that is loaded; nobody changes the environment meanwhile.
    const char* directory = std::getenv("TZDIR");  // NOLINT(concurrency-mt-unsafe)
    return directory != nullptr && *directory != '\0' ? directory : "/usr/share/zoneinfo";
}

std::int64_t offset_of(const cctz::time_zone& zone, std::int64_t time) {
    return zone.lookup(cctz::time_point<cctz::seconds>(cctz::seconds(time))).offset;
}

// The intervals of constant offset, merged where a transition changed only the abbreviation.
std::vector<cron::ZoneInterval> intervals_of(const cctz::time_zone& zone) {
    using Rules = TimeZone::Rules;
    std::vector<cron::ZoneInterval> intervals{
        {.start = -kAlways, .end = kAlways, .offset = offset_of(zone, Rules::kBegin)}};
    cctz::time_point<cctz::seconds> time{cctz::seconds(Rules::kBegin)};
    cctz::time_zone::civil_transition transition;
    std::int64_t offset_before = intervals.front().offset;
    while (zone.next_transition(time, &transition)) {
        const std::int64_t instant =
            (transition.from - cctz::civil_second(1970, 1, 1)) - offset_before;
        if (instant > Rules::kEnd) break;
        offset_before = offset_of(zone, instant);
        if (offset_before != intervals.back().offset) {
            intervals.back().end = instant;
            intervals.push_back({.start = instant, .end = kAlways, .offset = offset_before});
        }
        time = cctz::time_point<cctz::seconds>(cctz::seconds(instant));
    }
    return intervals;
}

// All zones of the database, for hints; read only when a name was wrong.
std::vector<std::string> known_names() {
    std::vector<std::string> names;
    const fs::path root = database();
    std::error_code error;
    for (fs::recursive_directory_iterator it(root, error), end; it != end; it.increment(error)) {
        if (error) break;
        const std::string name = it->path().lexically_relative(root).string();
        if (it->is_directory(error)) {
            if (name == "posix" || name == "right") it.disable_recursion_pending();
        } else if (name.find('.') == std::string::npos && name.front() >= 'A' &&
                   name.front() <= 'Z') {
            names.push_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

// The zone that a person may have meant: a slip of the pen, or the city alone.
std::string suggestion(std::string_view wrong) {
    const std::vector<std::string> names = known_names();
    const std::vector<std::string_view> views(names.begin(), names.end());
    if (const auto near = nearest_word(wrong, views); !near.empty()) return std::string(near);
    std::string city(wrong);
    std::replace(city.begin(), city.end(), ' ', '_');
    if (const auto slash = city.rfind('/'); slash != std::string::npos) city.erase(0, slash + 1);
    std::vector<std::string_view> cities;
    cities.reserve(views.size());
    for (const auto view : views) cities.push_back(view.substr(view.rfind('/') + 1));
    const auto near = nearest_word(city, cities);
    if (near.empty()) return {};
    const auto found = std::find(cities.begin(), cities.end(), near);
    return names[static_cast<std::size_t>(found - cities.begin())];
}

// A name of the database, and neither a way out of it nor one of cctz's own names.
bool is_zone_name(std::string_view name) {
    if (name.empty() || name.size() > 128 || name.front() == '/' || name.back() == '/') {
        return false;
    }
    if (name.starts_with("Fixed/") || name.starts_with("libc:")) return false;
    if (name.find("..") != std::string_view::npos) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '+' || c == '/';
    });
}

Failure unknown_zone(std::string_view name) {
    const std::string quoted = "'" + std::string(name) + "'";
    if (name.starts_with("right/")) {
        return failure(ErrorCode::Usage, "the zone " + quoted + " counts leap seconds",
                       "say " + std::string(name.substr(6)));
    }
    std::string hint = "give a name of " + database() + ", such as Europe/Berlin or UTC";
    if (const std::string meant = suggestion(name); !meant.empty()) {
        hint = "did you mean " + meant + "?";
    }
    return failure(ErrorCode::Usage, "there is no time zone " + quoted, std::move(hint));
}

struct LoadedZones {
    std::mutex mutex{};
    std::map<std::string, std::unique_ptr<const TimeZone::Rules>, std::less<>> zones{};
};

LoadedZones& loaded_zones() {
    static LoadedZones zones;
    return zones;
}

// The rules of a zone, from memory or from the database; null if there is no such zone.
const TimeZone::Rules* find_rules(std::string_view name) {
    LoadedZones& loaded = loaded_zones();
    const std::lock_guard lock(loaded.mutex);
    if (const auto found = loaded.zones.find(name); found != loaded.zones.end()) {
        return found->second.get();
    }
    cctz::time_zone zone;
    if (!cctz::load_time_zone(std::string(name), &zone)) return nullptr;
    auto rules = std::make_unique<TimeZone::Rules>();
    rules->name = name;
    rules->intervals = intervals_of(zone);
    rules->make_buckets();
    return loaded.zones.emplace(std::string(name), std::move(rules)).first->second.get();
}

// The name behind /etc/localtime: where the link points to, or what /etc/timezone says.
std::string name_of_localtime() {
    std::error_code error;
    const fs::path link = "/etc/localtime";
    if (!fs::exists(link, error)) return "UTC";
    const std::string target = fs::is_symlink(link, error)
                                   ? fs::read_symlink(link, error).lexically_normal().string()
                                   : std::string{};
    if (const auto at = target.rfind("/zoneinfo/"); at != std::string::npos) {
        return target.substr(at + 10);
    }
    std::string name;
    std::ifstream("/etc/timezone") >> name;
    if (!name.empty() && find_rules(name) != nullptr) return name;
    return "localtime";
}

}  // namespace

const TimeZone& TimeZone::utc() noexcept {
    static const Rules rules{.name = "UTC",
                             .intervals = {{.start = -kAlways, .end = kAlways, .offset = 0}}};
    static const TimeZone zone(&rules);
    return zone;
}

Result<TimeZone> TimeZone::load(std::string_view name) {
    if (name == "UTC") return utc();
    if (!is_zone_name(name) || name.starts_with("right/")) return unknown_zone(name);
    if (const Rules* rules = find_rules(name)) return TimeZone(rules);
    return unknown_zone(name);
}

Result<TimeZone> TimeZone::local() {
    // As in `database()`.
    const char* variable = std::getenv("TZ");  // NOLINT(concurrency-mt-unsafe)
    std::string name = variable == nullptr ? name_of_localtime() : variable;
    if (name.starts_with(':')) name.erase(0, 1);
    if (name.empty()) name = "UTC";
    if (const std::string root = database() + "/"; name.starts_with(root)) {
        name.erase(0, root.size());
    }
    return load(name).map_error([&](Error error) {
        error.message += variable == nullptr ? " (from /etc/localtime)" : " (from TZ)";
        return error;
    });
}

const std::string& TimeZone::name() const noexcept {
    return rules_->name;
}

std::chrono::seconds TimeZone::offset_at(sys_seconds time) const noexcept {
    const std::int64_t seconds = time.time_since_epoch().count();
    return std::chrono::seconds(rules_->intervals[rules_->index_at(seconds)].offset);
}

}  // namespace periodic
