#include "cli/terminal.hpp"

#include <gtest/gtest.h>

#include "cli/table.hpp"

namespace periodic::cli {
namespace {

TEST(DisplayWidth, CountsColumnsAndNotBytes) {
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("Größe"), 5U);
    EXPECT_EQ(display_width("日本語"), 6U);
    EXPECT_EQ(display_width("e\xCC\x81"), 1U) << "a combining accent takes no column";
    EXPECT_EQ(display_width("\xF0\x9F\x98\x80"), 2U);
}

TEST(DisplayWidth, CountsWhatIsNotUtf8AsOneColumnEach) {
    EXPECT_EQ(display_width("\xFF\xFE"), 2U);
    EXPECT_EQ(display_width("\xC3"), 1U) << "cut off in the middle";
    EXPECT_EQ(display_width("\xE0\x80\x80"), 3U) << "an overlong form";
    EXPECT_EQ(display_width("\xED\xA0\x80"), 3U) << "a surrogate";
}

TEST(Printable, LeavesNothingThatCouldDisturbATerminal) {
    EXPECT_EQ(printable("a\x1B[31mb"), "a\xEF\xBF\xBD[31mb");
    EXPECT_EQ(printable("one\ntwo\tthree"), "one two three");
    EXPECT_EQ(printable("\xC2\x9B"
                        "31m"),
              "\xEF\xBF\xBD"
              "31m")
        << "the C1 control sequence introducer";
    EXPECT_EQ(printable("bad \xFF byte"), "bad \xEF\xBF\xBD byte");
    EXPECT_EQ(printable("日本"), "日本");
}

TEST(Fitted, CutsAtAColumnWithAnEllipsis) {
    EXPECT_EQ(fitted("abcdef", 6), "abcdef");
    EXPECT_EQ(fitted("abcdefg", 6), "abcde\xE2\x80\xA6");
    EXPECT_EQ(fitted("日本語", 5), "日本\xE2\x80\xA6");
    EXPECT_EQ(fitted("日本語", 4), "日\xE2\x80\xA6") << "a wide character is not cut in half";
    EXPECT_EQ(fitted("abc", 0), "");
}

TEST(Wrapped, BreaksAtBlanksAndIndentsWhatFollows) {
    EXPECT_EQ(wrapped("one two three", 8, 2), "one two\n  three");
    EXPECT_EQ(wrapped("extraordinarily long", 5, 0), "extraordinarily\nlong");
    EXPECT_EQ(wrapped("a\nb", 80, 4), "a\n    b");
    EXPECT_EQ(wrapped("", 80, 4), "");
}

TEST(TableText, AlignsWideCharacters) {
    Table table({"TASK", "STATE"});
    table.add({"日本語", "ok"});
    table.add({"ab", "failed"});
    EXPECT_EQ(table.text({}),
              "TASK    STATE\n"
              "日本語  ok\n"
              "ab      failed\n");
}

TEST(TableText, PutsNumbersToTheRight) {
    Table table({"ID", "TASK"});
    table.align(0, Table::Align::Right);
    table.add({"7", "a"});
    table.add({"1234", "b"});
    EXPECT_EQ(table.text({}), "  ID  TASK\n   7  a\n1234  b\n");
}

TEST(TableText, FitsTheTerminalByCuttingTheWidestColumn) {
    Table table({"TASK", "REMARK"});
    table.add({"short", "a remark that is far too long for this"});
    const std::string text = table.text({.interactive = true, .width = 24});
    EXPECT_EQ(text, "TASK   REMARK\nshort  a remark that is\xE2\x80\xA6\n");
}

TEST(TableText, KeepsSixColumnsOfEachHoweverNarrowTheTerminal) {
    Table table({"A", "B", "C"});
    table.add({"aaaaaaaaaa", "bbbbbbbbbb", "cc"});
    EXPECT_EQ(table.text({.interactive = true, .width = 5}),
              "A       B       C\naaaaa\xE2\x80\xA6  bbbbb\xE2\x80\xA6  cc\n");
}

}  // namespace
}  // namespace periodic::cli
