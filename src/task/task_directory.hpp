#pragma once

/// @file
/// The tasks of a home, read when they are needed.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_stamp.hpp"
#include "periodic/command_registry.hpp"
#include "periodic/error.hpp"
#include "periodic/task.hpp"

namespace periodic {

/// Reads tasks from their files. A file that has not changed is parsed once. May be used from any
/// thread.
class TaskDirectory {
public:
    /// Reads one file of at most so many bytes, or refuses it.
    using Read = std::function<Result<std::string>(const std::string& file, std::uint64_t most)>;

    /// Looks whether a file is as it was; nullopt: it has to be read.
    using Look = std::function<std::optional<FileStamp>(const std::string& file)>;

    /// Every text comes from one call of `read`; a sound file that `look` finds as it was is not
    /// read again. Without `look` all are. `commands` must live as long as this.
    TaskDirectory(std::string directory, const CommandRegistry& commands, Read read,
                  Look look = {});

    /// The task as its file says now. Error: Invalid, NotFound, Unsafe or Io; with several mistakes
    /// the first one, and how many more `check` will show.
    [[nodiscard]] Result<std::shared_ptr<const Task>> find(std::string_view name);

    /// From now on a task whose file has become broken stays as it was when it was last sound;
    /// `stays` hears of it, once for each mistake. Called before `find` is.
    void keep_last_sound(std::function<void(const Error& broken)> stays);

    /// The text of a task as it was when it was last sound, if its file is broken now and that is
    /// gone on with; empty otherwise.
    [[nodiscard]] std::string kept_text(std::string_view name);

    /// Takes such a text from another process for what was last sound.
    void remember(std::string_view name, const std::string& text);

    [[nodiscard]] const std::string& path() const noexcept { return directory_; }

private:
    struct Cached {
        std::string text{};
        std::shared_ptr<const Task> task{};
        std::optional<FileStamp> stamp{};  ///< of the file that the text is from
        std::string told{};                ///< what was last said to be broken
    };

    [[nodiscard]] Result<std::shared_ptr<const Task>> read(std::string_view name);
    [[nodiscard]] std::shared_ptr<const Task> known(std::string_view name, const FileStamp& stamp);

    std::string directory_;
    const CommandRegistry& commands_;
    Read read_;
    Look look_;
    std::function<void(const Error&)> stays_;
    std::mutex mutex_;
    std::map<std::string, Cached, std::less<>> cache_;
};

}  // namespace periodic
