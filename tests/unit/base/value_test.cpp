#include "periodic/value.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace periodic {
namespace {

using Kind = Value::Kind;

TEST(ValuesAsJson, ShowEachByItsKind) {
    const Values values{{"a", "text"},
                        {"b", Value("12", Kind::Integer)},
                        {"c", Value("0.10", Kind::Number)},
                        {"d", Value("true", Kind::Boolean)},
                        {"e", Value("[1, null]", Kind::Json)}};
    EXPECT_EQ(to_json(values), R"({"a":"text","b":12,"c":0.10,"d":true,"e":[1, null]})");
    EXPECT_EQ(to_json({}), "{}");
}

TEST(ValuesAsJson, AreAlwaysJson) {
    const Values values{{"a", Value("007", Kind::Integer)},
                        {"b", Value("nan", Kind::Number)},
                        {"c", Value("yes", Kind::Boolean)},
                        {"d", Value("{", Kind::Json)},
                        {"e", Value("quote \" slash \\ line\n \x01 \xFF end")}};
    const std::string text = to_json(values);
    EXPECT_EQ(text,
              "{\"a\":\"007\",\"b\":\"nan\",\"c\":\"yes\",\"d\":\"{\","
              "\"e\":\"quote \\\" slash \\\\ line\\n \\u0001 \xEF\xBF\xBD end\"}");
    EXPECT_TRUE(json::parse(text).has_value());
}

TEST(ValuesFromJson, GiveBackWhatWasWritten) {
    const Values values{{"a", "Grüße\n"},
                        {"b", Value("-12", Kind::Integer)},
                        {"c", Value("0.5", Kind::Number)},
                        {"d", Value("false", Kind::Boolean)},
                        {"e", Value(R"({"x":[1,0.1,"y",null,true]})", Kind::Json)},
                        {"f", Value("18446744073709551615", Kind::Integer)},
                        {"g", Value("null", Kind::Json)}};
    EXPECT_EQ(values_from_json(to_json(values)).value(), values);
}

TEST(ValuesFromJson, RefusesWhatIsNoObjectAndSaysWhere) {
    EXPECT_EQ(values_from_json("[1]").error().message, "not a JSON object");
    const auto broken = values_from_json(R"({"a": nul})");
    ASSERT_FALSE(broken.has_value());
    EXPECT_EQ(broken.error().code, ErrorCode::Usage);
    EXPECT_EQ(broken.error().column, 7U) << "the word that is none";
    EXPECT_FALSE(values_from_json("").has_value());
    EXPECT_FALSE(values_from_json("{} x").has_value());
    EXPECT_FALSE(values_from_json(std::string(100'000, '[')).has_value());
}

TEST(JsonText, WritesNumbersAsPeopleDo) {
    EXPECT_EQ(json::number_text(0.1), "0.1");
    EXPECT_EQ(json::number_text(1732185000.123), "1732185000.123");
    EXPECT_EQ(json::number_text(-3), "-3");
    EXPECT_EQ(json::number_text(1e300), "1e+300");
    EXPECT_EQ(json::to_text({{"a", {1, 2.5, nullptr}}, {"b", "x"}}),
              R"({"a":[1,2.5,null],"b":"x"})");
}

TEST(Names, OfParameters) {
    for (const char* name : {"a", "A9_-", "dry-run"}) EXPECT_TRUE(is_parameter_name(name)) << name;
    for (const char* name : {"", "9a", "_a", "-a", "a.b", "a b", "ä"})
        EXPECT_FALSE(is_parameter_name(name)) << name;
}

TEST(Names, OfTasks) {
    for (const char* name : {"a", "9", "A.b_c-d"}) EXPECT_TRUE(is_task_name(name)) << name;
    for (const char* name :
         {"", ".", "..", ".a", "_a", "-a", "a/b", "../../etc/passwd", "a b", "a\n"}) {
        EXPECT_FALSE(is_task_name(name)) << name;
    }
    EXPECT_TRUE(is_task_name(std::string(128, 'a')));
    EXPECT_FALSE(is_task_name(std::string(129, 'a')));
}

TEST(Names, OfVariables) {
    EXPECT_EQ(parameter_variable("dry-run_2"), "PERIODIC_PARAM_DRY_RUN_2");
}

}  // namespace
}  // namespace periodic
