#pragma once

/// @file
/// A notification as a mail. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "periodic/notifier.hpp"

namespace periodic {

/// Header and body by RFC 5322, in ASCII, with lines that end with CR LF. Nothing of the
/// notification can add a header.
[[nodiscard]] std::string mail_text(const Notification& notification, const std::string& from,
                                    const std::vector<std::string>& to);

}  // namespace periodic
