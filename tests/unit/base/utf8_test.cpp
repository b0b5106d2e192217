#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace periodic {
namespace {

TEST(ValidUtf8, LeavesGoodTextAlone) {
    EXPECT_EQ(valid_utf8(""), "");
    EXPECT_EQ(valid_utf8("plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80"),
              "plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80");
}

struct Bad {
    const char* why;
    std::string bytes;
    int replaced;
};

class InvalidUtf8 : public ::testing::TestWithParam<Bad> {};

TEST_P(InvalidUtf8, IsReplacedByteByByte) {
    std::string expected = "<";
    for (int i = 0; i < GetParam().replaced; ++i) expected += "\xEF\xBF\xBD";
    EXPECT_EQ(valid_utf8('<' + GetParam().bytes + '>'), expected + '>') << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(Bytes, InvalidUtf8,
                         ::testing::Values(Bad{"a lone continuation", "\x80", 1},
                                           Bad{"Latin-1", "\xE9", 1},
                                           Bad{"an overlong slash", "\xC0\xAF", 2},
                                           Bad{"an overlong slash of three", "\xE0\x80\xAF", 3},
                                           Bad{"a surrogate", "\xED\xA0\x80", 3},
                                           Bad{"above U+10FFFF", "\xF4\x90\x80\x80", 4},
                                           Bad{"a sequence cut short", "\xE2\x82", 2},
                                           Bad{"bytes that never occur", "\xFE\xFF", 2}));

TEST(Utf8Cut, NeverPartsASequence) {
    const std::string text =
        "a\xE2\x82\xAC"
        "b";
    EXPECT_EQ(utf8_cut(text, 9), 5U);
    EXPECT_EQ(utf8_cut(text, 4), 4U);
    EXPECT_EQ(utf8_cut(text, 3), 1U);
    EXPECT_EQ(utf8_cut(text, 2), 1U);
    EXPECT_EQ(utf8_cut(text, 1), 1U);
}

TEST(Utf8Cut, GetsOnWithGarbage) {
    EXPECT_EQ(utf8_cut(std::string(100, '\x80'), 50), 50U);
}

}  // namespace
}  // namespace periodic
