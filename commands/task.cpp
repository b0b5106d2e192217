/// task: queues another task, and waits for it if it is told to.

#include <set>

#include "periodic/command.hpp"
#include "periodic/value.hpp"

namespace periodic::commands {
namespace {

constexpr const char* kNameRule = "letters, digits, '.', '_' and '-', the first a letter or digit";

/// What its element says.
struct Wanted {
    std::string task{};
    Values parameters{};
    EnqueueOptions options{};
    bool wait = false;
};

Result<void> check_name(const CommandConfig& config, const char* child, const std::string& name) {
    if (is_task_name(name)) return {};
    return Failure(CommandConfig::error_at(*config.element().child(child),
                                           "<" + std::string(child) + ">: '" + name +
                                               "' can't name a " +
                                               (child == std::string("name") ? "task" : child),
                                           kNameRule));
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

Result<Values> read_parameters(const CommandConfig& config) {
    Values values;
    std::set<std::string> variables;
    for (const ConfigElement& child : config.element().children) {
        if (child.name != "parameter") continue;
        const std::string* const name = child.attribute("name");
        if (name == nullptr || !is_parameter_name(*name)) {
            return Failure(CommandConfig::error_at(child, "<parameter> needs a name",
                                                   "letters, digits, '_' and '-', a letter first"));
        }
        if (!variables.insert(parameter_variable(*name)).second) {
            return Failure(CommandConfig::error_at(
                child, "the parameter " + *name + " is given twice", "keep one of them"));
        }
        values.emplace(*name, Value(trimmed(child.text)));
    }
    return values;
}

Result<std::optional<int>> read_priority(const CommandConfig& config) {
    const ConfigElement* const child = config.element().child("priority");
    if (child == nullptr) return std::nullopt;
    const auto priority = config.integer("priority", 0);
    if (!priority) return Failure(priority.error());
    if (*priority >= -1'000'000 && *priority <= 1'000'000) return static_cast<int>(*priority);
    return Failure(
        CommandConfig::error_at(*child, "<priority> is out of range", "-1000000 to 1000000"));
}

Result<Wanted> read(const CommandConfig& config) {
    Wanted wanted;
    auto name = config.required("name");
    if (!name) return Failure(name.error());
    wanted.task = std::move(*name);
    if (auto fine = check_name(config, "name", wanted.task); !fine) return Failure(fine.error());
    if (config.element().child("group") != nullptr) {
        auto group = config.required("group");
        if (!group) return Failure(group.error());
        wanted.options.group = std::move(*group);
        auto fine = check_name(config, "group", wanted.options.group);
        if (!fine) return Failure(fine.error());
    }
    auto key = config.optional("key");
    if (!key) return Failure(key.error());
    wanted.options.key = std::move(*key);
    const auto priority = read_priority(config);
    if (!priority) return Failure(priority.error());
    wanted.options.priority = *priority;
    const auto wait = config.boolean("wait", false);
    if (!wait) return Failure(wait.error());
    wanted.wait = *wait;
    auto parameters = read_parameters(config);
    if (!parameters) return Failure(parameters.error());
    wanted.parameters = std::move(*parameters);
    return wanted;
}

class QueueTask final : public Command {
public:
    explicit QueueTask(Wanted wanted) : wanted_(std::move(wanted)) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        auto wanted = read(config);
        if (!wanted) return Failure(wanted.error());
        return std::make_unique<QueueTask>(std::move(*wanted));
    }

    Outcome execute(CommandContext& context) override {
        const auto id = context.enqueue(wanted_.task, wanted_.parameters, wanted_.options);
        if (!id) return fail(context, "can't queue " + wanted_.task + ": " + id.error().message);
        const std::string name = "job " + std::to_string(*id) + " (" + wanted_.task + ")";
        context.log(LogLevel::Info, name + " is queued");
        return wanted_.wait ? wait(context, *id, name) : Outcome::Success;
    }

private:
    static Outcome wait(CommandContext& context, JobId id, const std::string& name) {
        const auto child = context.wait_for(id);
        if (!child) return fail(context, child.error().message + "; " + name + " stays queued");
        if (!*child) {
            return fail(context, context.stop_token().stop_requested()
                                     ? "no longer waits for " + name + ", which goes on"
                                     : name + " was deleted");
        }
        const Job& job = **child;
        const std::string state(to_string(job.state));
        const std::string& said = job.error.empty() ? job.message : job.error;
        const std::string text = name + ' ' + state + (said.empty() ? "" : ": " + said);
        if (job.state != JobState::Succeeded && job.state != JobState::Aborted)
            return fail(context, text);
        context.log(LogLevel::Info, text);
        return Outcome::Success;
    }

    static Outcome fail(CommandContext& context, const std::string& text) {
        context.log(LogLevel::Error, text);
        context.set_message(text);
        return Outcome::Fail;
    }

    Wanted wanted_;
};

}  // namespace

CommandType task() {
    return {
        .name = "task",
        .summary = "Queues another task, and waits for it if it is told to",
        .children = {{.name = "name", .required = true, .doc = "The task."},
                     {.name = "parameter",
                      .doc = "A parameter of the job.",
                      .repeatable = true,
                      .attributes = {"name"}},
                     {.name = "group", .doc = "The job's group."},
                     {.name = "key",
                      .doc = "At most one unfinished job has it: another one is not queued, "
                             "that one counts."},
                     {.name = "priority",
                      .default_value = "the task's",
                      .doc = "Higher runs first."},
                     {.name = "wait",
                      .default_value = "false",
                      .doc = "Whether to wait until the job has ended. The slot is free "
                             "meanwhile. What the job ends with, the command ends with: a "
                             "success or an abort is a success, all else a failure."}},
        .examples = {R"(<command type="task"><name>echo</name><parameter name="n">3</parameter>)"
                     R"(</command>)",
                     R"(<command type="task"><name>backup</name><group>night</group>)"
                     R"(<wait>true</wait></command>)"},
        .create = &QueueTask::create};
}

}  // namespace periodic::commands
