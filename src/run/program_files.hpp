#pragma once

/// @file
/// The files through which a job's program and Periodic talk.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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
    /// Makes them below `directory`, in `program-XXXXXX`. Throws std::system_error, naming the
    /// file.
    ProgramFiles(const std::string& directory, std::string_view parameters_json,
                 const std::optional<ProcessUser>& user);
    ProgramFiles(const ProgramFiles&) = delete;
    ProgramFiles& operator=(const ProgramFiles&) = delete;
    ~ProgramFiles();

    [[nodiscard]] std::string parameters() const { return directory_ + "/parameters.json"; }
    [[nodiscard]] std::string response() const { return directory_ + "/response"; }
    [[nodiscard]] std::string output() const { return directory_ + "/output"; }

    [[nodiscard]] ProgramText read_response() const;
    [[nodiscard]] ProgramText read_output() const;

private:
    void make(const std::string& path, std::string_view content) const;
    [[nodiscard]] ProgramText read(const std::string& path, std::size_t limit) const;
    void remove() noexcept;

    std::string directory_;
    std::optional<ProcessUser> user_;
};

/// Removes what killed executors left below `directory`. No program of its may run meanwhile.
void clear_program_files(const std::string& directory) noexcept;

}  // namespace periodic
