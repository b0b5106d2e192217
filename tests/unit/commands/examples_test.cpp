// The contract of built-in commands: each says what it is and brings examples, and these work.

#include "command_fixture.hpp"

namespace periodic {
namespace {

struct Example {
    std::string type;
    std::string text;
};

void PrintTo(const Example& example, std::ostream* out) {
    *out << example.text;
}

std::vector<Example> all_examples() {
    std::vector<Example> examples;
    const CommandRegistry commands = builtin_commands();
    for (const CommandType* const type : commands.all()) {
        for (const auto& text : type->examples) examples.push_back({type->name, text});
    }
    return examples;
}

class ExampleTest : public CommandTest, public ::testing::WithParamInterface<Example> {
protected:
    ExampleTest() {
        write("data/a.txt");
        write("data/below/b.txt");
        write("old/c.txt");
        write("cache/d.tmp");
        context.child = Job{};
        context.child->state = JobState::Succeeded;
    }
};

// What a command is for decides how it ends.
Outcome expected(const std::string& type) {
    if (type == "fail") return Outcome::Fail;
    if (type == "abort") return Outcome::Abort;
    if (type == "reschedule") return Outcome::Reschedule;
    return Outcome::Success;
}

TEST_P(ExampleTest, DoesWhatItsTypeIsFor) {
    ASSERT_EQ(mistake(GetParam().text), "");
    if (GetParam().type == "http.request") return;  // a test asks no stranger's server
    EXPECT_EQ(run(GetParam().text), expected(GetParam().type));
    EXPECT_THAT(warnings(), ::testing::Not(::testing::Contains(::testing::HasSubstr("skipped"))));
}

INSTANTIATE_TEST_SUITE_P(BuiltIn, ExampleTest, ::testing::ValuesIn(all_examples()));

TEST(BuiltInCommands, SayWhatTheyAreAndTakeAndShowIt) {
    const CommandRegistry commands = builtin_commands();
    for (const CommandType* const type : commands.all()) {
        SCOPED_TRACE(type->name);
        EXPECT_FALSE(type->summary.empty());
        EXPECT_NE(type->summary.back(), '.');
        EXPECT_FALSE(type->examples.empty());
        for (const auto& child : type->children) EXPECT_FALSE(child.doc.empty()) << child.name;
    }
}

TEST(BuiltInCommands, AreThoseThatThePageNames) {
    std::vector<std::string> names;
    const CommandRegistry commands = builtin_commands();
    for (const CommandType* const type : commands.all()) names.push_back(type->name);
    EXPECT_THAT(names, ::testing::IsSupersetOf({"abort", "fail", "fs.copy", "fs.mkdir", "fs.move",
                                                "fs.remove", "log", "reschedule", "sleep"}));
}

}  // namespace
}  // namespace periodic
