#include "run/output_lines.hpp"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace periodic {
namespace {

using Lines = std::vector<std::pair<LogLevel, std::string>>;

Lines split(const std::vector<std::string>& pieces, LogLevel usual = LogLevel::Info) {
    Lines lines;
    OutputLines output(
        usual, [&](LogLevel level, std::string_view line) { lines.emplace_back(level, line); });
    for (const auto& piece : pieces) output.add(piece);
    output.finish();
    return lines;
}

Lines info(std::vector<std::string> texts) {
    Lines lines;
    for (auto& text : texts) lines.emplace_back(LogLevel::Info, std::move(text));
    return lines;
}

struct Splitting {
    const char* why;
    std::vector<std::string> pieces;
    std::vector<std::string> lines;
};
class OutputLinesOf : public ::testing::TestWithParam<Splitting> {};

TEST_P(OutputLinesOf, AreAsWritten) {
    EXPECT_EQ(split(GetParam().pieces), info(GetParam().lines)) << GetParam().why;
}

// The same bytes one by one are the same lines.
TEST_P(OutputLinesOf, DoNotDependOnThePieces) {
    std::vector<std::string> bytes;
    for (const auto& piece : GetParam().pieces)
        for (const char byte : piece) bytes.emplace_back(1, byte);
    EXPECT_EQ(split(bytes), info(GetParam().lines)) << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(
    Output, OutputLinesOf,
    ::testing::Values(
        Splitting{"nothing", {}, {}}, Splitting{"two lines", {"a\nb\n"}, {"a", "b"}},
        Splitting{"a last line without an end", {"a\nb"}, {"a", "b"}},
        Splitting{"empty lines", {"\n\na\n\n"}, {"", "", "a", ""}},
        Splitting{"a line in pieces", {"a", "b", "c\nd", "\n"}, {"abc", "d"}},
        Splitting{"line ends of Windows", {"a\r\nb\r\n"}, {"a", "b"}},
        Splitting{"a carriage return within", {"10%\r20%\n"}, {"10%\r20%"}},
        Splitting{"a sequence parted between pieces", {"\xE2\x82", "\xAC\n"}, {"\xE2\x82\xAC"}},
        Splitting{"bytes that are no UTF-8", {"a\xFFz\n"}, {"a\xEF\xBF\xBDz"}},
        Splitting{"NUL bytes", {std::string("a\0z\n", 4)}, {"a\xEF\xBF\xBDz"}},
        Splitting{
            "what looks like a prefix", {"<a> <8> <12>\n<>\n<3\n"}, {"<a> <8> <12>", "<>", "<3"}}));

struct Priority {
    const char* line;
    LogLevel level;
};
class OutputPriority : public ::testing::TestWithParam<Priority> {};

TEST_P(OutputPriority, IsTakenFromThePrefix) {
    for (const auto usual : {LogLevel::Info, LogLevel::Warning})
        EXPECT_EQ(split({GetParam().line, "\n"}, usual), (Lines{{GetParam().level, "text"}}));
}

INSTANTIATE_TEST_SUITE_P(
    SdDaemon, OutputPriority,
    ::testing::Values(Priority{"<0>text", LogLevel::Error}, Priority{"<3>text", LogLevel::Error},
                      Priority{"<4>text", LogLevel::Warning}, Priority{"<5>text", LogLevel::Info},
                      Priority{"<6>text", LogLevel::Info}, Priority{"<7>text", LogLevel::Debug}));

TEST(OutputLines, HaveTheStreamsLevelWithoutAPrefix) {
    EXPECT_EQ(split({"a\n<7>b\nc\n"}, LogLevel::Warning),
              (Lines{{LogLevel::Warning, "a"}, {LogLevel::Debug, "b"}, {LogLevel::Warning, "c"}}));
}

TEST(OutputLines, SplitsWhatIsTooLongAndKeepsItsPriority) {
    const auto lines = split({"<3>" + std::string(150'000, 'x') + "\nshort\n"});
    ASSERT_EQ(lines.size(), 4U);
    std::size_t size = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(lines[i].first, LogLevel::Error);
        EXPECT_LE(lines[i].second.size(), kLongestLine);
        size += lines[i].second.size();
    }
    EXPECT_EQ(size, 150'000U);
    EXPECT_EQ(lines[3], std::pair(LogLevel::Info, std::string("short")));
}

TEST(OutputLines, SplitsBetweenCharacters) {
    std::string euros;
    for (int i = 0; i < 30'000; ++i) euros += "\xE2\x82\xAC";
    std::string joined;
    for (const auto& [level, line] : split({euros})) {
        EXPECT_LE(line.size(), kLongestLine);
        joined += line;
    }
    EXPECT_EQ(joined, euros);
}

TEST(OutputLines, ReplacesEachNulByteOfMany) {
    // Were the rest moved for each of them, this would take minutes.
    const std::string nuls(std::size_t{64} << 20U, '\0');
    std::string_view replaced = "\xEF\xBF\xBD";
    std::size_t characters = 0;
    OutputLines output(LogLevel::Info, [&](LogLevel, std::string_view line) {
        characters += line.size() / replaced.size();
    });
    output.add(nuls);
    output.finish();
    EXPECT_EQ(characters, nuls.size());
    EXPECT_EQ(split({std::string("a\0\0b\0\n", 6)}), (Lines{{LogLevel::Info,
                                                             "a\xEF\xBF\xBD\xEF\xBF\xBD"
                                                             "b\xEF\xBF\xBD"}}));
}

TEST(OutputLines, HoldsNoMoreThanOneLine) {
    // 64 MiB without a line end, in pieces: what is too long is passed on, not collected.
    std::size_t passed = 0;
    OutputLines output(LogLevel::Info,
                       [&](LogLevel, std::string_view line) { passed += line.size(); });
    const std::string piece(64U << 10U, 'x');
    for (int i = 0; i < 1024; ++i) output.add(piece);
    EXPECT_GE(passed, 1023 * piece.size());
}

}  // namespace
}  // namespace periodic
