#include "notify/notification_desk.hpp"

#include <algorithm>
#include <array>

#include <fnmatch.h>

#include "base/json.hpp"
#include "base/sha256.hpp"

namespace periodic {
namespace {

constexpr std::array<std::string_view, 3> kFailures{"failed", "lost", "timeout"};

bool matches(const std::string& pattern, const std::string& text) {
    return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

bool has(const NotifyOptions& rule, std::string_view event) {
    return std::find(rule.on.begin(), rule.on.end(), event) != rule.on.end();
}

bool has_failure(const NotifyOptions& rule) {
    return std::any_of(kFailures.begin(), kFailures.end(),
                       [&](std::string_view event) { return has(rule, event); });
}

// The word for how a job failed, beside `failed`, which is for every way.
std::string_view word_of(const Job& job) {
    if (job.reason == Reason::Lost) return "lost";
    if (job.reason == Reason::Timeout) return "timeout";
    return "failed";
}

std::string message_of(const Job& job) {
    if (!job.error.empty()) return job.error;
    return job.message.empty() ? "it failed" : job.message;
}

Notification about(const Job& job, std::string event, std::string message, Time now) {
    return {.event = std::move(event),
            .task = job.task,
            .group = job.group,
            .topic = job.topic,
            .job = job.id,
            .message = std::move(message),
            .time = now};
}

std::int64_t milliseconds_of(Time time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

Time time_of(std::int64_t milliseconds) {
    return Time(
        std::chrono::duration_cast<Time::duration>(std::chrono::milliseconds(milliseconds)));
}

json::Object written(const Notification& notification) {
    return {{"event", notification.event},   {"task", notification.task},
            {"group", notification.group},   {"topic", notification.topic},
            {"job", notification.job},       {"message", notification.message},
            {"prefix", notification.prefix}, {"time", milliseconds_of(notification.time)}};
}

std::string text_of(const json::Object& object, const char* name) {
    return std::string(object.at(name).as_string());
}

Notification read_back(const json::Object& object) {
    return {.event = text_of(object, "event"),
            .task = text_of(object, "task"),
            .group = text_of(object, "group"),
            .topic = text_of(object, "topic"),
            .job = object.at("job").as_int64(),
            .message = text_of(object, "message"),
            .time = time_of(object.at("time").as_int64()),
            .prefix = text_of(object, "prefix")};
}

}  // namespace

NotificationDesk::NotificationDesk(std::vector<NotifyOptions> rules) : rules_(std::move(rules)) {}

bool NotificationDesk::listens(std::string_view event) const {
    return std::any_of(rules_.begin(), rules_.end(),
                       [&](const NotifyOptions& rule) { return has(rule, event); });
}

// What is about the executor is about no task, group or topic: such rules are not about it.
bool NotificationDesk::is_about(const NotifyOptions& rule, const Notification& notification) const {
    return matches(rule.task, notification.task) && matches(rule.group, notification.group) &&
           matches(rule.topic, notification.topic);
}

// The narrowest word of the rule for this failure; empty: it is not about it.
std::string NotificationDesk::failure_word(const NotifyOptions& rule, const Job& job) const {
    if (const auto word = word_of(job); has(rule, word)) return std::string(word);
    return has(rule, "failed") ? "failed" : "";
}

std::vector<NotifyOrder> NotificationDesk::settled(const Job& job, Time now) {
    std::vector<NotifyOrder> orders;
    if (job.state == JobState::Failed) settle_failure(job, now, orders);
    if (job.state == JobState::Succeeded) settle_success(job, now, orders);
    return orders;
}

void NotificationDesk::settle_failure(const Job& job, Time now, std::vector<NotifyOrder>& orders) {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const NotifyOptions& rule = rules_[i];
        const std::string word = failure_word(rule, job);
        auto notification = about(job, word, message_of(job), now);
        if (word.empty() || !is_about(rule, notification)) continue;
        Thread& thread = threads_[{i, word, job.task}];
        ++thread.row;
        if (thread.row < rule.after) continue;
        if (thread.row > 1 && thread.row == rule.after) {
            notification.message += ", " + std::to_string(thread.row) + " times in a row";
        }
        failing_.emplace(i, job.task);
        tell(i, std::move(notification), orders);
    }
}

void NotificationDesk::settle_success(const Job& job, Time now, std::vector<NotifyOrder>& orders) {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        for (const std::string_view event : kFailures) {
            const auto found = threads_.find({i, std::string(event), job.task});
            if (found != threads_.end()) found->second.row = 0;
        }
        const NotifyOptions& rule = rules_[i];
        auto notification = about(job, "recovered", "it succeeds again", now);
        if (!has(rule, "recovered") || !is_about(rule, notification)) continue;
        // A rule that hears of failures hears of what it was told; any other of what anybody was.
        const bool was_told =
            has_failure(rule)
                ? failing_.contains({i, job.task})
                : std::any_of(failing_.begin(), failing_.end(),
                              [&](const auto& pair) { return pair.second == job.task; });
        if (was_told) tell(i, std::move(notification), orders);
    }
    std::erase_if(failing_, [&](const auto& pair) { return pair.second == job.task; });
}

std::vector<NotifyOrder> NotificationDesk::waiting(const std::string& topic, std::int64_t count,
                                                   std::int64_t alert_at, Time now) {
    std::vector<NotifyOrder> orders;
    if (count <= alert_at) {
        backlogs_.erase(topic);
        return orders;
    }
    const auto told = backlogs_.find(topic);
    if (told != backlogs_.end() && count < 2 * told->second) return orders;
    backlogs_[topic] = count;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        Notification notification{
            .event = "backlog",
            .topic = topic,
            .message = std::to_string(count) + " jobs wait in the topic " + topic,
            .count = count,
            .time = now};
        if (has(rules_[i], "backlog") && is_about(rules_[i], notification)) {
            tell(i, std::move(notification), orders);
        }
    }
    return orders;
}

std::vector<NotifyOrder> NotificationDesk::happened(const Notification& notification) {
    std::vector<NotifyOrder> orders;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (!has(rules_[i], notification.event) || !is_about(rules_[i], notification)) continue;
        tell(i, notification, orders);
    }
    return orders;
}

// At once, or after the rule's interval, with the number of all until then.
void NotificationDesk::tell(std::size_t rule, Notification notification,
                            std::vector<NotifyOrder>& orders) {
    notification.prefix = rules_[rule].prefix;
    const std::string& about = notification.task.empty() ? notification.topic : notification.task;
    Thread& thread = threads_[{rule, notification.event, about}];
    const Time now = notification.time;
    const bool is_early =
        thread.told && now >= *thread.told && now - *thread.told < rules_[rule].every;
    if (is_early) {
        ++thread.held;
        thread.last = std::move(notification);
        return;
    }
    if (notification.event != "backlog") notification.count += std::exchange(thread.held, 0);
    thread.held = 0;
    thread.told = now;
    orders.push_back({rule, std::move(notification)});
}

std::vector<NotifyOrder> NotificationDesk::due(Time now) {
    std::vector<NotifyOrder> orders;
    for (auto& [key, thread] : threads_) {
        if (thread.held == 0) continue;
        if (now >= *thread.told && now - *thread.told < rules_[key.rule].every) continue;
        Notification notification = thread.last;
        if (key.event != "backlog") notification.count = thread.held;
        thread.held = 0;
        thread.told = now;
        orders.push_back({key.rule, std::move(notification)});
    }
    return orders;
}

std::optional<Time> NotificationDesk::next_due() const {
    std::optional<Time> next;
    for (const auto& [key, thread] : threads_) {
        if (thread.held == 0) continue;
        const Time time = *thread.told + rules_[key.rule].every;
        next = next ? std::min(*next, time) : time;
    }
    return next;
}

void NotificationDesk::adopt(std::vector<NotifyOptions> rules) {
    const auto before = std::exchange(rules_, std::move(rules));
    const auto number_now = [&](std::size_t number) {
        const auto found = std::find(rules_.begin(), rules_.end(), before[number]);
        return found == rules_.end()
                   ? std::nullopt
                   : std::optional(static_cast<std::size_t>(found - rules_.begin()));
    };
    for (auto& [key, thread] : std::exchange(threads_, {})) {
        if (const auto number = number_now(key.rule))
            threads_.insert_or_assign({*number, key.event, key.about}, std::move(thread));
    }
    for (const auto& [rule, task] : std::exchange(failing_, {})) {
        if (const auto number = number_now(rule)) failing_.emplace(*number, task);
    }
}

// Of all that decides what a rule's number means.
std::string NotificationDesk::digest() const {
    std::string text;
    for (const NotifyOptions& rule : rules_) {
        for (const auto& event : rule.on) text += event + ' ';
        text += '\n' + rule.task + '\n' + rule.group + '\n' + rule.topic + '\n' +
                std::to_string(rule.after) + '\n' + std::to_string(rule.every.count()) + '\n';
    }
    return sha256(text);
}

std::string NotificationDesk::memory() const {
    json::Array threads;
    for (const auto& [key, thread] : threads_) {
        if (thread.row == 0 && thread.held == 0 && !thread.told) continue;
        json::Object object{{"rule", key.rule},
                            {"event", key.event},
                            {"about", key.about},
                            {"row", thread.row},
                            {"held", thread.held}};
        if (thread.told) object["told"] = milliseconds_of(*thread.told);
        if (thread.held > 0) object["last"] = written(thread.last);
        threads.push_back(std::move(object));
    }
    json::Array failing;
    for (const auto& [rule, task] : failing_) failing.push_back(json::Array{rule, task});
    json::Object backlogs;
    for (const auto& [topic, count] : backlogs_) backlogs[topic] = count;
    return json::to_text(json::Object{{"rules", digest()},
                                      {"threads", std::move(threads)},
                                      {"failing", std::move(failing)},
                                      {"backlogs", std::move(backlogs)}}) +
           '\n';
}

void NotificationDesk::restore(std::string_view memory) {
    const auto parsed = json::parse(memory);
    if (!parsed || !parsed->is_object()) return;
    NotificationDesk read(rules_);
    try {
        const json::Object& object = parsed->as_object();
        if (text_of(object, "rules") != digest()) return;
        for (const auto& each : object.at("threads").as_array()) {
            const json::Object& thread = each.as_object();
            Key key{static_cast<std::size_t>(thread.at("rule").as_int64()),
                    text_of(thread, "event"), text_of(thread, "about")};
            if (key.rule >= rules_.size()) return;
            Thread& made = read.threads_[std::move(key)];
            made.row = thread.at("row").as_int64();
            if (const auto* told = thread.if_contains("told"))
                made.told = time_of(told->as_int64());
            const auto* last = thread.if_contains("last");
            if (last == nullptr || !made.told) continue;
            made.held = thread.at("held").as_int64();
            made.last = read_back(last->as_object());
        }
        for (const auto& each : object.at("failing").as_array()) {
            const auto& pair = each.as_array();
            read.failing_.emplace(static_cast<std::size_t>(pair.at(0).as_int64()),
                                  std::string(pair.at(1).as_string()));
        }
        for (const auto& [topic, count] : object.at("backlogs").as_object()) {
            read.backlogs_[std::string(topic)] = count.as_int64();
        }
    } catch (const std::exception&) {
        return;  // somebody else's file: what is forgotten is told again at worst
    }
    *this = std::move(read);
}

}  // namespace periodic
