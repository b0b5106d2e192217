#pragma once

/// @file
/// Runs one `<command>` element in a temporary directory.

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_command_context.hpp"
#include "periodic/task.hpp"
#include "temporary_directory.hpp"

namespace periodic {

class CommandTest : public ::testing::Test {
protected:
    CommandTest() {
        std::filesystem::create_directory(home());
        std::filesystem::create_directory(work());
    }

    [[nodiscard]] std::filesystem::path home() const { return directory_.path() / "home"; }
    [[nodiscard]] std::filesystem::path work() const { return directory_.path() / "work"; }
    [[nodiscard]] bool exists(const std::string& name) const {
        return std::filesystem::exists(std::filesystem::symlink_status(work() / name));
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        return directory_.read("work/" + name);
    }
    void write(const std::string& name, const std::string& text = "text") const {
        std::filesystem::create_directories((work() / name).parent_path());
        directory_.write("work/" + name, text);
    }

    /// Reads the element as a task would, makes the command and executes it.
    Outcome run(const std::string& element) {
        const auto reading =
            read_task("<task>" + element + "</task>", "test", "test.xml", builtin_commands());
        for (const auto& problem : reading.problems)
            throw std::runtime_error(to_string(problem.error));
        const TaskCommand& command = reading.task->commands.at(0);
        return command.create(command.config).value()->execute(context);
    }

    /// What is wrong with the element; empty if nothing is.
    static std::string mistake(const std::string& element) {
        const auto reading =
            read_task("<task>" + element + "</task>", "test", "test.xml", builtin_commands());
        return reading.problems.empty() ? "" : reading.problems.front().error.message;
    }

    [[nodiscard]] std::vector<std::string> warnings() const {
        return context.logged(LogLevel::Warning);
    }
    [[nodiscard]] std::vector<std::string> errors() const {
        return context.logged(LogLevel::Error);
    }

    TemporaryDirectory directory_;
    FakeCommandContext context{home().string(), work().string()};
};

}  // namespace periodic
