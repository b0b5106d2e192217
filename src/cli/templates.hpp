#pragma once

/// @file
/// The files that `init` and `new` write.

#include <string>
#include <string_view>

namespace periodic::cli {

extern const std::string_view kConfigurationTemplate;  ///< periodic.xml
extern const std::string_view kCrontabTemplate;        ///< crontab
extern const std::string_view kHelloTemplate;          ///< tasks/hello.xml

/// A task file to begin with: every setting stands there with its default, in comments.
[[nodiscard]] std::string task_template(std::string_view name);

}  // namespace periodic::cli
