/// log: writes a line to the job's log.

#include "periodic/command.hpp"

namespace periodic::commands {
namespace {

class Log final : public Command {
public:
    Log(LogLevel level, std::string text) : level_(level), text_(std::move(text)) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        const std::string_view word = config.attribute("level", "info");
        const auto level = log_level_from(word);
        if (!level) {
            return Failure(CommandConfig::error_at(
                config.element(), "level=: '" + std::string(word) + "' is not known here",
                "write debug, info, warning or error"));
        }
        std::string text = config.text();
        if (text.empty()) {
            return Failure(CommandConfig::error_at(config.element(), "the command log has no text",
                                                   "write <command type=\"log\">TEXT</command>"));
        }
        return std::make_unique<Log>(*level, std::move(text));
    }

    Outcome execute(CommandContext& context) override {
        context.log(level_, text_);
        return Outcome::Success;
    }

private:
    LogLevel level_;
    std::string text_;
};

}  // namespace

CommandType log() {
    return {.name = "log",
            .summary = "Writes its text to the job's log",
            .children = {{.name = "level",
                          .default_value = "info",
                          .doc = "How much it matters: debug, info, warning or error.",
                          .attribute = true}},
            .examples = {R"(<command type="log">the backup begins</command>)",
                         R"(<command type="log" level="warning">nothing to do</command>)"},
            .takes_text = true,
            .create = &Log::create};
}

}  // namespace periodic::commands
