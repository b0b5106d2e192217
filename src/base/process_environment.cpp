#include "base/process_environment.hpp"

#include <algorithm>

#include <boost/process/v2/environment.hpp>

#include "base/process_child.hpp"

namespace periodic {
namespace {

constexpr std::string_view kUsualPath = "/usr/bin:/bin";

std::string_view path_of(const ProcessSpec& spec) {
    const auto found = std::find_if(spec.environment.rbegin(), spec.environment.rend(),
                                    [](const auto& variable) { return variable.first == "PATH"; });
    return found == spec.environment.rend() ? kUsualPath : std::string_view(found->second);
}

// The directories of `path`, those that are relative (or empty, which is ".") below `directory`.
std::string absolute_path(std::string_view path, const std::string& directory) {
    std::string absolute;
    for (;;) {
        const std::size_t end = std::min(path.find(':'), path.size());
        const std::string_view part = path.substr(0, end);
        if (!absolute.empty()) absolute += ':';
        if (part.empty() || part.front() != '/') absolute += directory.empty() ? "." : directory;
        if (!part.empty() && part.front() != '/') absolute += '/';
        absolute += part;
        if (end == path.size()) return absolute;
        path.remove_prefix(end + 1);
    }
}

bool has_nul(std::string_view text) {
    return text.find('\0') != std::string_view::npos;
}

}  // namespace

StringArray::StringArray(std::vector<std::string> strings) : strings_(std::move(strings)) {
    pointers_.reserve(strings_.size() + 1);
    for (std::string& string : strings_) pointers_.push_back(string.data());
    pointers_.push_back(nullptr);
}

std::vector<std::string> environment_block(const ProcessSpec& spec) {
    std::vector<std::string> block;
    block.reserve(spec.environment.size());
    for (const auto& [name, value] : spec.environment) block.push_back(name + '=' + value);
    return block;
}

Result<std::string> find_program(const ProcessSpec& spec) {
    namespace environment = boost::process::v2::environment;
    if (spec.program.find('/') != std::string::npos) return spec.program;
    const std::string path = absolute_path(path_of(spec), spec.directory);
    const std::vector<environment::key_value_pair> variables{
        environment::key_value_pair("PATH=" + path)};
    const auto found = environment::find_executable(spec.program, variables);
    if (!found.empty()) return found.string();
    return failure(ErrorCode::NotFound, "there is no program " + spec.program,
                   "it was looked for in " + path);
}

Result<void> check_spec(const ProcessSpec& spec) {
    if (spec.program.empty()) return failure(ErrorCode::Usage, "no program is named");
    if (has_nul(spec.program) || has_nul(spec.directory) ||
        std::any_of(spec.arguments.begin(), spec.arguments.end(), has_nul))
        return failure(ErrorCode::Usage, "a program, argument or directory holds a NUL byte");
    for (const auto& [name, value] : spec.environment)
        if (name.empty() || name.find('=') != std::string::npos || has_nul(name) || has_nul(value))
            return failure(ErrorCode::Usage, "the environment can't hold the variable " + name);
    if (spec.record_label.size() > kRecordLabelSize ||
        spec.record_label.find_first_of(" \n") != std::string::npos)
        return failure(ErrorCode::Usage, "a record's label has at most 48 bytes and no blanks");
    return {};
}

std::optional<JobMark> mark_from(const ProcessSpec& spec) {
    JobMark mark;
    for (const auto& [name, value] : spec.environment) {
        if (name == "PERIODIC_HOME") mark.home = value;
        if (name == "PERIODIC_JOB_ID") mark.job = value;
    }
    if (mark.job.empty()) return std::nullopt;
    return mark;
}

}  // namespace periodic
