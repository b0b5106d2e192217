// periodic.xml: the settings of a home.

#include <algorithm>

#include "base/files.hpp"
#include "periodic/configuration.hpp"
#include "task/configuration_sections.hpp"
#include "task/xml_document.hpp"

namespace periodic {
namespace {

constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels{{
    {"debug", LogLevel::Debug},
    {"info", LogLevel::Info},
    {"warning", LogLevel::Warning},
    {"error", LogLevel::Error},
}};
constexpr std::array<std::pair<std::string_view, LogFormat>, 2> kFormats{{
    {"text", LogFormat::Text},
    {"json", LogFormat::Json},
}};
constexpr std::array<std::pair<std::string_view, bool>, 2> kJournals{{
    {"wal", false},
    {"delete", true},
}};

std::optional<Field> plain_text(const ConfigElement& element, Findings& findings) {
    check_attributes(element, {}, findings);
    return text_field(element, findings);
}

void check_attributes_only(const ConfigElement& element, const std::vector<std::string_view>& known,
                           Findings& findings) {
    check_attributes(element, known, findings);
    check_no_text(element, findings);
    check_no_children(element, findings);
}

// The first <crontab> takes the default's place.
void read_crontab(const ConfigElement& element, std::vector<std::string>& crontabs,
                  Findings& findings) {
    if (auto path = plain_text(element, findings)) crontabs.push_back(std::move(path->text));
}

void read_lock(const ConfigElement& element, Configuration& configuration, Findings& findings) {
    check_attributes_only(element, {"releaseAfter"}, findings);
    read(attribute_field(element, "releaseAfter"), configuration.release_after, findings);
}

void read_store(const ConfigElement& element, Configuration& configuration, Findings& findings) {
    check_attributes_only(element, {"url", "journal"}, findings);
    read_word(attribute_field(element, "journal"), kJournals, configuration.delete_journal,
              findings);
    const auto url = attribute_field(element, "url");
    if (!url) return;
    constexpr std::string_view kScheme = "sqlite:";
    if (url->text.substr(0, kScheme.size()) == kScheme && url->text.size() > kScheme.size()) {
        configuration.store_url = url->text;
    } else {
        findings.error(url->place, "url=: '" + url->text + "' names no store",
                       "write sqlite:FILE; a relative FILE is in the state directory");
    }
}

void read_log(const ConfigElement& element, Configuration& configuration, Findings& findings) {
    check_attributes_only(element, {"file", "level", "format", "maxSize", "keep"}, findings);
    LogOptions& log = configuration.log;
    read_text(attribute_field(element, "file"), log.file);
    read_word(attribute_field(element, "level"), kLevels, log.level, findings);
    read_word(attribute_field(element, "format"), kFormats, log.format, findings);
    const auto max_size = attribute_field(element, "maxSize");
    read_size(max_size, log.max_size, findings);
    if (max_size && log.max_size < 4096) {
        findings.error(max_size->place, "maxSize=: less than 4K would rotate with every message");
    }
    read_integer(attribute_field(element, "keep"), 0, 100, log.keep, findings);
}

void read_retention(const ConfigElement& element, Configuration& configuration,
                    Findings& findings) {
    check_attributes_only(element, {"age", "jobs"}, findings);
    read(attribute_field(element, "age"), configuration.retention.age, findings);
    read_integer(attribute_field(element, "jobs"), 0, 1'000'000'000, configuration.retention.jobs,
                 findings);
}

void read_pool(const ConfigElement& element, Configuration& configuration, Findings& findings) {
    check_attributes_only(element,
                          {"topic", "static", "dynamic", "slots", "growAt", "alertAt",
                           "recycleJobs", "recycleAfter", "maxMemory", "idle"},
                          findings);
    PoolOptions pool;
    constexpr int kMany = 1'000'000'000;
    const auto topic = attribute_field(element, "topic");
    read_name(topic, pool.topic, findings);
    read_integer(attribute_field(element, "static"), 1, 1024, pool.static_workers, findings);
    read_integer(attribute_field(element, "dynamic"), 0, 1024, pool.dynamic_workers, findings);
    read_integer(attribute_field(element, "slots"), 1, 1024, pool.slots, findings);
    read_integer(attribute_field(element, "growAt"), 0, kMany, pool.grow_at, findings);
    read_integer(attribute_field(element, "alertAt"), 0, kMany, pool.alert_at, findings);
    read_integer(attribute_field(element, "recycleJobs"), std::int64_t{0}, std::int64_t{kMany},
                 pool.recycle_jobs, findings);
    read(attribute_field(element, "recycleAfter"), pool.recycle_after, findings);
    read_size(attribute_field(element, "maxMemory"), pool.max_memory, findings);
    read(attribute_field(element, "idle"), pool.idle, findings);
    const auto same = [&](const PoolOptions& other) { return other.topic == pool.topic; };
    if (std::any_of(configuration.pools.begin(), configuration.pools.end(), same)) {
        findings.error(topic ? topic->place : place_of(element),
                       "there are two pools for the topic " + pool.topic, "keep one of them");
    }
    configuration.pools.push_back(std::move(pool));
}

void read_alias(const ConfigElement& element, Configuration& configuration, Findings& findings) {
    check_attributes(element, {"name"}, findings);
    const auto name = required_attribute(element, "name", findings);
    const auto command = text_field(element, findings);
    if (!name || !command) return;
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    if (!std::all_of(name->text.begin(), name->text.end(), fits) || name->text.front() == '-') {
        findings.error(name->place, "name=: '" + name->text + "' can't name a command",
                       "small letters, digits and '-'");
        return;
    }
    const auto same = [&](const CommandAlias& other) { return other.name == name->text; };
    if (std::any_of(configuration.aliases.begin(), configuration.aliases.end(), same)) {
        findings.error(name->place, "the alias " + name->text + " is given twice",
                       "keep one of them");
        return;
    }
    configuration.aliases.push_back(
        {name->text, command->text, name->place.line, name->place.column});
}

// "$METHOD$...$HASH": whether the password fits, libcrypt says.
bool looks_like_hash(std::string_view text) {
    constexpr std::string_view kCharacters =
        "$./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=,-";
    constexpr std::size_t kLongest = 384;
    return text.size() <= kLongest && text.starts_with('$') &&
           std::count(text.begin(), text.end(), '$') >= 3 && !text.ends_with('$') &&
           text.find_first_not_of(kCharacters) == std::string_view::npos;
}

void read_reset(const ConfigElement& element, Configuration& configuration, Findings& findings) {
    check_attributes_only(element, {"hash"}, findings);
    const auto hash = required_attribute(element, "hash", findings);
    if (!hash) return;
    if (!looks_like_hash(hash->text)) {
        findings.error(hash->place, "hash=: this is no hash of a password",
                       "'periodic job reset --hash' makes one");
        return;
    }
    configuration.reset_hash = hash->text;
}

struct Draft {
    Configuration& configuration;
    std::vector<std::string> crontabs{};
};

constexpr std::array<ChildRule<Draft>, 12> kChildren{{
    {"state",
     [](const ConfigElement& element, Draft& draft, Findings& findings) {
         read_text(plain_text(element, findings), draft.configuration.state);
     }},
    {"crontab",
     [](const ConfigElement& element, Draft& draft, Findings& findings) {
         read_crontab(element, draft.crontabs, findings);
     },
     true},
    {"tasks",
     [](const ConfigElement& element, Draft& draft, Findings& findings) {
         read_text(plain_text(element, findings), draft.configuration.tasks);
     }},
    {"timeZone",
     [](const ConfigElement& element, Draft& draft, Findings& findings) {
         read_text(plain_text(element, findings), draft.configuration.time_zone);
     }},
    {"lock", [](const ConfigElement& element, Draft& draft,
                Findings& findings) { read_lock(element, draft.configuration, findings); }},
    {"store", [](const ConfigElement& element, Draft& draft,
                 Findings& findings) { read_store(element, draft.configuration, findings); }},
    {"log", [](const ConfigElement& element, Draft& draft,
               Findings& findings) { read_log(element, draft.configuration, findings); }},
    {"retention",
     [](const ConfigElement& element, Draft& draft, Findings& findings) {
         read_retention(element, draft.configuration, findings);
     }},
    {"workers", [](const ConfigElement& element, Draft& draft,
                   Findings& findings) { read_workers(element, draft.configuration, findings); }},
    {"notify",
     [](const ConfigElement& element, Draft& draft, Findings& findings) {
         read_notify(element, draft.configuration, findings);
     },
     true},
    {"alias",
     [](const ConfigElement& element, Draft& draft, Findings& findings) {
         read_alias(element, draft.configuration, findings);
     },
     true},
    {"reset", [](const ConfigElement& element, Draft& draft,
                 Findings& findings) { read_reset(element, draft.configuration, findings); }},
}};

// An element that says where the jobs are, or may have been meant to.
bool is_about_place(const ConfigElement& element) {
    static const std::vector<std::string_view> kPlaces{"state", "store"};
    const auto has_name = [&](const auto& rule) { return rule.name == element.name; };
    if (std::ranges::any_of(kChildren, has_name))
        return element.name == kPlaces[0] || element.name == kPlaces[1];
    return !nearest_word(element.name, kPlaces).empty();
}

// Reads those elements by themselves, so that mistakes elsewhere don't count.
bool finds_jobs(ConfigElement root) {
    std::erase_if(root.children, [](const ConfigElement& child) { return !is_about_place(child); });
    root.text.clear();
    Configuration configuration;
    Draft draft{configuration};
    Findings findings("", "");
    read_children<Draft>(root, kChildren, draft, findings);
    return findings.errors() == 0;
}

}  // namespace

void read_workers(const ConfigElement& element, Configuration& configuration, Findings& findings) {
    static constexpr std::array<ChildRule<Configuration>, 1> kPool{{{"pool", &read_pool, true}}};
    check_attributes(element, {}, findings);
    read_children<Configuration>(element, kPool, configuration, findings);
}

ConfigurationReading read_configuration(std::string_view xml, std::string file) {
    ConfigurationReading reading;
    Findings findings(xml, file);
    reading.configuration.file = std::move(file);
    reading.finds_jobs = false;
    if (const auto root = parse_xml(xml, findings)) {
        if (root->name == "periodic") {
            reading.finds_jobs = findings.errors() == 0 && finds_jobs(*root);
            Draft draft{reading.configuration};
            check_attributes(*root, {}, findings);
            read_children<Draft>(*root, kChildren, draft, findings);
            if (!draft.crontabs.empty()) reading.configuration.crontabs = std::move(draft.crontabs);
        } else {
            findings.error(place_of(*root),
                           "this is no configuration: its element is <" + root->name + ">",
                           "it begins with <periodic>");
        }
    }
    reading.problems = findings.take();
    return reading;
}

ConfigurationReading read_configuration_file(const std::string& path) {
    const auto text = read_file(path, kLongestXml);
    if (text) return read_configuration(*text, path);
    ConfigurationReading reading;
    if (text.error().code != ErrorCode::NotFound) {
        reading.problems.push_back({Severity::Error, text.error()});
        reading.finds_jobs = false;
    }
    return reading;
}

}  // namespace periodic
