// shell and exec: what they make of their XML.

#include "command_fixture.hpp"

namespace periodic {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class ProgramCommandTest : public CommandTest {
protected:
    Program made(const std::string& element) {
        run(element);
        return context.programs.empty() ? Program{} : context.programs.back();
    }
};

TEST_F(ProgramCommandTest, ShellPassesItsTextToSh) {
    const Program program =
        made("<command type=\"shell\">  echo \"$HOME\" &amp;&amp; ls  </command>");
    EXPECT_EQ(program.path, "/bin/sh");
    EXPECT_THAT(program.arguments, ElementsAre("-c", "echo \"$HOME\" && ls"));
    EXPECT_FALSE(program.leave);
    EXPECT_TRUE(program.exits.empty());
}

TEST_F(ProgramCommandTest, ShellTakesAnotherInterpreterWithOptions) {
    const Program program =
        made("<command type=\"shell\" interpreter=\" bash  -e \">true</command>");
    EXPECT_EQ(program.path, "bash");
    EXPECT_THAT(program.arguments, ElementsAre("-e", "-c", "true"));
}

TEST_F(ProgramCommandTest, AScriptIsNoOption) {
    EXPECT_THAT(made("<command type=\"shell\">-e</command>").arguments, ElementsAre("-c", " -e"));
}

TEST_F(ProgramCommandTest, TheOriginalsNameWorks) {
    EXPECT_EQ(made("<command type=\"system.exec\" failOnError=\"false\">true</command>").path,
              "/bin/sh");
}

TEST_F(ProgramCommandTest, ExecPassesArgumentsAsTheyAreWritten) {
    const Program program = made(
        "<command type=\"exec\" leave=\"true\"><program> rsync </program><argument> a b </argument>"
        "<argument></argument><argument>$(id)</argument>"
        "<exit code=\"24\" outcome=\"success\"/><exit code=\"255\" "
        "outcome=\"reschedule\"/></command>");
    EXPECT_EQ(program.path, "rsync");
    EXPECT_THAT(program.arguments, ElementsAre(" a b ", "", "$(id)"));
    EXPECT_TRUE(program.leave);
    EXPECT_THAT(program.exits,
                ElementsAre(Pair(24, Outcome::Success), Pair(255, Outcome::Reschedule)));
}

struct Mistake {
    const char* element;
    const char* message;
};
class ProgramCommandMistake : public CommandTest, public ::testing::WithParamInterface<Mistake> {};

TEST_P(ProgramCommandMistake, IsFoundBeforeAnythingRuns) {
    EXPECT_THAT(mistake(GetParam().element), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Xml, ProgramCommandMistake,
    ::testing::Values(
        Mistake{"<command type=\"shell\"/>", "no script"},
        Mistake{"<command type=\"shell\" interpreter=\" \">x</command>", "interpreter= is empty"},
        Mistake{"<command type=\"shell\" leave=\"maybe\">x</command>", "'maybe' is not known"},
        Mistake{"<command type=\"shell\">x<exit code=\"3\"/></command>", "lacks outcome="},
        Mistake{"<command type=\"shell\">x<exit outcome=\"fail\"/></command>", "lacks code="},
        Mistake{"<command type=\"shell\">x<exit code=\"256\" outcome=\"fail\"/></command>",
                "'256' is no exit code"},
        Mistake{"<command type=\"shell\">x<exit code=\"3x\" outcome=\"fail\"/></command>",
                "'3x' is no exit code"},
        Mistake{"<command type=\"shell\">x<exit code=\"3\" outcome=\"stop\"/></command>",
                "'stop' is not known"},
        Mistake{"<command type=\"shell\">x<exit code=\"3\" outcome=\"fail\"/>"
                "<exit code=\"3\" outcome=\"abort\"/></command>",
                "3 is given twice"},
        Mistake{"<command type=\"exec\"/>", "needs <program>"},
        Mistake{"<command type=\"exec\"><program> </program></command>", "<program> is empty"},
        Mistake{"<command type=\"exec\">ls<program>ls</program></command>", "text"}));

}  // namespace
}  // namespace periodic
