#pragma once

/// @file
/// What the library and its module for HTTP agree upon.

#include "periodic/http_client.hpp"

namespace periodic {

/// The one function that the module exports: a client that the caller owns, or nullptr if the
/// library is of another version than the module.
inline constexpr const char* kHttpModuleEntry = "periodic_make_http_client";
using HttpModuleEntry = HttpClient* (*)(const char* library_version);

}  // namespace periodic
