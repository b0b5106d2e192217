// What notifiers say: bodies, mails, addresses. And what is usual.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "notify/heartbeat.hpp"
#include "notify/mail_text.hpp"
#include "notify/usual_time.hpp"
#include "notify/webhook_body.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using Format = WebhookOptions::Format;

Notification sample() {
    return {.event = "failed",
            .task = "backup",
            .group = "db",
            .topic = "default",
            .job = 42,
            .message = "exit code 3 <!channel> & more",
            .time = Time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2} + 3h},
            .prefix = "[web1]"};
}

TEST(Notification, InWords) {
    Notification often = sample();
    often.count = 5;
    EXPECT_EQ(to_string(often),
              "[web1] failed: backup, job 42: exit code 3 <!channel> & more (5 times)");
    EXPECT_EQ(to_string(Notification{.event = "error"}), "error");
}

TEST(WebhookBody, IsWhatEachServiceTakes) {
    EXPECT_EQ(
        webhook_body(Format::Slack, sample()),
        R"({"text":"[web1] failed: backup, job 42: exit code 3 &lt;!channel&gt; &amp; more"})");
    EXPECT_EQ(webhook_body(Format::Discord, sample()),
              R"({"content":"[web1] failed: backup, job 42: exit code 3 <!channel> & more",)"
              R"("allowed_mentions":{"parse":[]}})");
    EXPECT_EQ(webhook_body(Format::DingTalk, sample()),
              R"({"msgtype":"text","text":{"content":"[web1] failed: backup, job 42: )"
              R"(exit code 3 <!channel> & more"}})");
    EXPECT_EQ(webhook_body(Format::Plain, sample()),
              R"({"event":"failed","task":"backup","group":"db","topic":"default","job":42,)"
              R"("message":"exit code 3 <!channel> & more","count":1,)"
              R"("time":"2026-01-02T03:00:00.000+00:00","epoch":1767322800,"prefix":"[web1]",)"
              R"("text":"[web1] failed: backup, job 42: exit code 3 <!channel> & more"})");
    const auto card = json::parse(webhook_body(Format::Teams, sample()));
    ASSERT_TRUE(card);
    const auto& content = card->at("attachments").at(0).at("content");
    EXPECT_EQ(content.at("type").as_string(), "AdaptiveCard");
    EXPECT_EQ(content.at("body").at(0).at("text").as_string(), to_string(sample()));
}

TEST(WebhookBody, IsNeverTooLongNorBroken) {
    Notification long_one = sample();
    long_one.message.clear();
    for (int i = 0; i < 2'000; ++i) long_one.message += "\xC3\xA4";
    long_one.message += "\xFF\"";
    for (const auto format :
         {Format::Slack, Format::Discord, Format::DingTalk, Format::Teams, Format::Plain}) {
        const std::string body = webhook_body(format, long_one);
        EXPECT_TRUE(json::parse(body)) << body;
        if (format != Format::Plain) {
            EXPECT_LT(body.size(), 2'400U);
        }
    }
}

TEST(MailText, HasNoHeaderThatAMessageBrings) {
    Notification evil = sample();
    evil.message = "x\r\nBcc: victim@example.org\r\n\r\nhello";
    const std::string text = mail_text(evil, "a@b", {"c@d", "e@f"});
    EXPECT_THAT(text, HasSubstr("From: a@b\r\nTo: c@d, e@f\r\nSubject: [web1] failed"));
    EXPECT_THAT(text, Not(HasSubstr("\r\nBcc")));
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; ++at) {
        ASSERT_GT(at, 0U);
        EXPECT_EQ(text[at - 1], '\r');
    }
}

TEST(MailText, IsAsciiInShortLines) {
    Notification wide = sample();
    wide.message =
        "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x94\xA5 broken, and a text that goes on for quite "
        "a while so that its subject needs several words";
    const std::string text = mail_text(wide, "a@b", {"c@d"});
    EXPECT_THAT(text, HasSubstr("Subject: =?UTF-8?B?"));
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = text.find("\r\n", begin);
        ASSERT_NE(end, std::string::npos);
        EXPECT_LE(end - begin, 90U) << text.substr(begin, end - begin);
        begin = end + 2;
    }
    for (const char c : text) EXPECT_LT(static_cast<unsigned char>(c), 0x80);
}

TEST(PingAddress, HasTheWordBehindItsPath) {
    EXPECT_EQ(ping_address("https://hc.example.org/ping/ID", "start"),
              "https://hc.example.org/ping/ID/start");
    EXPECT_EQ(ping_address("https://hc.example.org/ping/ID/?rid=1#x", "fail"),
              "https://hc.example.org/ping/ID/fail?rid=1#x");
    EXPECT_EQ(ping_address("https://hc.example.org/ping/ID", ""), "https://hc.example.org/ping/ID");
}

TEST(StuckAfter, IsThreeTimesTheMedianAndAMinuteAtLeast) {
    EXPECT_EQ(stuck_after({}), std::nullopt);
    EXPECT_EQ(stuck_after({10min, 10min}), std::nullopt);
    EXPECT_EQ(stuck_after({1h, 1min, 2min}), 6min);
    EXPECT_EQ(stuck_after({1s, 1s, 1s, 1h}), 60s);
}

}  // namespace
}  // namespace periodic
