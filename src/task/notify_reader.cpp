// <notify> of periodic.xml: who is told of what.

#include <algorithm>

#include "task/configuration_sections.hpp"

namespace periodic {
namespace {

using Format = WebhookOptions::Format;

constexpr std::array<std::pair<std::string_view, Format>, 5> kFormats{{
    {"plain", Format::Plain},
    {"slack", Format::Slack},
    {"discord", Format::Discord},
    {"dingtalk", Format::DingTalk},
    {"teams", Format::Teams},
}};

void read_events(const ConfigElement& element, NotifyOptions& options, Findings& findings) {
    const auto on = required_attribute(element, "on", findings);
    if (!on) return;
    const auto& known = notify_events();
    std::string_view rest = trimmed(on->text);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find_first_of(" \t\r\n"), rest.size());
        const std::string_view word = rest.substr(0, end);
        if (std::find(known.begin(), known.end(), word) == known.end()) {
            note_unknown_word({on->what, std::string(word), on->place}, known, findings);
        } else {
            options.on.emplace_back(word);
        }
        rest = trimmed(rest.substr(end));
    }
}

void read_webhook(const ConfigElement& element, NotifyOptions& options, Findings& findings) {
    check_attributes(element, {"url", "format", "tokenFile", "tokenEnv"}, findings);
    check_no_text(element, findings);
    check_no_children(element, findings);
    WebhookOptions webhook;
    read_url(required_attribute(element, "url", findings), webhook.url, findings);
    read_word(attribute_field(element, "format"), kFormats, webhook.format, findings);
    const auto token_file = attribute_field(element, "tokenFile");
    const auto token_env = attribute_field(element, "tokenEnv");
    read_text(token_file, webhook.token_file);
    read_text(token_env, webhook.token_env);
    if (token_file && token_env) {
        findings.error(token_env->place,
                       "the token comes from tokenFile= or from tokenEnv=, not both",
                       "keep one of them");
    }
    options.webhooks.push_back(std::move(webhook));
}

constexpr std::array<ChildRule<NotifyOptions>, 2> kNotifyChildren{{
    {"exec",
     [](const ConfigElement& element, NotifyOptions& options, Findings& findings) {
         check_attributes(element, {}, findings);
         if (auto command = text_field(element, findings)) {
             options.programs.push_back(std::move(command->text));
         }
     },
     true},
    {"webhook", &read_webhook, true},
}};

}  // namespace

const std::vector<std::string_view>& notify_events() {
    static const std::vector<std::string_view> events{"failed",    "lost",       "timeout",
                                                      "backlog",   "late",       "stuck",
                                                      "recovered", "crash-loop", "error"};
    return events;
}

void read_notify(const ConfigElement& element, Configuration& configuration, Findings& findings) {
    NotifyOptions options;
    check_attributes(element, {"on", "task", "after", "every"}, findings);
    read_events(element, options, findings);
    read_text(attribute_field(element, "task"), options.task);
    read_integer(attribute_field(element, "after"), 1, 1'000'000, options.after, findings);
    read(attribute_field(element, "every"), options.every, findings);
    read_children<NotifyOptions>(element, kNotifyChildren, options, findings);
    if (element.children.empty()) {
        findings.error(place_of(element), "<notify> tells nobody", "add an <exec> or a <webhook>");
    }
    configuration.notify.push_back(std::move(options));
}

}  // namespace periodic
