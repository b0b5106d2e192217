/// abort: ends the job without a failure, where the rest of its task makes no sense.

#include "periodic/command.hpp"

namespace periodic::commands {
namespace {

class Abort final : public Command {
public:
    explicit Abort(std::string text) : text_(std::move(text)) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        return std::make_unique<Abort>(config.text());
    }

    Outcome execute(CommandContext& context) override {
        if (!text_.empty()) {
            context.log(LogLevel::Info, text_);
            context.set_message(text_);
        }
        return Outcome::Abort;
    }

private:
    std::string text_;
};

}  // namespace

CommandType abort() {
    return {.name = "abort",
            .summary = "Ends the job as aborted, with its text in the log and as the job's message",
            .examples = {"<command type=\"abort\"/>",
                         "<command type=\"abort\">it is a holiday</command>"},
            .takes_text = true,
            .create = &Abort::create};
}

}  // namespace periodic::commands
