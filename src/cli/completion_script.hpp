#pragma once

/// @file
/// Scripts that complete the program's command lines in a shell.

#include <string>

namespace periodic::cli {

/// For `source <(periodic completion bash)`. Made of what the subcommands declare; names of tasks
/// and ids of jobs it asks the program itself for, quietly.
[[nodiscard]] std::string bash_completion();
/// The same for zsh, which reads the other one by its bashcompinit.
[[nodiscard]] std::string zsh_completion();

}  // namespace periodic::cli
