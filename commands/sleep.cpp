/// sleep: waits, on the clock that the context gives.

#include "periodic/command.hpp"
#include "periodic/duration.hpp"

namespace periodic::commands {
namespace {

class Sleep final : public Command {
public:
    explicit Sleep(std::chrono::seconds duration) : duration_(duration) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        const auto duration = parse_duration(config.text());
        if (!duration) {
            return Failure(CommandConfig::error_at(config.element(), duration.error().message,
                                                   duration.error().hint));
        }
        return std::make_unique<Sleep>(*duration);
    }

    Outcome execute(CommandContext& context) override {
        return context.sleep_for(duration_) ? Outcome::Success : Outcome::Fail;
    }

private:
    std::chrono::seconds duration_;
};

}  // namespace

CommandType sleep() {
    return {.name = "sleep",
            .summary = "Waits for a duration, such as 30s or 1h30m",
            .examples = {"<command type=\"sleep\">2s</command>"},
            .takes_text = true,
            .create = &Sleep::create};
}

}  // namespace periodic::commands
