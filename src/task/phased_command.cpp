#include <string>
#include <utility>

#include "periodic/command.hpp"

namespace periodic {

void PhasedCommand::on(std::string phase, Handler handler) {
    handlers_.insert_or_assign(std::move(phase), std::move(handler));
}

void PhasedCommand::otherwise(Handler handler) {
    otherwise_ = std::move(handler);
}

Outcome PhasedCommand::execute(CommandContext& context) {
    const auto& phase = context.job().phase;
    const auto found = phase ? handlers_.find(*phase) : handlers_.end();
    if (found != handlers_.end()) return found->second(context);
    if (otherwise_) return otherwise_(context);
    std::string names;
    for (const auto& [name, handler] : handlers_) names += (names.empty() ? "" : ", ") + name;
    const std::string has = names.empty() ? "nothing" : names;
    context.log(LogLevel::Error,
                phase ? "there is no handler for the phase " + *phase + ": there is one for " + has
                      : "the task has no phases: this command has handlers for " + has +
                            ", and belongs into <phase name=\"*\">");
    return Outcome::Fail;
}

}  // namespace periodic
