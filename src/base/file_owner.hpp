#pragma once

/// @file
/// Whose a file is, for messages about what may not be done with it.

#include <string>

#include <sys/types.h>

namespace periodic {

/// The name of a user; "user 1234" for one that has none.
[[nodiscard]] std::string user_name(uid_t uid);

/// "/srv/jobs belongs to anna": of `path`, or of what is nearest above it that can be looked at.
[[nodiscard]] std::string owner_note(const std::string& path);

/// Why the system refused something, in its own words; where that is a matter of rights, with the
/// owner: "Permission denied (/srv/jobs belongs to anna)".
[[nodiscard]] std::string refusal_text(const std::string& path, int error);

}  // namespace periodic
