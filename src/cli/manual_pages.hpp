#pragma once

/// @file
/// The manual, made from what the help texts are made of.

#include <string>
#include <vector>

namespace periodic::cli {

/// A page of section 1.
struct ManualPage {
    std::string name{};  ///< `periodic-job-add`
    std::string text{};  ///< as man(7) has it
};

/// One for the program, one for `periodic job`, and one for each subcommand.
[[nodiscard]] std::vector<ManualPage> manual_pages();

}  // namespace periodic::cli
