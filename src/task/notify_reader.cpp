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

// What comes from a file or the environment comes from one of them.
void read_one_of(const ConfigElement& element, const std::vector<std::string_view>& names,
                 std::string_view what, Findings& findings) {
    std::optional<std::string_view> first;
    for (const auto name : names) {
        const auto field = attribute_field(element, name);
        if (!field) continue;
        if (first) {
            findings.error(field->place,
                           std::string(what) + " comes from " + std::string(*first) + "= or from " +
                               std::string(name) + "=, not both",
                           "keep one of them");
        }
        first = first.value_or(name);
    }
}

void read_webhook(const ConfigElement& element, NotifyOptions& options, Findings& findings) {
    check_attributes(element, {"url", "urlFile", "urlEnv", "format", "tokenFile", "tokenEnv"},
                     findings);
    check_no_text(element, findings);
    check_no_children(element, findings);
    WebhookOptions webhook;
    if (!element.attribute("urlFile") && !element.attribute("urlEnv")) {
        read_url(required_attribute(element, "url", findings), webhook.url, findings);
    }
    read_one_of(element, {"url", "urlFile", "urlEnv"}, "the address", findings);
    read_text(attribute_field(element, "urlFile"), webhook.url_file);
    read_text(attribute_field(element, "urlEnv"), webhook.url_env);
    read_word(attribute_field(element, "format"), kFormats, webhook.format, findings);
    read_one_of(element, {"tokenFile", "tokenEnv"}, "the token", findings);
    read_text(attribute_field(element, "tokenFile"), webhook.token_file);
    read_text(attribute_field(element, "tokenEnv"), webhook.token_env);
    options.webhooks.push_back(std::move(webhook));
}

bool is_mail_address(std::string_view text) {
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at != 0 && at + 1 < text.size() &&
           text.find_first_of(" \t\r\n<>,;\"") == std::string_view::npos;
}

void note_no_address(const Field& field, std::string_view text, Findings& findings) {
    findings.error(field.place, field.what + " '" + std::string(text) + "' is no mail address",
                   "write ops@example.org; several with a comma between them");
}

void read_addresses(const Field& field, MailOptions& mail, Findings& findings) {
    std::string_view rest = field.text;
    for (;;) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        const std::string_view address = trimmed(rest.substr(0, end));
        if (!is_mail_address(address)) return note_no_address(field, address, findings);
        mail.to.emplace_back(address);
        if (end == rest.size()) return;
        rest.remove_prefix(end + 1);
    }
}

void read_mail(const ConfigElement& element, NotifyOptions& options, Findings& findings) {
    check_attributes(element, {"to", "from", "server", "user", "passwordFile", "passwordEnv"},
                     findings);
    check_no_text(element, findings);
    check_no_children(element, findings);
    MailOptions mail;
    if (const auto to = required_attribute(element, "to", findings)) {
        read_addresses(*to, mail, findings);
    }
    const auto from = attribute_field(element, "from");
    if (from && !is_mail_address(from->text)) note_no_address(*from, from->text, findings);
    read_text(from, mail.from);
    const auto server = attribute_field(element, "server");
    if (server && !server->text.starts_with("smtp://") && !server->text.starts_with("smtps://")) {
        findings.error(server->place, "server=: '" + server->text + "' is no mail server",
                       "write smtp://mail.example.org:587 or smtps://mail.example.org");
    }
    read_text(server, mail.server);
    const auto user = attribute_field(element, "user");
    read_text(user, mail.user);
    read_one_of(element, {"passwordFile", "passwordEnv"}, "the password", findings);
    read_text(attribute_field(element, "passwordFile"), mail.password_file);
    read_text(attribute_field(element, "passwordEnv"), mail.password_env);
    if (user && !server) {
        findings.error(user->place, "user= is for a server", "name it with server=");
    }
    options.mails.push_back(std::move(mail));
}

constexpr std::array<ChildRule<NotifyOptions>, 3> kNotifyChildren{{
    {"exec",
     [](const ConfigElement& element, NotifyOptions& options, Findings& findings) {
         check_attributes(element, {}, findings);
         if (auto command = text_field(element, findings)) {
             options.programs.push_back(std::move(command->text));
         }
     },
     true},
    {"webhook", &read_webhook, true},
    {"email", &read_mail, true},
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
    check_attributes(element, {"on", "task", "group", "topic", "prefix", "after", "every"},
                     findings);
    read_events(element, options, findings);
    read_text(attribute_field(element, "task"), options.task);
    read_text(attribute_field(element, "group"), options.group);
    read_text(attribute_field(element, "topic"), options.topic);
    read_text(attribute_field(element, "prefix"), options.prefix);
    read_integer(attribute_field(element, "after"), 1, 1'000'000, options.after, findings);
    read(attribute_field(element, "every"), options.every, findings);
    read_children<NotifyOptions>(element, kNotifyChildren, options, findings);
    if (element.children.empty()) {
        findings.error(place_of(element), "<notify> tells nobody",
                       "add an <exec>, a <webhook> or an <email>");
    }
    configuration.notify.push_back(std::move(options));
}

}  // namespace periodic
