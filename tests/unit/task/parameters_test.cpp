#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "periodic/task.hpp"

namespace periodic {
namespace {

using ::testing::HasSubstr;
using Kind = Value::Kind;

Task task_with(const std::string& parameters) {
    auto reading = read_task("<task>" + parameters + "<command type='log'>x</command></task>",
                             "mail", "mail.xml", builtin_commands());
    return std::move(reading.task.value());
}

const std::string kDeclared = R"(<parameters>
  <parameter name="list" required="true" pattern="[a-z]+"/>
  <parameter name="batch" type="integer" default="100"/>
  <parameter name="ratio" type="number"/>
  <parameter name="dry-run" type="boolean" default="false"/>
  <parameter name="wait" type="duration"/>
  <parameter name="mode" values="fast slow"/>
  <parameter name="extra" type="json"/>
</parameters>)";

TEST(CheckParameters, FillsInDefaultsAndGivesTypes) {
    const Values values = task_with(kDeclared)
                              .check_parameters({{"list", "news"},
                                                 {"ratio", "1.50"},
                                                 {"wait", "1h"},
                                                 {"mode", "fast"},
                                                 {"extra", "[1,2]"}})
                              .value();
    EXPECT_EQ(values, (Values{{"list", "news"},
                              {"batch", Value("100", Kind::Integer)},
                              {"ratio", Value("1.50", Kind::Number)},
                              {"dry-run", Value("false", Kind::Boolean)},
                              {"wait", "1h"},
                              {"mode", "fast"},
                              {"extra", Value("[1,2]", Kind::Json)}}));
    EXPECT_EQ(
        to_json(values),
        R"({"batch":100,"dry-run":false,"extra":[1,2],"list":"news","mode":"fast","ratio":1.50,"wait":"1h"})");
}

struct Refused {
    const char* name;
    const char* value;
    const char* message;
};

class RefusedParameter : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedParameter, IsNamedWithTheReason) {
    Values given{{"list", "news"}};
    given.insert_or_assign(GetParam().name, GetParam().value);
    const auto checked = task_with(kDeclared).check_parameters(given);
    ASSERT_FALSE(checked.has_value());
    EXPECT_EQ(checked.error().code, ErrorCode::Usage);
    EXPECT_THAT(checked.error().message + " | " + checked.error().hint,
                HasSubstr(GetParam().message));
    EXPECT_THAT(checked.error().message, HasSubstr(GetParam().name));
}

INSTANTIATE_TEST_SUITE_P(
    Values, RefusedParameter,
    ::testing::Values(
        Refused{"list", "News", "does not match the pattern [a-z]+"},
        Refused{"list", "", "does not match"}, Refused{"batch", "1.5", "is no whole number"},
        Refused{"batch", " 1", "is no whole number"},
        Refused{"batch", "9223372036854775808", "is no whole number"},
        Refused{"ratio", "inf", "is no number"}, Refused{"ratio", "1,5", "is no number"},
        Refused{"dry-run", "yes", "neither true nor false"},
        Refused{"wait", "soon", "is no duration"}, Refused{"mode", "fst", "did you mean fast?"},
        Refused{"extra", "{", "not JSON"}, Refused{"lst", "x", "did you mean list?"},
        Refused{"list", "a\xFF", "not UTF-8"}));

TEST(CheckParameters, NeedsWhatIsRequired) {
    const auto checked = task_with(kDeclared).check_parameters({});
    EXPECT_EQ(checked.error().message, "the task mail needs the parameter list");
}

TEST(CheckParameters, TakesAnythingWithoutDeclarations) {
    const Values given{{"a", "1"}, {"quote", "it's \"$(x)\"\n"}};
    EXPECT_EQ(task_with("").check_parameters(given).value(), given);
    // What nobody declared is a string, also when it came as a number.
    EXPECT_EQ(task_with("").check_parameters({{"a", Value("1", Kind::Integer)}}).value(),
              (Values{{"a", "1"}}));
}

TEST(CheckParameters, TakesNothingWithAnEmptyDeclaration) {
    EXPECT_EQ(task_with("<parameters/>").check_parameters({{"a", "1"}}).error().hint,
              "it takes none");
    EXPECT_TRUE(task_with("<parameters open='true'/>").check_parameters({{"a", "1"}}).has_value());
}

TEST(CheckParameters, RefusesTwoNamesOfOneVariable) {
    const auto checked = task_with("").check_parameters({{"dry-run", "1"}, {"DRY_RUN", "2"}});
    EXPECT_THAT(checked.error().message, HasSubstr("would both be PERIODIC_PARAM_DRY_RUN"));
    // Also when one of them comes from a default.
    const auto with_default =
        task_with("<parameters open='true'><parameter name='a-b' default='1'/></parameters>")
            .check_parameters({{"a_b", "2"}});
    EXPECT_FALSE(with_default.has_value());
}

TEST(CheckParameters, RefusesNamesAndBytesThatNoVariableCanHold) {
    EXPECT_FALSE(task_with("").check_parameters({{"a b", "1"}}).has_value());
    EXPECT_FALSE(task_with("").check_parameters({{"a", std::string("x\0y", 3)}}).has_value());
    EXPECT_TRUE(task_with("").check_parameters({{"a", std::string(65536, 'x')}}).has_value());
    EXPECT_FALSE(task_with("").check_parameters({{"a", std::string(65537, 'x')}}).has_value());
}

TEST(CheckParameters, MakesJsonOfEveryNumberThatItTakes) {
    const Task task = task_with("<parameters><parameter name='n' type='number'/></parameters>");
    for (const char* text : {"1", "-0.5", ".5", "5.", "007", "1e6", "1E-7"}) {
        const Values values = task.check_parameters({{"n", text}}).value();
        EXPECT_TRUE(values_from_json(to_json(values)).has_value()) << text;
        EXPECT_NE(to_json(values).find("\"n\":\""), 1U) << text << " became a string";
    }
}

}  // namespace
}  // namespace periodic
