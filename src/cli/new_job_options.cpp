#include "cli/new_job_options.hpp"

#include <utility>

#include "cli/key_values.hpp"
#include "cli/terminal.hpp"

namespace periodic::cli {
namespace {

constexpr Arguments::Range kPriorities{-1'000'000, 1'000'000};

}  // namespace

void NewJobOptions::declare(Arguments& arguments) {
    arguments.text("--key", "KEY", key_,
                   "at most one unfinished job has this key: adding another answers that one");
    arguments.text("--group", "GROUP", group_, "it never runs beside another of this group");
    arguments.number("--priority", "N", priority_, kPriorities,
                     "higher ones run first (default: the task's)");
    arguments.duration("--interval", interval_,
                       "the time between its phases; before the same phase again at least 1m");
    arguments.text("--comment", "TEXT", comment_, "what people say of it");
    arguments.texts("--attribute", "NAME=VALUE", attributes_,
                    "an attribute; may stand several times");
}

std::string NewJobOptions::first_given() const {
    if (key_) return "--key";
    if (group_) return "--group";
    if (priority_) return "--priority";
    if (interval_) return "--interval";
    if (comment_) return "--comment";
    return attributes_.empty() ? "" : "--attribute";
}

Result<JobOptions> NewJobOptions::read() const {
    if (key_ && key_->empty()) return failure(ErrorCode::Usage, "--key is empty");
    auto attributes = parse_key_values(attributes_, "attribute");
    if (!attributes) return Failure(attributes.error());
    JobOptions options;
    options.key = key_.value_or("");
    options.group = group_.value_or("");
    options.comment = comment_.value_or("");
    if (priority_) options.priority = static_cast<int>(*priority_);
    options.interval = interval_;
    options.attributes = std::move(*attributes);
    return options;
}

std::optional<Job> NewJobOptions::tell_older(Session& session, const Jobs& jobs, JobId id,
                                             Time begun) const {
    if (!key_) return std::nullopt;
    auto job = jobs.find(id);
    if (!job || job->created >= begun) return std::nullopt;
    if (!session.quiet()) {
        session.complain(printable("periodic: nothing was added: job " + std::to_string(id) + " (" +
                                   job->task + ", " + std::string(to_string(job->state)) +
                                   ") has the key '" + *key_ + "'") +
                         '\n');
    }
    return job;
}

}  // namespace periodic::cli
