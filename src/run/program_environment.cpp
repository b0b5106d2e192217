#include "run/program_environment.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace periodic {
namespace {

constexpr const char* kUsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// Variables in order, each name once: a later value replaces an earlier one.
class Environment {
public:
    void set(const std::string& name, std::string value) {
        const auto found = std::find_if(variables_.begin(), variables_.end(),
                                        [&](const auto& known) { return known.first == name; });
        if (found == variables_.end())
            variables_.emplace_back(name, std::move(value));
        else
            found->second = std::move(value);
    }

    std::vector<std::pair<std::string, std::string>> take() { return std::move(variables_); }

private:
    std::vector<std::pair<std::string, std::string>> variables_;
};

void add_base(Environment& environment, const std::optional<ProcessUser>& user) {
    constexpr std::array kPassedOn{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ"};
    environment.set("PATH", kUsualPath);
    for (const char* name : kPassedOn)
        // Unsafe only beside a setenv: a host that calls that while jobs run breaks itself.
        // NOLINTNEXTLINE(concurrency-mt-unsafe)
        if (const char* value = std::getenv(name)) environment.set(name, value);
    if (!user) return;
    environment.set("HOME", user->home);
    environment.set("USER", user->name);
    environment.set("LOGNAME", user->name);
    environment.set("SHELL", user->shell);
}

void add_job(Environment& environment, const ProgramSettings& settings,
             const CommandContext& context) {
    const Job& job = context.job();
    environment.set("PERIODIC_HOME", context.home());
    environment.set("PERIODIC_JOB_ID", std::to_string(job.id));
    environment.set("PERIODIC_TASK", job.task);
    environment.set("PERIODIC_GROUP", job.group);
    environment.set("PERIODIC_ATTEMPT", std::to_string(job.attempt));
    environment.set("PERIODIC_PHASE", job.phase.value_or(""));
    environment.set("PERIODIC_SCHEDULED_AT",
                    job.scheduled ? format_rfc3339(*job.scheduled, settings.zone) : "");
    const auto deadline = context.deadline();
    environment.set("PERIODIC_DEADLINE", deadline ? format_rfc3339(*deadline, settings.zone) : "");
}

}  // namespace

std::vector<std::pair<std::string, std::string>> program_environment(
    const ProgramSettings& settings, const CommandContext& context, const ProgramFiles& files) {
    Environment environment;
    add_base(environment, settings.user);
    for (const auto& [name, value] : settings.environment) environment.set(name, value);
    add_job(environment, settings, context);
    for (const auto& [name, value] : context.parameters())
        environment.set(parameter_variable(name), value.text);
    environment.set("PERIODIC_PARAMETERS", files.parameters());
    environment.set("PERIODIC_RESPONSE", files.response());
    environment.set("PERIODIC_OUTPUT", files.output());
    return environment.take();
}

}  // namespace periodic
