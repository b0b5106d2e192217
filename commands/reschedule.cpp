/// reschedule: runs the whole job again later.

#include <optional>

#include "periodic/command.hpp"
#include "periodic/duration.hpp"

namespace periodic::commands {
namespace {

class Reschedule final : public Command {
public:
    Reschedule(std::optional<std::chrono::seconds> after, std::string text)
        : after_(after), text_(std::move(text)) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        std::optional<std::chrono::seconds> after;
        if (const std::string* const text = config.element().attribute("after")) {
            const auto duration = parse_duration(*text);
            if (!duration) {
                return Failure(CommandConfig::error_at(config.element(),
                                                       "after=: " + duration.error().message,
                                                       duration.error().hint));
            }
            after = *duration;
        }
        return std::make_unique<Reschedule>(after, config.text());
    }

    Outcome execute(CommandContext& context) override {
        if (!text_.empty()) {
            context.log(LogLevel::Info, text_);
            context.set_message(text_);
        }
        if (after_) context.set_reschedule_after(*after_);
        return Outcome::Reschedule;
    }

private:
    std::optional<std::chrono::seconds> after_;
    std::string text_;
};

}  // namespace

CommandType reschedule() {
    return {.name = "reschedule",
            .summary = "Runs the whole job again later, with its text in the log",
            .children = {{.name = "after",
                          .default_value = "the task's reScheduleTime",
                          .doc = "How much later, as a duration.",
                          .attribute = true}},
            .examples = {R"(<command type="reschedule"/>)",
                         R"(<command type="reschedule" after="10m">no share is mounted</command>)"},
            .takes_text = true,
            .create = &Reschedule::create};
}

}  // namespace periodic::commands
