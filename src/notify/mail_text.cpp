#include "notify/mail_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/utf8.hpp"
#include "periodic/duration.hpp"
#include "periodic/time_zone.hpp"

namespace periodic {
namespace {

constexpr std::size_t kLongestSubject = 150;
constexpr std::size_t kLongestBody = 48U << 10U;
// What fits between "=?UTF-8?B?" and "?=" in the 75 characters that a word may have.
constexpr std::size_t kBytesInWord = 45;
constexpr std::size_t kBytesInLine = 57;

std::string base64(std::string_view bytes) {
    static constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t size = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k) {
            group = (group << 8U) | (k < size ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            text += k <= size ? kDigits[(group >> (18U - 6U * k)) & 0x3FU] : '=';
        }
    }
    return text;
}

std::string one_line(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    return text;
}

// RFC 2047: words of base64, each on a line of its own.
std::string encoded(std::string_view text) {
    const bool is_ascii = std::all_of(text.begin(), text.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (is_ascii) return std::string(text);
    std::string words;
    while (!text.empty()) {
        const std::size_t size =
            text.size() <= kBytesInWord ? text.size() : utf8_cut(text, kBytesInWord);
        if (!words.empty()) words += "\r\n ";
        words += "=?UTF-8?B?" + base64(text.substr(0, size)) + "?=";
        text.remove_prefix(size);
    }
    return words;
}

std::string shortened(const std::string& text, std::size_t most) {
    return text.size() <= most ? text : text.substr(0, utf8_cut(text, most)) + "...";
}

std::string body_of(const Notification& notification) {
    std::string body = to_string(notification) + "\n\n";
    const auto add = [&body](std::string_view name, const std::string& value) {
        if (!value.empty()) body.append(name).append(": ").append(value).append("\n");
    };
    add("Event", notification.event);
    add("Task", notification.task);
    add("Group", notification.group);
    add("Topic", notification.topic);
    if (notification.job != 0) {
        add("Job", std::to_string(notification.job));
        body += "Log: periodic job log " + std::to_string(notification.job) + '\n';
    }
    add("Time", format_rfc3339(notification.time));
    return body;
}

std::string list_of(const std::vector<std::string>& addresses) {
    std::string list;
    for (const auto& address : addresses) list += (list.empty() ? "" : ", ") + one_line(address);
    return list;
}

}  // namespace

std::string mail_text(const Notification& notification, const std::string& from,
                      const std::vector<std::string>& to) {
    const std::string subject =
        one_line(shortened(valid_utf8(to_string(notification)), kLongestSubject));
    std::string text =
        "From: " + one_line(from) + "\r\nTo: " + list_of(to) + "\r\nSubject: " + encoded(subject) +
        "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n";
    const std::string body = shortened(valid_utf8(body_of(notification)), kLongestBody);
    for (std::size_t at = 0; at < body.size(); at += kBytesInLine) {
        text += base64(std::string_view(body).substr(at, kBytesInLine)) + "\r\n";
    }
    return text;
}

}  // namespace periodic
