#pragma once

/// @file
/// The files that `init` and `new` write.

#include <string>
#include <string_view>

namespace periodic::cli {

extern const std::string_view configuration_template;  ///< periodic.xml
extern const std::string_view crontab_template;        ///< crontab
extern const std::string_view hello_template;          ///< tasks/hello.xml

/// A task file to begin with: every setting stands there with its default, in comments.
[[nodiscard]] std::string task_template(std::string_view name);

}  // namespace periodic::cli
