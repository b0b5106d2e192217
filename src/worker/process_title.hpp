#pragma once

/// @file
/// What ps(1) shows of this process.

#include <cstddef>
#include <string_view>

namespace periodic {

/// Writes over the words that the program was started with, and its environment, which is moved
/// away first. For a program of our own, once, before it has a second thread. May be set from any
/// thread, one at a time.
class ProcessTitle {
public:
    /// `argc` and `argv` as main() got them: nothing else may use them afterwards.
    ProcessTitle(int argc, char** argv);

    /// Shows `title`, or as much of it as there is room for.
    void set(std::string_view title) noexcept;

private:
    char* begin_ = nullptr;
    std::size_t room_ = 0;
};

}  // namespace periodic
