#include "newsletter.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace {

using periodic::CommandContext;
using periodic::Outcome;
using periodic::Value;

std::string text_of(const periodic::Values& values, const char* name, const char* otherwise) {
    const auto found = values.find(name);
    return found == values.end() ? otherwise : found->second.text;
}

// One phase an attempt: `registered` counts, `sending` sends a few letters each time, `done` says
// what came of it. Between the attempts all that is known is in the job's attributes.
class Newsletter final : public periodic::PhasedCommand {
public:
    Newsletter() {
        on("registered", &Newsletter::begin);
        on("sending", &Newsletter::send_a_few);
        on("done", &Newsletter::finish);
    }

    static periodic::Result<std::unique_ptr<periodic::Command>> create(
        const periodic::CommandConfig& /*config*/) {
        return std::make_unique<Newsletter>();
    }

private:
    static std::vector<std::string> readers(const CommandContext& job) {
        std::istringstream words(text_of(job.parameters(), "to", ""));
        std::vector<std::string> names;
        for (std::string name; words >> name;) names.push_back(name);
        return names;
    }

    static Outcome begin(CommandContext& job) {
        job.set_attribute("sent", Value("0", Value::Kind::Integer));
        job.set_next_phase("sending");
        return Outcome::Success;
    }

    static Outcome send_a_few(CommandContext& job) {
        const auto names = readers(job);
        const std::size_t batch = std::stoul(text_of(job.parameters(), "batch", "100"));
        std::size_t sent = std::stoul(text_of(job.attributes(), "sent", "0"));
        const std::size_t end = std::min(names.size(), sent + batch);
        std::ofstream mail(job.directory() + "/sent", std::ios::app);
        while (sent < end && !job.stop_token().stop_requested()) mail << names[sent++] << '\n';
        job.set_attribute("sent", Value(std::to_string(sent), Value::Kind::Integer));
        if (!names.empty()) job.set_progress(static_cast<int>(100 * sent / names.size()));
        // Without a next phase the job stays in this one, and comes again after its interval.
        if (sent == names.size()) job.set_next_phase("done");
        return Outcome::Success;
    }

    static Outcome finish(CommandContext& job) {
        job.set_message(text_of(job.attributes(), "sent", "0") + " letters are sent");
        job.set_next_phase("terminated");
        return Outcome::Success;
    }
};

}  // namespace

periodic::CommandType newsletter() {
    return {.name = "app.newsletter",
            .summary = "Sends a letter to each of the parameter `to`, a batch in each attempt",
            .examples = {"<command type='app.newsletter'/>"},
            .create = &Newsletter::create};
}
