#pragma once

/// @file
/// The files through which a job's program and Periodic talk.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "periodic/process_launcher.hpp"

namespace periodic {

/// The most that is taken from a program, in bytes.
inline constexpr std::size_t kLongestResponse = 16U << 20U;
inline constexpr std::size_t kLongestOutput = 1U << 20U;

/// What was read from a file that a program could do anything to.
struct ProgramText {
    std::string text{};
    std::string problem{};  ///< why it is not all there; empty if it is
};

/// Three files in a directory of their own, mode 0700, which belong to the program's user and go
/// with this object.
class ProgramFiles {
public:
    /// Makes them below `directory`, in `program-XXXXXX`. For a user, who may not pass there, they
    /// are in the system's directory of temporary files, and a link below `directory` says where.
    /// Throws std::system_error, naming the file.
    ProgramFiles(const std::string& directory, std::string_view parameters_json,
                 const std::optional<ProcessUser>& user);
    ProgramFiles(ProgramFiles&& other) noexcept;
    ProgramFiles(const ProgramFiles&) = delete;
    ProgramFiles& operator=(const ProgramFiles&) = delete;
    ProgramFiles& operator=(ProgramFiles&&) = delete;
    ~ProgramFiles();

    [[nodiscard]] std::string parameters() const { return directory_ + "/parameters.json"; }
    [[nodiscard]] std::string response() const { return directory_ + "/response"; }
    [[nodiscard]] std::string output() const { return directory_ + "/output"; }

    /// Without its first `from` bytes.
    [[nodiscard]] ProgramText read_response(std::size_t from = 0) const;
    [[nodiscard]] ProgramText read_output() const;
    /// In bytes; 0 for what is no file any more.
    [[nodiscard]] std::size_t response_size() const { return size_of(response()); }
    [[nodiscard]] std::size_t output_size() const { return size_of(output()); }

    /// Makes them as new for the next program, whose parameters these are. False: the program that
    /// had them has put something else in their place, or belongs to another user. No process that
    /// knows them may be alive.
    [[nodiscard]] bool renew(std::string_view parameters_json) const;

private:
    ino_t make(const std::string& path, std::string_view content) const;
    [[nodiscard]] ProgramText read(const std::string& path, std::size_t from,
                                   std::size_t limit) const;
    [[nodiscard]] static std::size_t size_of(const std::string& path);
    [[nodiscard]] bool is_as_made() const;
    void remove() noexcept;

    std::string directory_;
    std::string link_{};  ///< to a directory that is elsewhere
    std::optional<ProcessUser> user_;
    ino_t parameters_inode_ = 0;
    ino_t response_inode_ = 0;
    ino_t output_inode_ = 0;
};

/// The files of programs that have ended, for those that follow: to make and remove them would take
/// a short program longer than to run. May be used from several threads at once.
class ProgramFilesStock {
public:
    /// Files as new, below `directory`. Throws std::system_error, naming the file.
    [[nodiscard]] ProgramFiles take(const std::string& directory, std::string_view parameters_json,
                                    const std::optional<ProcessUser>& user);

    /// Takes back the files of a program of which nothing is left. Those of another user's are
    /// removed.
    void give_back(ProgramFiles files, const std::optional<ProcessUser>& user);

private:
    std::mutex mutex_;
    std::vector<ProgramFiles> free_;  ///< all below one directory, as no task's user chooses it
};

/// Removes what killed executors left below `directory`, and what links there say. No program of
/// its may run meanwhile.
void clear_program_files(const std::string& directory) noexcept;

}  // namespace periodic
