#pragma once

/// @file
/// Telling people what went wrong: a seam, and the kinds that ship.

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/configuration.hpp"
#include "periodic/error.hpp"
#include "periodic/http_client.hpp"
#include "periodic/job.hpp"
#include "periodic/process_launcher.hpp"
#include "periodic/run_observer.hpp"

namespace periodic {

/// One thing to be told.
struct Notification {
    std::string event{};  ///< a word of `notify_events()`
    std::string task{};   ///< empty if it is about none
    std::string group{};
    std::string topic{};
    JobId job = 0;  ///< 0 if it is about none
    std::string message{};
    std::int64_t count = 1;  ///< how often it happened, with what was not told; what waits, of
                             ///< `backlog`
    Time time{};
    std::string prefix{};  ///< stands before the message

    friend bool operator==(const Notification&, const Notification&) = default;
};

/// The notification as one line: `web1 failed: backup, job 42: exit code 3 (5 times)`.
[[nodiscard]] std::string to_string(const Notification& notification);

/// Tells somebody. Used by one thread at a time.
class Notifier {
public:
    Notifier() = default;
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;
    virtual ~Notifier() = default;

    /// Returns soon after `stop` is requested. Error: Io if another try may help, any other code if
    /// not. Its message holds no secret.
    [[nodiscard]] virtual Result<void> notify(const Notification& notification,
                                              std::stop_token stop) = 0;
};

/// What the notifiers that ship work with.
struct NotifierParts {
    ProcessLauncher* launcher = nullptr;
    std::string directory{};  ///< of programs, and of relative paths
    /// Made when the first address is told of something.
    std::function<Result<std::shared_ptr<HttpClient>>()> http{};
};

/// Runs a shell command with PERIODIC_EVENT, PERIODIC_TASK, PERIODIC_JOB_ID, PERIODIC_MESSAGE and
/// PERIODIC_COUNT in its environment; it has 60 s.
[[nodiscard]] std::unique_ptr<Notifier> make_exec_notifier(std::string command,
                                                           const NotifierParts& parts);
/// Posts to an address, in the form that the service there wants.
[[nodiscard]] std::unique_ptr<Notifier> make_webhook_notifier(WebhookOptions options,
                                                              const NotifierParts& parts);
/// Sends a mail.
[[nodiscard]] std::unique_ptr<Notifier> make_mail_notifier(MailOptions options,
                                                           const NotifierParts& parts);

/// Does what `<notify>` of the configuration and `<heartbeat>` of tasks say. For
/// `ExecutorOptions::observer`; one for each executor.
///
///     options.observer = make_notifications();
[[nodiscard]] std::shared_ptr<RunObserver> make_notifications();

}  // namespace periodic
