#include "run/program_output.hpp"

#include <gtest/gtest.h>

#include "recording_context.hpp"

namespace periodic {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Parsing {
    const char* why;
    std::string text;
    Pairs values;
    std::size_t problems;
};
class ProgramOutputText : public ::testing::TestWithParam<Parsing> {};

TEST_P(ProgramOutputText, IsRead) {
    const ProgramOutput output = parse_program_output(GetParam().text);
    EXPECT_EQ(output.values, GetParam().values) << GetParam().why;
    EXPECT_EQ(output.problems.size(), GetParam().problems) << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(
    Lines, ProgramOutputText,
    ::testing::Values(
        Parsing{"nothing", "", {}, 0},
        Parsing{"one value", "message=all good\n", {{"message", "all good"}}, 0},
        Parsing{"no line end", "code=x", {{"code", "x"}}, 0},
        Parsing{"line ends of Windows", "a=1\r\nb=2\r\n", {{"a", "1"}, {"b", "2"}}, 0},
        Parsing{"an empty value", "comment=\n", {{"comment", ""}}, 0},
        Parsing{"more equals signs", "a=b=c\n", {{"a", "b=c"}}, 0},
        Parsing{"<< in a value", "message=1 << 2\n", {{"message", "1 << 2"}}, 0},
        Parsing{"several lines",
                "message<<EOT\none\n\ntwo=2\nEOT\ncode=x\n",
                {{"message", "one\n\ntwo=2"}, {"code", "x"}},
                0},
        Parsing{"an empty block", "message<<EOT\nEOT\n", {{"message", ""}}, 0},
        Parsing{"a block that begins with an empty line", "m<<E\n\na\nE\n", {{"m", "\na"}}, 0},
        Parsing{"a block without an end: its lines are lines", "m<<E\na=1\n", {{"a", "1"}}, 1},
        Parsing{"a block without a word", "m<<\na=1\n", {{"a", "1"}}, 1},
        Parsing{"blank lines", "\n  \na=1\n", {{"a", "1"}}, 0}, Parsing{"no key", "=1\n", {}, 1},
        Parsing{"a sentence", "hello there\na=1\n", {{"a", "1"}}, 1},
        Parsing{"bytes that are no UTF-8", "a=\xFF\n", {{"a", "\xEF\xBF\xBD"}}, 0}));

TEST(ProgramOutputText, NumbersItsProblems) {
    const auto output = parse_program_output("m<<E\n1\n2\nE\nbad\n");
    ASSERT_EQ(output.problems.size(), 1U);
    EXPECT_EQ(output.problems[0], "line 5: bad is no KEY=value");
}

TEST(ProgramOutputText, ReadsAsOftenAsItHasLinesWhatHasNoEnds) {
    // Were each line looked for the end of each block, this would take hours.
    std::string text;
    constexpr int kLines = 400'000;
    for (int i = 0; i < kLines; ++i) text += "a<<end" + std::to_string(i % 1000) + "\n";
    const auto output = parse_program_output(text + "code=x\n");
    EXPECT_EQ(output.values, (Pairs{{"code", "x"}}));
    ASSERT_EQ(output.problems.size(), 21U);
    EXPECT_EQ(output.problems[19], "line 20: a<<end19 has no end line");
    EXPECT_EQ(output.problems[20], "and " + std::to_string(kLines - 20) + " more");
}

TEST(ProgramOutputText, FindsTheEndBehindABlockOnly) {
    const auto output = parse_program_output("E\na<<E\nb=1\nc<<F\nx\nF\n");
    EXPECT_EQ(output.values, (Pairs{{"b", "1"}, {"c", "x"}}));
    EXPECT_EQ(output.problems.size(), 2U);
}

class ApplyOutput : public ::testing::Test {
protected:
    void apply(const std::string& text) {
        apply_program_output(parse_program_output(text), context_);
    }
    RecordingContext context_;
};

TEST_F(ApplyOutput, TellsTheJob) {
    apply(
        "phase=sending\nmessage=half\ncode=partial\nprogress=50\ncomment=c\ninterval=1h30m\n"
        "parameter.batch=7\nattribute.last-id=99\ndelete=true\n");
    EXPECT_EQ(context_.next_phase, "sending");
    EXPECT_EQ(context_.message, "half");
    EXPECT_EQ(context_.code, "partial");
    EXPECT_EQ(context_.progress, 50);
    EXPECT_EQ(context_.comment, "c");
    EXPECT_EQ(context_.interval, std::chrono::minutes(90));
    EXPECT_EQ(context_.parameters_.at("batch").text, "7");
    EXPECT_EQ(context_.attributes_.at("last-id").text, "99");
    EXPECT_TRUE(context_.deleted);
    EXPECT_TRUE(context_.lines.empty());
}

TEST_F(ApplyOutput, TakesTheLastOfSeveral) {
    apply("message=a\nmessage=b\n");
    EXPECT_EQ(context_.message, "b");
}

TEST_F(ApplyOutput, WarnsOfWhatItLeavesOut) {
    for (const char* bad : {"progress=half", "progress=50%", "interval=soon", "phase=Up Down",
                            "phase=", "delete=maybe", "parameter.=1", "parameter.a b=1",
                            "attribute.1=1", "color=red"}) {
        context_.lines.clear();
        apply(bad);
        ASSERT_EQ(context_.lines.size(), 1U) << bad;
        EXPECT_EQ(context_.lines[0].level, LogLevel::Warning);
        EXPECT_NE(context_.lines[0].text.find(bad), std::string::npos) << context_.lines[0].text;
    }
    EXPECT_FALSE(context_.deleted);
}

TEST_F(ApplyOutput, ShortensWhatItQuotes) {
    apply("color=" + std::string(100'000, 'x') + "\n" + std::string(100'000, 'y') + "\n");
    ASSERT_EQ(context_.lines.size(), 2U);
    for (const auto& line : context_.lines) EXPECT_LT(line.text.size(), 400U);
}

TEST_F(ApplyOutput, ComplainsOfTwentyValuesAtMost) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "progress=much\n";
    apply(text);
    ASSERT_EQ(context_.lines.size(), 21U);
    EXPECT_EQ(context_.lines.back().text, "PERIODIC_OUTPUT: and 980 more are left out");
}

}  // namespace
}  // namespace periodic
