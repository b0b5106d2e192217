#include "cli/task_lookup.hpp"

#include "periodic/task.hpp"

namespace periodic::cli {

Result<std::vector<std::string>> list_tasks(const Home& home) {
    return task_names(home.tasks).map_error([](Error error) {
        error.code = ErrorCode::Invalid;
        return error;
    });
}

Failure no_such_task(std::string_view name, const std::vector<std::string>& names) {
    const auto nearest = nearest_word(name, {names.begin(), names.end()});
    return failure(ErrorCode::NotFound, "there is no task '" + std::string(name) + "'",
                   nearest.empty() ? "'periodic tasks' lists them"
                                   : "did you mean '" + std::string(nearest) + "'?");
}

}  // namespace periodic::cli
