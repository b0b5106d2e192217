#include "task/pattern.hpp"

#include <random>
#include <regex>
#include <string>

#include <gtest/gtest.h>

namespace periodic {
namespace {

struct Case {
    const char* why;
    const char* pattern;
    const char* value;
    bool matches;
};

void PrintTo(const Case& row, std::ostream* out) {
    *out << row.why;
}

class PatternTest : public ::testing::TestWithParam<Case> {};

TEST_P(PatternTest, MatchesTheWholeValue) {
    const auto pattern = Pattern::compile(GetParam().pattern);
    ASSERT_TRUE(pattern.has_value()) << pattern.error().message;
    EXPECT_EQ(pattern->matches(GetParam().value), GetParam().matches)
        << GetParam().pattern << " and " << GetParam().value;
}

INSTANTIATE_TEST_SUITE_P(
    Values, PatternTest,
    ::testing::Values(Case{"a part is not enough", "[a-z]+", "abc1", false},
                      Case{"an empty pattern takes nothing", "", "", true},
                      Case{"an empty pattern takes only nothing", "", "a", false},
                      Case{"an alternative may be empty", "a|", "", true},
                      Case{"alternatives are tried all", "ab|abc", "abc", true},
                      Case{"a lazy repeat is a repeat", "a+?b", "aab", true},
                      Case{"a count", "[0-9]{2,3}", "1234", false},
                      Case{"the least count", "a{2,}", "a", false},
                      Case{"an exact count", "(ab){2}", "abab", true},
                      Case{"a count of none", "a{0}b", "b", true},
                      Case{"a dot takes no line end", "a.b", "a\nb", false},
                      Case{"a dot takes one character of several bytes", "...", "gr\xC3\xBC", true},
                      Case{"a range beyond ASCII", "[\xC3\xA0-\xC3\xBF]", "\xC3\xBC", true},
                      Case{"a negated class", "[^a-c]+", "xyz", true},
                      Case{"an empty class takes nothing", "a[]", "a", false},
                      Case{"a negated empty class takes all", "[^]", "\n", true},
                      Case{"digits", "\\d+", "42", true}, Case{"no digits", "\\D", "4", false},
                      Case{"words in a class", "[\\w.-]+", "a_9.-", true},
                      Case{"the opposite in a class", "[\\S]", " ", false},
                      Case{"an escaped dot", "a\\.b", "axb", false},
                      Case{"a slash may be escaped", "a\\/b", "a/b", true},
                      Case{"a hexadecimal escape", "\\x41\\u00e4", "A\xC3\xA4", true},
                      Case{"anchors may be written", "^ab$", "ab", true},
                      Case{"an anchor in the middle never holds", "a^b", "ab", false},
                      Case{"a boundary of words", "a\\b.*", "a-b", true},
                      Case{"no boundary within a word", "a\\bb", "ab", false},
                      Case{"a dash at a class's end", "[a-]+", "-a", true},
                      Case{"a repeated group that may be empty", "(a*)*", "aaa", true},
                      Case{"what is not UTF-8 matches nothing", ".*", "\xFF", false},
                      Case{"case counts", "abc", "ABC", false}));

class BadPattern : public ::testing::TestWithParam<std::pair<const char*, int>> {};

TEST_P(BadPattern, IsRefusedAtItsByte) {
    const auto pattern = Pattern::compile(GetParam().first);
    ASSERT_FALSE(pattern.has_value()) << GetParam().first;
    EXPECT_EQ(pattern.error().code, ErrorCode::Usage);
    EXPECT_EQ(static_cast<int>(pattern.error().column), GetParam().second)
        << pattern.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Patterns, BadPattern,
    ::testing::Values(std::pair{"(a", 1}, std::pair{"a)", 2}, std::pair{"[a", 1},
                      std::pair{"*a", 1}, std::pair{"a**", 2}, std::pair{"a{2", 2},
                      std::pair{"a{3,2}", 2}, std::pair{"a{1001}", 2}, std::pair{"{1}", 1},
                      std::pair{"(a)\\1", 4}, std::pair{"(?=a)", 1}, std::pair{"(?<n>a)", 1},
                      std::pair{"\\q", 1}, std::pair{"a\\", 2}, std::pair{"\\x4", 1},
                      std::pair{"[z-a]", 2}, std::pair{"[a-\\d]", 2}, std::pair{"^*", 1},
                      std::pair{"\xFF", 1}));

TEST(Pattern, RefusesWhatWouldTakeTooMuchMemory) {
    EXPECT_FALSE(Pattern::compile("((a{1000}){1000}){1000}").has_value());
    EXPECT_FALSE(Pattern::compile("(((){1000}){1000}){1000}").has_value());
    EXPECT_FALSE(Pattern::compile(std::string(1025, 'a')).has_value());
    EXPECT_FALSE(Pattern::compile(std::string(500, '(') + std::string(500, ')')).has_value());
    EXPECT_TRUE(Pattern::compile(std::string(1024, 'a')).has_value());
}

TEST(Pattern, TakesLinearTimeWhereBacktrackingTakesForEver) {
    const auto pattern = Pattern::compile("(a+)+(a|aa)*b?c");
    ASSERT_TRUE(pattern.has_value());
    EXPECT_FALSE(pattern->matches(std::string(16384, 'a')));
    EXPECT_TRUE(pattern->matches(std::string(16384, 'a') + "c"));
}

// The standard library's matcher is the slow twin, on values short enough for it.
TEST(Pattern, AgreesWithTheStandardLibrary) {
    const std::vector<std::string> parts{"a",  "b",     "[ab]",    "[^a]",   ".",       "a*",
                                         "b+", "(a|b)", "(?:ab)?", "a{1,2}", "(a|bc)*", "\\w",
                                         "^",  "$",     "|",       "c"};
    std::mt19937 random(20261121);
    int matched = 0;
    for (int round = 0; round < 1500; ++round) {
        std::string text;
        for (int i = 0; i < 4; ++i) text += parts[random() % parts.size()];
        const auto pattern = Pattern::compile(text);
        ASSERT_TRUE(pattern.has_value()) << text << ": " << pattern.error().message;
        const std::regex twin(text);
        for (int i = 0; i < 8; ++i) {
            std::string value;
            for (std::size_t length = random() % 6; length > 0; --length)
                value += "abc"[random() % 3];
            const bool expected = std::regex_match(value, twin);
            ASSERT_EQ(pattern->matches(value), expected) << text << " and '" << value << "'";
            matched += expected ? 1 : 0;
        }
    }
    EXPECT_GT(matched, 250) << "too few values match for this to say anything";
}

}  // namespace
}  // namespace periodic
