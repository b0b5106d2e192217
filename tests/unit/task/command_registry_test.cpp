#include "periodic/command_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace periodic {
namespace {

using ::testing::ElementsAre;

class Nothing final : public Command {
public:
    static Result<std::unique_ptr<Command>> create(const CommandConfig&) {
        return std::make_unique<Nothing>();
    }
    Outcome execute(CommandContext&) override { return Outcome::Success; }
};

CommandType type(std::string name, std::vector<std::string> aliases = {}) {
    return {.name = std::move(name), .aliases = std::move(aliases), .create = &Nothing::create};
}

TEST(CommandRegistry, FindsTypesByNameAndAlias) {
    CommandRegistry registry;
    EXPECT_EQ(registry.add(type("app.reindex", {"reindex"})).value()->name, "app.reindex");
    EXPECT_EQ(registry.add_alias("again", "reindex").value()->name, "app.reindex");
    for (const char* name : {"app.reindex", "reindex", "again"}) {
        ASSERT_NE(registry.find(name), nullptr) << name;
        EXPECT_EQ(registry.find(name)->name, "app.reindex");
    }
    EXPECT_EQ(registry.find("index"), nullptr);
    EXPECT_EQ(registry.all().size(), 1U);
    EXPECT_THAT(registry.names(), ElementsAre("again", "app.reindex", "reindex"));
}

TEST(CommandRegistry, RefusesATakenNameAndChangesNothing) {
    CommandRegistry registry = builtin_commands();
    const auto before = registry.names();
    EXPECT_EQ(registry.add(type("shell")).error().code, ErrorCode::Conflict);
    EXPECT_EQ(registry.add(type("system.exec")).error().code, ErrorCode::Conflict);
    EXPECT_EQ(registry.add(type("app.a", {"log"})).error().code, ErrorCode::Conflict);
    EXPECT_EQ(registry.add(type("app.a", {"app.a"})).error().code, ErrorCode::Conflict);
    EXPECT_EQ(registry.add_alias("log", "sleep").error().code, ErrorCode::Conflict);
    EXPECT_EQ(registry.add_alias("nap", "slep").error().code, ErrorCode::NotFound);
    EXPECT_EQ(registry.names(), before);
}

TEST(CommandRegistry, RefusesNamesThatNoFileCouldWrite) {
    CommandRegistry registry;
    for (const char* name : {"", "App", "9a", ".a", "a b", "a/b"}) {
        EXPECT_EQ(registry.add(type(name)).error().code, ErrorCode::Usage) << name;
    }
    EXPECT_EQ(registry.add({.name = "a"}).error().code, ErrorCode::Usage) << "no factory";
}

TEST(CommandRegistry, IsAValue) {
    const CommandRegistry first = builtin_commands();
    CommandRegistry second = first;
    second.add(type("app.a")).value();
    EXPECT_EQ(first.find("app.a"), nullptr);
    EXPECT_NE(second.find("system.exec"), nullptr);
    EXPECT_NE(second.find("system.exec"), first.find("system.exec"));
}

}  // namespace
}  // namespace periodic
