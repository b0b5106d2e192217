// <config> of a task file: how its jobs are run.

#include <algorithm>

#include "periodic/value.hpp"
#include "task/task_sections.hpp"

namespace periodic {
namespace {

constexpr std::array<std::pair<std::string_view, Backoff>, 3> kBackoffs{{
    {"constant", Backoff::Constant},
    {"linear", Backoff::Linear},
    {"exponential", Backoff::Exponential},
}};
constexpr std::array<std::pair<std::string_view, CatchUpPolicy::Kind>, 3> kCatchUps{{
    {"once", CatchUpPolicy::Kind::Once},
    {"all", CatchUpPolicy::Kind::All},
    {"none", CatchUpPolicy::Kind::None},
}};
constexpr std::array<std::pair<std::string_view, Overlap>, 4> kOverlaps{{
    {"skip", Overlap::Skip},
    {"wait", Overlap::Wait},
    {"allow", Overlap::Allow},
    {"replace", Overlap::Replace},
}};
constexpr std::array<std::pair<std::string_view, OnLost>, 2> kOnLost{{
    {"fail", OnLost::Fail},
    {"retry", OnLost::Retry},
}};

// The text of an element that has neither attributes nor children.
std::optional<Field> plain_text(const ConfigElement& element, Findings& findings) {
    check_attributes(element, {}, findings);
    return text_field(element, findings);
}

// Notes text and children of an element that says all by its attributes.
void check_attributes_only(const ConfigElement& element, const std::vector<std::string_view>& known,
                           Findings& findings) {
    check_attributes(element, known, findings);
    check_no_text(element, findings);
    check_no_children(element, findings);
}

void read_retries(const ConfigElement& element, Task& task, Findings& findings) {
    check_attributes_only(element, {"max", "delay", "backoff", "maxDelay", "jitter"}, findings);
    RetryPolicy& retries = task.retries;
    read_integer(attribute_field(element, "max"), 0, 1000, retries.max, findings);
    read(attribute_field(element, "delay"), retries.delay, findings);
    read_word(attribute_field(element, "backoff"), kBackoffs, retries.backoff, findings);
    read(attribute_field(element, "maxDelay"), retries.max_delay, findings);
    read_decimal(attribute_field(element, "jitter"), 0, 1, retries.jitter, findings);
}

void read_catch_up(const ConfigElement& element, Task& task, Findings& findings) {
    check_attributes(element, {"limit", "grace", "within"}, findings);
    CatchUpPolicy& policy = task.catch_up;
    const std::size_t errors = findings.errors();
    read_word(text_field(element, findings), kCatchUps, policy.kind, findings);
    const bool knows_kind = findings.errors() == errors;
    const auto limit = attribute_field(element, "limit");
    const auto grace = attribute_field(element, "grace");
    read_integer(limit, 1, 10'000, policy.limit, findings);
    read(grace, policy.grace, findings);
    if (const auto within = attribute_field(element, "within")) {
        std::chrono::seconds age{0};
        read(within, age, findings);
        policy.within = age;
    }
    if (limit && knows_kind && policy.kind != CatchUpPolicy::Kind::All) {
        findings.warning(limit->place, "limit= has a meaning for 'all' only");
    }
    if (grace && knows_kind && policy.kind != CatchUpPolicy::Kind::None) {
        findings.warning(grace->place, "grace= has a meaning for 'none' only");
    }
}

void read_concurrency(const ConfigElement& element, Task& task, Findings& findings) {
    check_attributes(element, {"key"}, findings);
    read_integer(text_field(element, findings), 0, 10'000, task.concurrency, findings);
    const auto key = attribute_field(element, "key");
    if (!key) return;
    if (is_parameter_name(key->text)) {
        task.concurrency_key = key->text;
    } else {
        findings.error(key->place, "key=: '" + key->text + "' can't name a parameter",
                       "a letter, then letters, digits, '_' or '-'");
    }
}

void read_retention(const ConfigElement& element, Task& task, Findings& findings) {
    check_attributes_only(element, {"age", "jobs"}, findings);
    task.retention.emplace();
    read(attribute_field(element, "age"), task.retention->age, findings);
    read_integer(attribute_field(element, "jobs"), 0, 1'000'000'000, task.retention->jobs,
                 findings);
}

void read_log_limit(const ConfigElement& element, Task& task, Findings& findings) {
    const auto field = plain_text(element, findings);
    read_size(field, task.log_limit, findings);
    if (field && task.log_limit == 0) {
        findings.error(field->place, "<logLimit>: it can't be 0",
                       "a log without limit could fill the disk; write a size such as 10M");
    }
}

void read_user(const ConfigElement& element, Task& task, Findings& findings) {
    const auto field = plain_text(element, findings);
    read_text(field, task.user);
    if (field && field->text.find_first_of(" \t\r\n:/") != std::string::npos) {
        findings.error(field->place, "<user>: '" + field->text + "' can't name a user");
    }
}

bool is_variable_name(std::string_view name) {
    const auto fits = [](char c) {
        return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               (c >= '0' && c <= '9');
    };
    return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
           std::all_of(name.begin(), name.end(), fits);
}

void read_variable(const ConfigElement& element, Task& task, Findings& findings) {
    check_attributes(element, {"name"}, findings);
    check_no_children(element, findings);
    const auto name = required_attribute(element, "name", findings);
    if (!name) return;
    if (!is_variable_name(name->text)) {
        findings.error(name->place, "name=: '" + name->text + "' can't name a variable",
                       "a letter or '_', then letters, digits or '_'");
        return;
    }
    if (name->text.substr(0, 9) == "PERIODIC_") {
        findings.error(name->place,
                       "variables that begin with PERIODIC_ are set by Periodic itself",
                       "give it another name");
        return;
    }
    task.environment.emplace_back(name->text, std::string(trimmed(element.text)));
}

void read_environment(const ConfigElement& element, Task& task, Findings& findings) {
    static constexpr std::array<ChildRule<Task>, 1> kChildren{{{"variable", &read_variable, true}}};
    check_attributes(element, {}, findings);
    read_children<Task>(element, kChildren, task, findings);
    const auto as_it_is = [](std::string_view name) { return std::string(name); };
    note_same_keys(element, "variable", "name", as_it_is, "the variable", findings);
}

void read_heartbeat(const ConfigElement& element, Task& task, Findings& findings) {
    check_attributes_only(element, {"url"}, findings);
    read_url(required_attribute(element, "url", findings), task.heartbeat, findings);
}

FollowUp read_follow_up(const ConfigElement& element, Findings& findings) {
    static constexpr std::array<ChildRule<Values>, 1> kChildren{
        {{"parameter", &read_parameter_value, true}}};
    FollowUp follow_up;
    check_attributes(element, {"task"}, findings);
    read_name(required_attribute(element, "task", findings), follow_up.task, findings);
    read_children<Values>(element, kChildren, follow_up.parameters, findings);
    note_same_keys(element, "parameter", "name", &parameter_variable, "the parameter", findings);
    return follow_up;
}

constexpr std::array<ChildRule<Task>, 19> kConfigChildren{{
    {"reScheduleTime",
     [](const ConfigElement& element, Task& task, Findings& findings) {
         read(plain_text(element, findings), task.reschedule_time, findings);
     }},
    {"timeout",
     [](const ConfigElement& element, Task& task, Findings& findings) {
         read(plain_text(element, findings), task.timeout, findings);
     }},
    {"killAfter",
     [](const ConfigElement& element, Task& task, Findings& findings) {
         read(plain_text(element, findings), task.kill_after, findings);
     }},
    {"retries", &read_retries},
    {"catchUp", &read_catch_up},
    {"overlap",
     [](const ConfigElement& element, Task& task, Findings& findings) {
         read_word(plain_text(element, findings), kOverlaps, task.overlap, findings);
     }},
    {"concurrency", &read_concurrency},
    {"onLost",
     [](const ConfigElement& element, Task& task, Findings& findings) {
         read_word(plain_text(element, findings), kOnLost, task.on_lost, findings);
     }},
    {"topic",
     [](const ConfigElement& element, Task& task, Findings& findings) {
         read_name(plain_text(element, findings), task.topic, findings);
     }},
    {"priority",
     [](const ConfigElement& element, Task& task, Findings& findings) {
         read_integer(plain_text(element, findings), -1'000'000, 1'000'000, task.priority,
                      findings);
     }},
    {"retention", &read_retention},
    {"logLimit", &read_log_limit},
    {"user", &read_user},
    {"directory",
     [](const ConfigElement& element, Task& task, Findings& findings) {
         read_text(plain_text(element, findings), task.directory);
     }},
    {"nice",
     [](const ConfigElement& element, Task& task, Findings& findings) {
         read_integer(plain_text(element, findings), -20, 19, task.nice, findings);
     }},
    {"environment", &read_environment},
    {"heartbeat", &read_heartbeat},
    {"onSuccess",
     [](const ConfigElement& element, Task& task, Findings& findings) {
         task.on_success.push_back(read_follow_up(element, findings));
     },
     true},
    {"onFailure",
     [](const ConfigElement& element, Task& task, Findings& findings) {
         task.on_failure.push_back(read_follow_up(element, findings));
     },
     true},
}};

}  // namespace

void read_task_config(const ConfigElement& config, Task& task, Findings& findings) {
    check_attributes(config, {}, findings);
    read_children<Task>(config, kConfigChildren, task, findings);
}

}  // namespace periodic
