#include "periodic/error.hpp"

#include <gtest/gtest.h>

namespace periodic {
namespace {

TEST(ErrorText, PointsAtTheColumn) {
    const Error error{.message = "unknown element <comand>",
                      .hint = "did you mean <command>?",
                      .file = "tasks/mail.xml",
                      .line = 3,
                      .column = 4,
                      .excerpt = "  <comand type=\"shell\">"};
    EXPECT_EQ(to_string(error),
              "tasks/mail.xml:3:4: unknown element <comand>\n"
              "      <comand type=\"shell\">\n"
              "       ^\n"
              "    did you mean <command>?");
}

TEST(ErrorText, IsJustTheMessageWithoutAFile) {
    EXPECT_EQ(to_string(Error{.message = "no home"}), "no home");
}

TEST(NearestWord, TakesTwoSwappedLettersForOneEdit) {
    EXPECT_EQ(nearest_word("mial", {"mail", "main"}), "mail");
    EXPECT_EQ(nearest_word("amil", {"mail"}), "mail");
    EXPECT_EQ(nearest_word("liam", {"mail"}), "");
}

TEST(NearestWord, ForgivesTwoEdits) {
    EXPECT_EQ(nearest_word("comand", {"command", "config"}), "command");
    EXPECT_EQ(nearest_word("TIMEOUT", {"timeout"}), "timeout");
    EXPECT_EQ(nearest_word("zzz", {"command", "config"}), "");
}

}  // namespace
}  // namespace periodic
