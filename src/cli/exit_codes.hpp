#pragma once

/// @file
/// What the program's exit code says. One room, so that every subcommand means the same by it.

#include "periodic/error.hpp"

namespace periodic::cli {

// As sysexits(3) has them, where it has a word for it.
inline constexpr int kFine = 0;
/// A job ended failed or stopped; an id or task does not exist, or its state forbids it.
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;     ///< the command line is wrong
inline constexpr int kStorage = 74;  ///< the store or the disk is broken
inline constexpr int kLocked = 75;   ///< another executor holds the home
inline constexpr int kBroken = 78;   ///< configuration, crontab or a task file is broken

/// The exit code that an error ends the program with.
[[nodiscard]] constexpr int exit_code_of(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::Usage:
            return kUsage;
        case ErrorCode::NotFound:
        case ErrorCode::Conflict:
            return kFailed;
        case ErrorCode::Locked:
            return kLocked;
        case ErrorCode::Io:
            return kStorage;
        case ErrorCode::Invalid:
        case ErrorCode::Unsafe:
        case ErrorCode::Unsupported:
            return kBroken;
    }
    return kFailed;
}

/// The one of two codes that is told where both apply: 74, 78, 1, then any other but 0.
[[nodiscard]] constexpr int graver(int a, int b) noexcept {
    for (const int code : {kStorage, kBroken, kFailed}) {
        if (a == code || b == code) return code;
    }
    return a != kFine ? a : b;
}

}  // namespace periodic::cli
