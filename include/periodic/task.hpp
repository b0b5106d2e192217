#pragma once

/// @file
/// A task: what one XML file says.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "periodic/command.hpp"
#include "periodic/command_registry.hpp"
#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/value.hpp"

namespace periodic {

/// How the delay between retries grows.
enum class Backoff : std::uint8_t { Constant, Linear, Exponential };

struct RetryPolicy {
    int max = 0;  ///< retries after the first attempt, 0 to 1000
    std::chrono::seconds delay{30};
    Backoff backoff = Backoff::Exponential;
    std::chrono::seconds max_delay{3600};
    double jitter = 0.1;  ///< a fraction either way, 0 to 1
};

/// What a planning does with the occurrences that it finds.
struct CatchUpPolicy {
    enum class Kind : std::uint8_t { Once, All, None };
    Kind kind = Kind::Once;
    int limit = 100;                               ///< for All: jobs at most, 1 to 10,000
    std::chrono::seconds grace{60};                ///< for None: how old the latest may be
    std::optional<std::chrono::seconds> within{};  ///< what is older is forgotten, on record
};

/// A declared parameter.
struct ParameterDeclaration {
    enum class Type : std::uint8_t { String, Integer, Number, Boolean, Duration, Enum, Json };
    std::string name{};
    Type type = Type::String;
    bool required = false;
    std::optional<std::string> default_value{};
    std::optional<std::string> pattern{};  ///< an ECMAScript regular expression for the whole value
    std::vector<std::string> values{};     ///< for Enum
    std::uint32_t line = 0;
};
[[nodiscard]] std::string_view to_string(ParameterDeclaration::Type type) noexcept;

/// One command of a task, configured.
struct TaskCommand {
    enum class When : std::uint8_t { Success, Failure, Always };
    std::string type{};
    When when = When::Success;
    bool continue_on_failure = false;
    CommandConfig config{ConfigElement{}};
    CommandType::Factory create = nullptr;
};

/// A named part of a task.
struct TaskPhase {
    std::string name{};  ///< `*` serves every phase that has none of its own
    std::vector<TaskCommand> commands{};
    std::optional<std::string> next{};
};

/// Another task to queue when the job has ended.
struct FollowUp {
    std::string task{};
    Values parameters{};
};

/// A task as its file says, checked: every command has been made once.
struct Task {
    std::string name{};
    std::string file{};
    std::string digest{};  ///< SHA-256 of the file, hexadecimal
    std::string description{};

    std::chrono::seconds reschedule_time{300};
    std::chrono::seconds timeout{3600};  ///< 0: none
    std::chrono::seconds kill_after{10};
    RetryPolicy retries{};
    CatchUpPolicy catch_up{};
    Overlap overlap = Overlap::Skip;
    int concurrency = 1;            ///< 0: no limit
    std::string concurrency_key{};  ///< a parameter's name; empty: the limit is for all
    OnLost on_lost = OnLost::Fail;
    std::string topic{"default"};
    int priority = 0;                            ///< -1,000,000 to 1,000,000
    std::optional<RetentionPolicy> retention{};  ///< none: the home's
    std::uint64_t log_limit = 10U << 20U;        ///< bytes
    std::string user{};                          ///< empty: the caller's
    std::string directory{};                     ///< empty: the home
    int nice = 0;                                ///< 0 to 19, as root also -20 to -1
    std::vector<std::pair<std::string, std::string>> environment{};
    std::string heartbeat{};  ///< the address that is told of each run; empty: none
    std::vector<FollowUp> on_success{};
    std::vector<FollowUp> on_failure{};

    bool declares_parameters = false;
    bool open_parameters = false;  ///< undeclared ones are accepted all the same
    std::vector<ParameterDeclaration> parameters{};

    std::vector<TaskCommand> commands{};  ///< empty if the task has phases
    std::vector<TaskPhase> phases{};

    /// Checks parameters against the declarations, fills in defaults and gives declared ones their
    /// JSON type. Error: Usage, naming the parameter and what is allowed.
    [[nodiscard]] Result<Values> check_parameters(Values given) const;
};

/// A task file's content: the task if it is sound, and everything that was found.
struct TaskReading {
    std::optional<Task> task{};
    std::vector<Problem> problems{};
};

/// Reads a task from XML. `file` is for messages. All mistakes are found at once.
[[nodiscard]] TaskReading read_task(std::string_view xml, std::string name, std::string file,
                                    const CommandRegistry& commands);

/// The largest task file that is read, in bytes.
inline constexpr std::size_t kLongestTaskFile = std::size_t{1} << 20U;

/// Reads `directory/NAME.xml`. A name that is no task name, a missing and an unreadable file are
/// problems like any other; NotFound's hint has the nearest task's name.
[[nodiscard]] TaskReading read_task_file(const std::string& directory, std::string_view name,
                                         const CommandRegistry& commands);

/// The names of the tasks in a directory, in order. Error: Io if it can't be listed.
[[nodiscard]] Result<std::vector<std::string>> task_names(const std::string& directory);

}  // namespace periodic
