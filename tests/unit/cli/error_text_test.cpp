#include "cli/error_text.hpp"

#include <gtest/gtest.h>

namespace periodic::cli {
namespace {

TEST(ErrorForPeople, PutsTheCaretUnderWideCharactersToo) {
    const Error error{
        .message = "unknown task", .file = "crontab", .line = 2, .column = 7, .excerpt = "日本x"};
    EXPECT_EQ(error_text(error, Severity::Error, {}),
              "crontab:2:7: unknown task\n"
              "    日本x\n"
              "        ^\n");
}

TEST(ErrorForPeople, ShowsThePartOfALongLineAroundTheColumn) {
    const Error error{.message = "m",
                      .file = "f",
                      .line = 1,
                      .column = 50'001,
                      .excerpt = std::string(50'000, 'a') + 'X' + std::string(50'000, 'b')};
    EXPECT_EQ(error_text(error, Severity::Error, {}),
              "f:1:50001: m\n    ..." + std::string(90, 'a') + 'X' + std::string(49, 'b') +
                  "...\n" + std::string(4 + 93, ' ') + "^\n");
}

TEST(ErrorForPeople, CanPointBehindTheLinesEnd) {
    const Error error{.message = "m", .file = "f", .line = 1, .column = 4, .excerpt = "abc"};
    EXPECT_EQ(error_text(error, Severity::Error, {}), "f:1:4: m\n    abc\n       ^\n");
}

TEST(ErrorForPeople, NamesTheProgramWithoutAFile) {
    EXPECT_EQ(error_text({.message = "no home", .hint = "make one\nor two"}, Severity::Error, {}),
              "periodic: no home\n    make one\n    or two\n");
}

TEST(ErrorForPeople, SaysThatAWarningIsOne) {
    EXPECT_EQ(error_text({.message = "odd", .file = "f"}, Severity::Warning, {}),
              "f: warning: odd\n");
}

TEST(ErrorForPeople, LetsNothingDisturbTheTerminal) {
    const std::string text = error_text({.message = "task '\x1B[2J'",
                                         .file = "a\x1B"
                                                 "b"},
                                        Severity::Error, {});
    EXPECT_EQ(text.find('\x1B'), std::string::npos);
}

TEST(ErrorForPeople, IsColouredOnlyWhereColoursAreShown) {
    const Error error{.message = "m", .file = "f", .line = 1, .column = 1, .excerpt = "x"};
    EXPECT_NE(error_text(error, Severity::Error, {.interactive = true, .colour = true})
                  .find("\x1B[1;31m^"),
              std::string::npos);
    EXPECT_EQ(error_text(error, Severity::Error, {.interactive = true}).find('\x1B'),
              std::string::npos);
}

}  // namespace
}  // namespace periodic::cli
