#include "notify/webhook_body.hpp"

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "periodic/duration.hpp"
#include "periodic/time_zone.hpp"

namespace periodic {
namespace {

using Format = WebhookOptions::Format;

// In bytes, below what the services take in characters: Discord 2,000, Slack 40,000, DingTalk
// 20,000 bytes, Teams 28 KiB in all.
constexpr std::size_t kLongestText = 1'900;

std::string cut(std::string text) {
    text = valid_utf8(text);
    if (text.size() <= kLongestText) return text;
    std::size_t end = kLongestText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + "\xE2\x80\xA6";
}

// Slack gives these a meaning, so that a message could call a whole channel.
std::string for_slack(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        escaped += c == '&'   ? std::string("&amp;")
                   : c == '<' ? std::string("&lt;")
                   : c == '>' ? std::string("&gt;")
                              : std::string(1, c);
    }
    return escaped;
}

json::Value or_null(const std::string& text) {
    return text.empty() ? json::Value(nullptr) : json::Value(text);
}

json::Object plain(const Notification& notification) {
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(notification.time.time_since_epoch());
    return {{"event", notification.event},
            {"task", or_null(notification.task)},
            {"group", or_null(notification.group)},
            {"topic", or_null(notification.topic)},
            {"job", notification.job == 0 ? json::Value(nullptr) : json::Value(notification.job)},
            {"message", notification.message},
            {"count", notification.count},
            {"time", format_rfc3339(notification.time, TimeZone::utc())},
            {"epoch", static_cast<double>(milliseconds.count()) / 1000},
            {"prefix", or_null(notification.prefix)},
            {"text", to_string(notification)}};
}

json::Object card(const std::string& text) {
    return {{"type", "message"},
            {"attachments",
             json::Array{json::Object{
                 {"contentType", "application/vnd.microsoft.card.adaptive"},
                 {"contentUrl", nullptr},
                 {"content",
                  json::Object{
                      {"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                      {"type", "AdaptiveCard"},
                      {"version", "1.4"},
                      {"body", json::Array{json::Object{
                                   {"type", "TextBlock"}, {"text", text}, {"wrap", true}}}}}}}}}};
}

json::Object document(Format format, const Notification& notification) {
    const std::string text = cut(to_string(notification));
    switch (format) {
        case Format::Plain:
            return plain(notification);
        case Format::Slack:
            return {{"text", for_slack(text)}};
        case Format::Discord:
            return {{"content", text},
                    {"allowed_mentions", json::Object{{"parse", json::Array{}}}}};
        case Format::DingTalk:
            return {{"msgtype", "text"}, {"text", json::Object{{"content", text}}}};
        case Format::Teams:
            return card(text);
    }
    return {};
}

}  // namespace

std::string webhook_body(Format format, const Notification& notification) {
    return json::to_text(document(format, notification));
}

}  // namespace periodic
