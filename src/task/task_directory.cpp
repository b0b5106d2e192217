#include "task/task_directory.hpp"

#include <utility>

#include "task/task_file.hpp"

namespace periodic {
namespace {

// The first mistake stands for all; `check` shows the rest.
Error first_of(const std::vector<Problem>& problems) {
    Error first;
    std::size_t errors = 0;
    for (const Problem& problem : problems) {
        if (problem.severity != Severity::Error) continue;
        if (errors++ == 0) first = problem.error;
    }
    if (errors > 1) {
        if (!first.hint.empty()) first.hint += "; ";
        first.hint += "check shows " + std::to_string(errors - 1) + " more";
    }
    return first;
}

}  // namespace

TaskDirectory::TaskDirectory(std::string directory, const CommandRegistry& commands, Read read,
                             Look look)
    : directory_(std::move(directory)),
      commands_(commands),
      read_(std::move(read)),
      look_(std::move(look)) {}

void TaskDirectory::keep_last_sound(std::function<void(const Error&)> stays) {
    stays_ = std::move(stays);
}

Result<std::shared_ptr<const Task>> TaskDirectory::find(std::string_view name) {
    auto found = read(name);
    // A file that others may change by now, or that was removed, is what somebody wanted.
    if (found || !stays_ || found.error().code == ErrorCode::Unsafe ||
        found.error().code == ErrorCode::NotFound)
        return found;
    std::shared_ptr<const Task> last;
    bool is_news = false;
    {
        const std::lock_guard guard(mutex_);
        const auto cached = cache_.find(name);
        if (cached == cache_.end() || !cached->second.task) return found;
        last = cached->second.task;
        std::string told = to_string(found.error());
        is_news = cached->second.told != told;
        cached->second.told = std::move(told);
    }
    if (is_news) stays_(found.error());
    return last;
}

std::string TaskDirectory::kept_text(std::string_view name) {
    const auto now = read(name);
    if (now || !stays_ || now.error().code != ErrorCode::Invalid) return {};
    const std::lock_guard guard(mutex_);
    const auto cached = cache_.find(name);
    return cached != cache_.end() && cached->second.task ? cached->second.text : std::string();
}

void TaskDirectory::remember(std::string_view name, const std::string& text) {
    if (!is_task_name(name)) return;
    const std::lock_guard guard(mutex_);
    Cached& cached = cache_[std::string(name)];
    if (cached.task && cached.text == text) return;
    TaskReading reading = read_task(text, std::string(name),
                                    directory_ + '/' + std::string(name) + ".xml", commands_);
    if (!reading.task) return;
    cached = {.text = text, .task = std::make_shared<const Task>(std::move(*reading.task))};
}

Result<std::shared_ptr<const Task>> TaskDirectory::read(std::string_view name) {
    if (!is_task_name(name)) return Failure(bad_task_name(name));
    const std::string file = directory_ + '/' + std::string(name) + ".xml";
    // Before it is read: what is written meanwhile has another stamp.
    const auto stamp = look_ ? look_(file) : std::nullopt;
    if (auto task = stamp ? known(name, *stamp) : nullptr) return task;
    auto text = read_(file, kLongestTaskFile);
    if (!text) return Failure(unread_task(directory_, name, std::move(text.error())));
    const std::lock_guard guard(mutex_);
    Cached& cached = cache_[std::string(name)];
    if (cached.task && cached.text == *text) {
        cached.stamp = stamp;
        return cached.task;
    }
    TaskReading reading = read_task(*text, std::string(name), file, commands_);
    if (!reading.task) {
        if (!stays_) cached = Cached();
        return Failure(first_of(reading.problems));
    }
    cached = {.text = std::move(*text),
              .task = std::make_shared<const Task>(std::move(*reading.task)),
              .stamp = stamp};
    return cached.task;
}

std::shared_ptr<const Task> TaskDirectory::known(std::string_view name, const FileStamp& stamp) {
    const std::lock_guard guard(mutex_);
    const auto cached = cache_.find(name);
    return cached != cache_.end() && cached->second.stamp == stamp ? cached->second.task : nullptr;
}

}  // namespace periodic
