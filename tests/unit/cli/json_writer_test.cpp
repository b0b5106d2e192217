#include "cli/json_writer.hpp"

#include <gtest/gtest.h>

namespace periodic::cli {
namespace {

using namespace std::chrono_literals;

TEST(JsonDocument, NestsAndSeparates) {
    JsonWriter json;
    json.object().key("a").array().integer(1).integer(-2).end();
    json.key("b").object().end().key("c").boolean(true).key("d").null().end();
    EXPECT_EQ(json.document(), "{\"a\":[1,-2],\"b\":{},\"c\":true,\"d\":null}\n");
}

TEST(JsonDocument, EscapesWhatMustBe) {
    JsonWriter json;
    json.text("\"\\\n\x01 \xC3\xA9");
    EXPECT_EQ(json.document(), "\"\\\"\\\\\\n\\u0001 \xC3\xA9\"\n");
}

TEST(JsonDocument, HasAbsentTextsAsNull) {
    JsonWriter json;
    json.array().text_or_null("").text_or_null("x").end();
    EXPECT_EQ(json.document(), "[null,\"x\"]\n");
}

TEST(JsonDocument, HasTimesAsTextAndAsSeconds) {
    JsonWriter json;
    json.object().instant("next_", std::optional(std::chrono::sys_seconds(86'400s)),
                          TimeZone::utc());
    json.instant("", std::optional(Time(1'500ms)), TimeZone::utc());
    json.instant("no_", std::optional<Time>(), TimeZone::utc()).end();
    EXPECT_EQ(json.document(),
              "{\"next_time\":\"1970-01-02T00:00:00+00:00\",\"next_epoch\":86400,"
              "\"time\":\"1970-01-01T00:00:01.500+00:00\",\"epoch\":1.500,"
              "\"no_time\":null,\"no_epoch\":null}\n");
}

TEST(JsonDocument, HasSecondsToTheMillisecond) {
    JsonWriter json;
    json.array().seconds(0.0004).seconds(12.3456).end();
    EXPECT_EQ(json.document(), "[0.000,12.346]\n");
}

}  // namespace
}  // namespace periodic::cli
