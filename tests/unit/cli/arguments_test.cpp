#include "cli/arguments.hpp"

#include <gtest/gtest.h>

namespace periodic::cli {
namespace {

// A command line with one of each kind.
struct Sample {
    Arguments arguments{};
    bool flag = false;
    std::optional<std::string> text{}, choice{}, second{};
    std::optional<std::int64_t> number{};
    std::optional<std::chrono::seconds> duration{};
    std::string first{};
    std::vector<std::string> others{};

    Sample() {
        arguments.flag("--explain", flag, "words");
        arguments.text("-C,--home", "DIR", text, "the home");
        arguments.number("-n,--count", "N", number, {1, 100}, "how many");
        arguments.duration("--budget", duration, "how long");
        arguments.choice("--output", "FORMAT", choice, {"text", "json"}, "how");
        arguments.required("FIRST", first);
        arguments.optional("SECOND", second);
        arguments.rest("OTHER", others);
    }

    Result<void> parse(const std::vector<std::string>& words) { return arguments.parse(words); }
};

std::string message(const Result<void>& result) {
    return result ? "" : result.error().message;
}
std::string hint(const Result<void>& result) {
    return result ? "" : result.error().hint;
}

TEST(ParsedArguments, AreOptionsInAnyPlaceAndPositionalsInOrder) {
    Sample sample;
    ASSERT_TRUE(sample.parse({"a", "--count=7", "b", "-C", "/x", "c", "--explain", "d=-e"}));
    EXPECT_EQ(sample.first, "a");
    EXPECT_EQ(sample.second, "b");
    EXPECT_EQ(sample.others, (std::vector<std::string>{"c", "d=-e"}));
    EXPECT_EQ(sample.number, 7);
    EXPECT_EQ(sample.text, "/x");
    EXPECT_TRUE(sample.flag);
}

TEST(ParsedArguments, AreAllTakenWhereAnOptionMayStandSeveralTimes) {
    Arguments arguments;
    std::vector<std::string> rules;
    std::optional<std::string> last;
    std::vector<std::string> others;
    arguments.texts("--rule", "RULE", rules, "rules");
    arguments.text("--text", "TEXT", last, "a text");
    arguments.rest("OTHER", others);
    ASSERT_TRUE(arguments.parse(
        {"--rule", "a", "b", "--rule=c", "--text", "x", "--text", "y", "--rule", "", "d"}));
    EXPECT_EQ(rules, (std::vector<std::string>{"a", "c", ""}));
    EXPECT_EQ(others, (std::vector<std::string>{"b", "d"}));
    EXPECT_EQ(last, "y");
}

TEST(ParsedArguments, MayBeEmptyValues) {
    Sample sample;
    ASSERT_TRUE(sample.parse({"--home=", "--explain", "a"}));
    EXPECT_EQ(sample.text, "");
    EXPECT_TRUE(sample.flag);
    EXPECT_EQ(sample.first, "a");
    Sample other;
    ASSERT_TRUE(other.parse({"--home", "", "--", "--home="}));
    EXPECT_EQ(other.text, "");
    EXPECT_EQ(other.first, "--home=");
}

TEST(ParsedArguments, MayBeNegativeDurationsAsValues) {
    Sample sample;
    ASSERT_TRUE(sample.parse({"a", "--home", "-2h"}));
    EXPECT_EQ(sample.text, "-2h");
}

TEST(ParsedArguments, AreTakenLiterallyAfterADoubleDash) {
    Sample sample;
    ASSERT_TRUE(sample.parse({"--", "-x", "--explain", "--"}));
    EXPECT_EQ(sample.first, "-x");
    EXPECT_EQ(sample.second, "--explain");
    EXPECT_EQ(sample.others, std::vector<std::string>{"--"});
    EXPECT_FALSE(sample.flag);
}

TEST(ParsedArguments, KeepBracketsQuotesAndLineEnds) {
    Sample sample;
    ASSERT_TRUE(sample.parse({"a", "b", "[x,y]", "k=$(rm -rf /)\n'\""}));
    EXPECT_EQ(sample.others, (std::vector<std::string>{"[x,y]", "k=$(rm -rf /)\n'\""}));
}

TEST(ParsedArguments, CountAsTheyWereGivenLast) {
    Sample sample;
    ASSERT_TRUE(sample.parse({"a", "--count", "1", "--count", "2"}));
    EXPECT_EQ(sample.number, 2);
}

TEST(RefusedArguments, GetTheNearestOptionAsHint) {
    const auto result = Sample().parse({"a", "--explian"});
    EXPECT_EQ(message(result), "unknown option '--explian'");
    EXPECT_EQ(hint(result), "did you mean --explain?");
    EXPECT_EQ(hint(Sample().parse({"a", "--outptu=json"})), "did you mean --output?");
    EXPECT_EQ(hint(Sample().parse({"a", "-z"})), "") << "one letter is near to every other";
}

TEST(RefusedArguments, SayWhatIsAllowed) {
    EXPECT_EQ(hint(Sample().parse({"a", "--count", "0"})), "a whole number from 1 to 100 is");
    EXPECT_EQ(hint(Sample().parse({"a", "--count", "5x"})), "a whole number from 1 to 100 is");
    EXPECT_EQ(hint(Sample().parse({"a", "--count", "99999999999999999999"})),
              "a whole number from 1 to 100 is");
    EXPECT_EQ(hint(Sample().parse({"a", "--output", "yaml"})), "it is one of text, json");
    EXPECT_EQ(message(Sample().parse({"a", "--explain=no"})), "--explain takes no value");
}

TEST(RefusedArguments, NameWhatIsMissing) {
    EXPECT_EQ(message(Sample().parse({})), "the argument FIRST is missing");
    EXPECT_EQ(message(Sample().parse({"a", "--count"})), "'--count' needs a value");
}

TEST(RefusedArguments, AreThoseThatNobodyAskedFor) {
    const Arguments none;
    EXPECT_EQ(message(none.parse({"x"})), "unexpected argument 'x'");
}

TEST(ArgumentsHelp, ShowsHowItIsWritten) {
    const Sample sample;
    EXPECT_EQ(sample.arguments.synopsis(), "[OPTION...] FIRST [SECOND] [OTHER...]");
    EXPECT_EQ(sample.arguments.takes_value("-C"), true);
    EXPECT_EQ(sample.arguments.takes_value("--explain"), false);
    EXPECT_EQ(sample.arguments.takes_value("--nothing"), std::nullopt);
}

}  // namespace
}  // namespace periodic::cli
