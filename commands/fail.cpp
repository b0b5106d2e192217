/// fail: ends the attempt as a failure.

#include "periodic/command.hpp"

namespace periodic::commands {
namespace {

class Fail final : public Command {
public:
    explicit Fail(std::string text) : text_(std::move(text)) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        return std::make_unique<Fail>(config.text());
    }

    Outcome execute(CommandContext& context) override {
        if (!text_.empty()) {
            context.log(LogLevel::Error, text_);
            context.set_message(text_);
        }
        return Outcome::Fail;
    }

private:
    std::string text_;
};

}  // namespace

CommandType fail() {
    return {.name = "fail",
            .summary = "Fails, with its text in the log and as the job's message",
            .examples = {"<command type=\"fail\"/>",
                         "<command type=\"fail\">the mail server said no</command>"},
            .takes_text = true,
            .create = &Fail::create};
}

}  // namespace periodic::commands
