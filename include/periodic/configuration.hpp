#pragma once

/// @file
/// The configuration of a home: what `periodic.xml` says, or a host sets in code.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/error.hpp"
#include "periodic/logger.hpp"
#include "periodic/task.hpp"

namespace periodic {

/// One pool of the daemon's workers.
struct PoolOptions {
    std::string topic{"default"};
    int static_workers = 2;    ///< 1 to 1024
    int dynamic_workers = 30;  ///< 0 to 1024
    int slots = 1;             ///< jobs at once in one worker, 1 to 1024
    int grow_at = 1;           ///< waiting jobs above which a dynamic worker is added
    int alert_at = 100;
    std::int64_t recycle_jobs = 10'000;
    std::chrono::seconds recycle_after{3600};
    std::uint64_t max_memory = 256U << 20U;  ///< bytes
    std::chrono::seconds idle{60};

    friend bool operator==(const PoolOptions&, const PoolOptions&) = default;
};

/// Somebody to be told by a web request.
struct WebhookOptions {
    enum class Format : std::uint8_t { Plain, Slack, Discord, DingTalk, Teams };
    std::string url{};
    std::string url_file{};  ///< a file with the address, where that is a secret; empty: `url`
    std::string url_env{};   ///< the environment variable that has it; empty: `url`
    Format format = Format::Plain;
    std::string token_file{};  ///< a file with the secret that is sent along; empty: none
    std::string token_env{};   ///< the environment variable that has it; empty: none

    friend bool operator==(const WebhookOptions&, const WebhookOptions&) = default;
};

/// Somebody to be told by mail.
struct MailOptions {
    std::vector<std::string> to{};
    std::string from{};    ///< empty: the user at this machine
    std::string server{};  ///< smtp://HOST:PORT or smtps://; empty: the system's sendmail
    std::string user{};    ///< empty: without logging in
    std::string password_file{};
    std::string password_env{};

    friend bool operator==(const MailOptions&, const MailOptions&) = default;
};

/// Who is told of what.
struct NotifyOptions {
    std::vector<std::string> on{};  ///< events, of `notify_events()`
    std::string task{"*"};          ///< a glob for the names of the tasks that it is about
    std::string group{"*"};         ///< and for their groups; `*` is also none
    std::string topic{"*"};         ///< and for their topics
    std::string prefix{};           ///< stands before each message
    int after = 1;                  ///< so many in a row, 1 to 1,000,000
    std::chrono::seconds every{0};  ///< at most once in so long for the same thing; 0: each time
    std::vector<std::string> programs{};  ///< shell commands
    std::vector<WebhookOptions> webhooks{};
    std::vector<MailOptions> mails{};

    friend bool operator==(const NotifyOptions&, const NotifyOptions&) = default;
};

/// The words that `NotifyOptions::on` may hold.
[[nodiscard]] const std::vector<std::string_view>& notify_events();

/// A command line under a name of its own: `<alias name="do">job run</alias>`.
struct CommandAlias {
    std::string name{};
    std::string command{};
    std::uint32_t line = 0;  ///< where it stands in the file; 0: nowhere
    std::uint32_t column = 0;
};

/// Settings of a home. A default-constructed one is sound. Paths are relative to the home.
struct Configuration {
    std::string file{};  ///< where it was read from; empty: nowhere
    std::string state{"var"};
    std::vector<std::string> crontabs{"crontab"};
    std::string tasks{"tasks"};
    std::string time_zone{};                      ///< empty: TZ, then the system's
    std::chrono::seconds release_after{0};        ///< of the lock; 0: never
    std::string store_url{"sqlite:periodic.db"};  ///< relative to the state directory
    /// Keep the store's journal in a file that is deleted after each transaction, which also works
    /// on network file systems, and is slower.
    bool delete_journal = false;
    LogOptions log{.file = "periodic.log"};  ///< relative to the state directory
    RetentionPolicy retention{};
    std::vector<PoolOptions> pools{};
    std::vector<NotifyOptions> notify{};
    std::vector<CommandAlias> aliases{};
    /// The hash (crypt(5)) of the password that `job reset` asks for; empty: none is asked for.
    std::string reset_hash{};
};

struct ConfigurationReading {
    Configuration configuration{};
    std::vector<Problem> problems{};
    /// Whether `<state>` and `<store>` are as the file means them, whatever else is wrong in it:
    /// then its jobs are found.
    bool finds_jobs = true;
};

/// Reads `periodic.xml`'s text. All mistakes are found at once; what is sound is kept.
[[nodiscard]] ConfigurationReading read_configuration(std::string_view xml, std::string file);

/// Reads the file if it exists; one that does not is a sound, empty configuration.
[[nodiscard]] ConfigurationReading read_configuration_file(const std::string& path);

}  // namespace periodic
