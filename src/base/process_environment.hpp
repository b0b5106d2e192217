#pragma once

/// @file
/// A child's arguments, environment and program, in the form execve() takes.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/process_table.hpp"
#include "periodic/error.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// Strings as a null-terminated array of pointers to them. Stays valid while it is not moved.
class StringArray {
public:
    explicit StringArray(std::vector<std::string> strings);
    StringArray(const StringArray&) = delete;
    StringArray& operator=(const StringArray&) = delete;

    [[nodiscard]] char* const* data() const noexcept { return pointers_.data(); }

private:
    std::vector<std::string> strings_;
    std::vector<char*> pointers_;
};

/// `NAME=value` for each variable.
[[nodiscard]] std::vector<std::string> environment_block(const ProcessSpec& spec);

/// The file to execute: a program with a slash as it is; a name as it is found in the PATH of the
/// program's own environment (`/usr/bin:/bin` if it has none), in which relative directories start
/// from the program's. Error: NotFound.
[[nodiscard]] Result<std::string> find_program(const ProcessSpec& spec);

/// Refuses what the kernel or a shell would misread: an empty program, NUL bytes, a variable
/// without a name or with `=` in it, a record label that is too long or has blanks. Error: Usage.
[[nodiscard]] Result<void> check_spec(const ProcessSpec& spec);

/// The mark that a program will carry; nullopt if its environment has none.
[[nodiscard]] std::optional<JobMark> mark_from(const ProcessSpec& spec);

}  // namespace periodic
