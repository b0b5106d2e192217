// docs/task-format.md against the program: its examples are sound, and it leaves nothing out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "periodic/task.hpp"

namespace periodic {
namespace {

std::string page() {
    return read_file(std::string(PERIODIC_SOURCE_DIR) + "/docs/task-format.md", 1U << 20U).value();
}

TEST(TaskFormatPage, ShowsExamplesThatAreSound) {
    const std::string text = page();
    constexpr std::string_view kBegin = "```xml\n";
    int examples = 0;
    for (std::size_t at = text.find(kBegin); at != std::string::npos; at = text.find(kBegin, at)) {
        at += kBegin.size();
        const std::string example = text.substr(at, text.find("```", at) - at);
        const auto reading = read_task(example, "example", "task-format.md", builtin_commands());
        for (const auto& problem : reading.problems) ADD_FAILURE() << to_string(problem.error);
        ++examples;
    }
    EXPECT_GE(examples, 15);
}

TEST(TaskFormatPage, NamesEveryCommandWithItsChildren) {
    const std::string text = page();
    const CommandRegistry commands = builtin_commands();
    for (const CommandType* const type : commands.all()) {
        const std::size_t begin = text.find("\n### " + type->name + "\n");
        ASSERT_NE(begin, std::string::npos) << type->name;
        const std::string section = text.substr(begin, text.find("\n### ", begin + 1) - begin);
        for (const auto& child : type->children) {
            EXPECT_THAT(section, ::testing::HasSubstr(child.name)) << type->name;
        }
        for (const auto& alias : type->aliases) EXPECT_THAT(section, ::testing::HasSubstr(alias));
    }
}

TEST(TaskFormatPage, NamesEveryElementAndAttributeOfTheSchema) {
    const std::string text = page();
    const std::string schema =
        read_file(std::string(PERIODIC_SOURCE_DIR) + "/share/periodic/task.xsd", 1U << 20U).value();
    int names = 0;
    for (const std::string kind : {"<xs:element name=\"", "<xs:attribute name=\""}) {
        for (std::size_t at = schema.find(kind); at != std::string::npos;
             at = schema.find(kind, at)) {
            at += kind.size();
            const std::string name = schema.substr(at, schema.find('"', at) - at);
            EXPECT_THAT(text, ::testing::HasSubstr(name));
            ++names;
        }
    }
    EXPECT_GE(names, 50);
}

}  // namespace
}  // namespace periodic
