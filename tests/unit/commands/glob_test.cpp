#include "commands/glob.hpp"

#include <string>

#include <gtest/gtest.h>

namespace periodic::commands {
namespace {

struct Case {
    const char* why;
    const char* pattern;
    const char* name;
    bool matches;
};

void PrintTo(const Case& row, std::ostream* out) {
    *out << row.why;
}

class GlobTest : public ::testing::TestWithParam<Case> {};

TEST_P(GlobTest, Matches) {
    EXPECT_EQ(glob_matches(GetParam().pattern, GetParam().name), GetParam().matches)
        << GetParam().pattern << " and " << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(
    Names, GlobTest,
    ::testing::Values(Case{"a name matches itself", "a.txt", "a.txt", true},
                      Case{"all of the name counts", "a", "ab", false},
                      Case{"a star takes nothing too", "a*b", "ab", true},
                      Case{"stars try again", "*ab*ab", "abxabab", true},
                      Case{"a star takes a leading dot", "*", ".hidden", true},
                      Case{"a question mark takes one", "?", "", false},
                      Case{"a question mark takes only one", "a?", "abc", false},
                      Case{"a set", "[abc]x", "bx", true}, Case{"a range", "f[0-9]", "f7", true},
                      Case{"outside of a range", "f[0-9]", "fx", false},
                      Case{"a negated set", "[!a]", "b", true},
                      Case{"a negated set refuses its own", "[!a]", "a", false},
                      Case{"a bracket first in a set is a member", "[]]", "]", true},
                      Case{"a dash last in a set is a member", "[a-]", "-", true},
                      Case{"an open bracket is itself", "[a", "[a", true},
                      Case{"a backslash takes the meaning away", "\\*", "*", true},
                      Case{"a backslashed star is no star", "\\*", "x", false},
                      Case{"an empty pattern takes only nothing", "", "a", false}));

TEST(Glob, ManyStarsTakeNoExponentialTime) {
    std::string pattern;
    for (int i = 0; i < 100; ++i) pattern += "a*";
    EXPECT_FALSE(glob_matches(pattern + "b", std::string(255, 'a')));
}

}  // namespace
}  // namespace periodic::commands
