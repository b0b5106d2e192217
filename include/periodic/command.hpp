#pragma once

/// @file
/// Commands: the steps of a task. A host adds its own by deriving from `Command`.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/logger.hpp"
#include "periodic/process_launcher.hpp"
#include "periodic/value.hpp"

namespace periodic {

/// What a command says of its work.
enum class Outcome : std::uint8_t {
    Success,
    Fail,        ///< the job fails, or is retried
    Abort,       ///< the rest of the task makes no sense; no failure
    Reschedule,  ///< the whole job again, after the task's reScheduleTime
};
/// `success fail abort reschedule`.
[[nodiscard]] std::string_view to_string(Outcome outcome) noexcept;
[[nodiscard]] std::optional<Outcome> outcome_from(std::string_view word) noexcept;

/// An XML element as a value, with its place in the file.
struct ConfigElement {
    struct Attribute {
        std::string name{};
        std::string value{};
        std::uint32_t line = 0;
        std::uint32_t column = 0;
    };
    std::string name{};
    std::string text{};  ///< all character data of the element itself, as written
    std::vector<Attribute> attributes{};
    std::vector<ConfigElement> children{};
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    [[nodiscard]] const std::string* attribute(std::string_view wanted) const noexcept;
    [[nodiscard]] const ConfigElement* child(std::string_view wanted) const noexcept;
};

/// The configuration of one command: its XML element, with readers that make good errors. The
/// loader has already refused children and attributes that the command's type does not declare,
/// and filled in none.
class CommandConfig {
public:
    explicit CommandConfig(ConfigElement element) : element_(std::move(element)) {}

    [[nodiscard]] const ConfigElement& element() const noexcept { return element_; }

    /// The element's text with blanks trimmed at both ends.
    [[nodiscard]] std::string text() const;

    /// The trimmed text of a child. Error: Invalid if it is missing, given twice or empty.
    [[nodiscard]] Result<std::string> required(std::string_view child) const;
    /// The trimmed text of a child, or `otherwise`. Error: Invalid if it is given twice.
    [[nodiscard]] Result<std::string> optional(std::string_view child,
                                               std::string_view otherwise = {}) const;
    /// `true` or `false`, else an error.
    [[nodiscard]] Result<bool> boolean(std::string_view child, bool otherwise) const;
    [[nodiscard]] Result<std::int64_t> integer(std::string_view child,
                                               std::int64_t otherwise) const;
    [[nodiscard]] Result<std::chrono::seconds> duration(std::string_view child,
                                                        std::chrono::seconds otherwise) const;
    /// An attribute's value, or `otherwise`.
    [[nodiscard]] std::string_view attribute(std::string_view name,
                                             std::string_view otherwise = {}) const noexcept;

    /// An error at a place of this configuration.
    [[nodiscard]] static Error error_at(const ConfigElement& where, std::string message,
                                        std::string hint = {});

private:
    ConfigElement element_;
};

/// A program for a command to run.
struct Program {
    std::string path{};  ///< a path, or a name that is looked up in PATH
    std::vector<std::string> arguments{};
    bool leave = false;  ///< keep what it leaves behind in its group
    /// Exit codes that mean more than 0 (success), 75 (reschedule) and the rest (fail).
    std::vector<std::pair<int, Outcome>> exits{};
};

/// How a command queues another task's job.
struct EnqueueOptions {
    std::string group{};
    std::string key{};              ///< at most one unfinished job has it
    std::optional<int> priority{};  ///< none: the task's
    std::string comment{};
};

/// What a running command may see and do. It belongs to one attempt and is used by its thread;
/// `stop_token` and `log` may be used from any thread.
class CommandContext {
public:
    CommandContext() = default;
    CommandContext(const CommandContext&) = delete;
    CommandContext& operator=(const CommandContext&) = delete;
    virtual ~CommandContext() = default;

    /// The job as it was when the attempt began: id, task, group, attempt, phase, scheduled,
    /// comment.
    [[nodiscard]] virtual const Job& job() const noexcept = 0;
    /// The home directory, absolute.
    [[nodiscard]] virtual const std::string& home() const noexcept = 0;
    /// What relative paths start from: the task's directory, absolute.
    [[nodiscard]] virtual const std::string& directory() const noexcept = 0;

    [[nodiscard]] virtual const Values& parameters() const noexcept = 0;
    virtual void set_parameter(std::string name, Value value) = 0;
    [[nodiscard]] virtual const Values& attributes() const noexcept = 0;
    virtual void set_attribute(std::string name, Value value) = 0;

    /// The phase that follows if the attempt succeeds.
    virtual void set_next_phase(std::string phase) = 0;
    /// A line for people about what came out.
    virtual void set_message(std::string message) = 0;
    /// Tells kinds of success apart, for programs: `already-exists`.
    virtual void set_result_code(std::string code) = 0;
    virtual void set_comment(std::string comment) = 0;
    /// 0 to 100; what is outside is brought inside.
    virtual void set_progress(int percent) = 0;
    virtual void set_interval(std::chrono::seconds interval) = 0;
    /// After "reschedule", instead of the task's reScheduleTime.
    virtual void set_reschedule_after(std::chrono::seconds delay) = 0;
    /// Deletes the job when the attempt has ended.
    virtual void delete_job() = 0;
    /// Appends to the job's response.
    virtual void respond(std::string_view bytes) = 0;

    /// Adds to the job's log.
    virtual void log(LogLevel level, std::string_view text, LogStream stream = LogStream::Task) = 0;

    /// When the attempt must end; nullopt: no limit.
    [[nodiscard]] virtual std::optional<Time> deadline() const noexcept = 0;
    /// Set when the attempt is to end: a stop, a kill, the deadline.
    [[nodiscard]] virtual std::stop_token stop_token() const noexcept = 0;
    [[nodiscard]] virtual const Clock& clock() const noexcept = 0;
    /// Sleeps on the clock; false if the attempt was to end first.
    virtual bool sleep_for(std::chrono::seconds duration) = 0;

    /// Runs a program as the task file asks for: its user, directory and environment, its output
    /// into the log, ended at the deadline or a stop with all that it started. A program that can't
    /// be started is a failure, with the reason in the log.
    virtual Outcome run_program(const Program& program) = 0;

    /// The file system identity: whether commands must act as the task's user. Runs `work` as that
    /// user on a thread of its own (file system uid, gid and groups only); in place if the task
    /// names none. Throws what `work` throws.
    virtual void as_user(const std::function<void()>& work) = 0;

    /// Queues another task's job with this one as its parent. Error: as `Jobs::add`.
    virtual Result<JobId> enqueue(std::string_view task, Values parameters,
                                  const EnqueueOptions& options) = 0;
    Result<JobId> enqueue(std::string_view task, Values parameters = {}) {
        return enqueue(task, std::move(parameters), EnqueueOptions{});
    }

    /// Waits until a job that it has queued is final, and answers it; none if the attempt was to
    /// end first or the job was deleted. The slot of the one that waits is free meanwhile, so that
    /// a single slot is enough. Error: Conflict if that job can't start before this one ends, as it
    /// has the same group, or its task's concurrency is used up by those that wait for it.
    virtual Result<std::optional<Job>> wait_for(JobId id) = 0;
};

/// One step of a task. A command is made anew for each attempt, and executed once, by one thread.
class Command {
public:
    Command() = default;
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;
    virtual ~Command() = default;

    /// Does the work. An exception that leaves it is a failure with its text. Long work looks at
    /// `context.stop_token()`.
    virtual Outcome execute(CommandContext& context) = 0;
};

/// A command with a handler for each phase of its task: long work cut into slices.
///
///     class Newsletter final : public PhasedCommand {
///     public:
///         Newsletter() {
///             on("registered", [](CommandContext& job) { ...; job.set_next_phase("sending"); ...
///             }); on("sending", ...); otherwise(...);
///         }
///     };
///
/// Its task names it in `<phase name="*">`. A phase that has no handler, with no default one, is a
/// failure that names the phases that have one.
class PhasedCommand : public Command {
public:
    using Handler = std::function<Outcome(CommandContext&)>;

    Outcome execute(CommandContext& context) final;

protected:
    /// The handler of a phase; a second one for the same phase replaces it.
    void on(std::string phase, Handler handler);
    /// The handler of every phase that has none of its own.
    void otherwise(Handler handler);

private:
    std::map<std::string, Handler, std::less<>> handlers_;
    Handler otherwise_;
};

/// A child element (or attribute) that a command's configuration may have, for the reference page.
struct CommandChild {
    std::string name{};
    bool required = false;
    std::string default_value{};
    std::string doc{};
    bool attribute = false;  ///< written as an attribute of the command's element
    bool repeatable = false;
    std::vector<std::string> attributes{};  ///< that the child element itself may have
};

/// A type of command: its name in task files, what it takes, and how it is made.
struct CommandType {
    using Factory = Result<std::unique_ptr<Command>> (*)(const CommandConfig&);

    std::string name{};                  ///< `fs.copy`; unique in a registry
    std::vector<std::string> aliases{};  ///< other names for it in task files
    std::string summary{};               ///< one line, without a full stop
    std::vector<CommandChild> children{};
    std::vector<std::string> examples{};  ///< whole `<command>` elements; tests run them
    bool takes_text = false;              ///< the element's own text is its configuration
    bool takes_any_child = false;
    Factory create = nullptr;
};

/// What every command that runs a program takes, to add to its own children: `leave="true"` and any
/// number of `<exit code="3" outcome="abort"/>`.
[[nodiscard]] std::vector<CommandChild> program_children();

/// Reads these. The program's path and arguments are the command's to fill in. Error: Invalid, at
/// the place of the mistake.
[[nodiscard]] Result<Program> program_from(const CommandConfig& config);

}  // namespace periodic
