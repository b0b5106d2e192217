// Tells by a shell command.

#include "notify/told_program.hpp"
#include "periodic/notifier.hpp"

namespace periodic {
namespace {

constexpr std::chrono::seconds kPatience{60};
// A variable that is longer can't be handed to a program.
constexpr std::size_t kLongestMessage = 32U << 10U;

class ExecNotifier final : public Notifier {
public:
    ExecNotifier(std::string command, const NotifierParts& parts)
        : command_(std::move(command)), launcher_(*parts.launcher), directory_(parts.directory) {}

    Result<void> notify(const Notification& notification, std::stop_token stop) override {
        std::string message = notification.message.substr(0, kLongestMessage);
        std::erase(message, '\0');
        return run_told_program(
            launcher_, command_, directory_,
            {{"PERIODIC_EVENT", notification.event},
             {"PERIODIC_TASK", notification.task},
             {"PERIODIC_GROUP", notification.group},
             {"PERIODIC_TOPIC", notification.topic},
             {"PERIODIC_JOB_ID",
              notification.job == 0 ? std::string() : std::to_string(notification.job)},
             {"PERIODIC_MESSAGE", std::move(message)},
             {"PERIODIC_COUNT", std::to_string(notification.count)},
             {"PERIODIC_PREFIX", notification.prefix},
             {"PERIODIC_HOME", directory_}},
            kPatience, stop);
    }

private:
    std::string command_;
    ProcessLauncher& launcher_;
    std::string directory_;
};

}  // namespace

std::unique_ptr<Notifier> make_exec_notifier(std::string command, const NotifierParts& parts) {
    return std::make_unique<ExecNotifier>(std::move(command), parts);
}

}  // namespace periodic
