#include <gtest/gtest.h>

#include "periodic/command.hpp"
#include "task/findings.hpp"
#include "task/xml_document.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

CommandConfig config(std::string_view xml) {
    Findings findings(xml, "test.xml");
    return CommandConfig(parse_xml(xml, findings).value());
}

TEST(CommandConfig, ReadsTextAsItIsWrittenOrTrimmed) {
    const CommandConfig command =
        config("<command>\n  a &lt; <!-- no -->b<![CDATA[ && c ]]> </command>");
    EXPECT_EQ(command.element().text, "\n  a < b && c  ");
    EXPECT_EQ(command.text(), "a < b && c");
}

TEST(CommandConfig, KeepsBlankTextBetweenItsPieces) {
    EXPECT_EQ(config("<command>a<x/> <![CDATA[b]]>\r\nc</command>").element().text, "a b\nc");
}

TEST(CommandConfig, ReadsChildrenByTheirKind) {
    const CommandConfig command = config(
        "<command a='1'><path> /tmp </path><on>true</on><n>-5</n><wait>1m</wait><none/></command>");
    EXPECT_EQ(command.required("path").value(), "/tmp");
    EXPECT_EQ(command.optional("path", "x").value(), "/tmp");
    EXPECT_EQ(command.optional("no", "x").value(), "x");
    EXPECT_TRUE(command.boolean("on", false).value());
    EXPECT_TRUE(command.boolean("no", true).value());
    EXPECT_EQ(command.integer("n", 1).value(), -5);
    EXPECT_EQ(command.integer("no", 1).value(), 1);
    EXPECT_EQ(command.duration("wait", 1s).value(), 60s);
    EXPECT_EQ(command.duration("no", 1s).value(), 1s);
    EXPECT_EQ(command.attribute("a"), "1");
    EXPECT_EQ(command.attribute("b", "otherwise"), "otherwise");
}

TEST(CommandConfig, PointsAtWhatIsWrong) {
    const CommandConfig command = config(
        "<command>\n<path> </path>\n<n>1x</n>\n<on>yes</on>\n<d>soon</d>\n<t/><t/></command>");
    EXPECT_EQ(command.required("path").error().line, 2U);
    EXPECT_EQ(command.required("no").error().line, 1U);
    EXPECT_EQ(command.integer("n", 0).error().line, 3U);
    EXPECT_EQ(command.boolean("on", false).error().line, 4U);
    EXPECT_EQ(command.duration("d", 0s).error().line, 5U);
    EXPECT_EQ(command.optional("t").error().column, 5U);
    EXPECT_EQ(command.required("path").error().code, ErrorCode::Invalid);
}

TEST(OutcomeWords, AreReadAsTheyAreWritten) {
    for (const Outcome outcome :
         {Outcome::Success, Outcome::Fail, Outcome::Abort, Outcome::Reschedule}) {
        EXPECT_EQ(outcome_from(to_string(outcome)), outcome);
    }
    EXPECT_EQ(outcome_from("Success"), std::nullopt);
}

}  // namespace
}  // namespace periodic
