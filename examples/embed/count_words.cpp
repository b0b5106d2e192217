#include "count_words.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace app {
namespace {

class CountWords final : public periodic::Command {
public:
    explicit CountWords(std::string path) : path_(std::move(path)) {}

    // What the task file says wrongly is found here, by `check`, and not at night.
    static periodic::Result<std::unique_ptr<periodic::Command>> create(
        const periodic::CommandConfig& config) {
        auto path = config.required("path");
        if (!path) return periodic::Failure(path.error());
        return std::make_unique<CountWords>(*path);
    }

    periodic::Outcome execute(periodic::CommandContext& context) override {
        const std::filesystem::path path = std::filesystem::path(context.directory()) / path_;
        std::ifstream file(path);
        if (!file) {
            context.log(periodic::LogLevel::Error, "cannot open " + path.string());
            return periodic::Outcome::Fail;
        }
        using Words = std::istream_iterator<std::string>;
        const auto count = std::distance(Words(file), Words());
        context.log(periodic::LogLevel::Info, path_ + " has " + std::to_string(count) + " words");
        context.respond(std::to_string(count) + '\n');
        return periodic::Outcome::Success;
    }

private:
    std::string path_;
};

}  // namespace

periodic::CommandType count_words() {
    return {.name = "app.count-words",
            .summary = "Counts the words of a file",
            .children = {{.name = "path",
                          .required = true,
                          .doc = "The file, relative to the task's directory."}},
            .examples = {},
            .create = &CountWords::create};
}

}  // namespace app
