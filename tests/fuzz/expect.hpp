#pragma once

/// @file
/// What a fuzz target takes for granted.

#include <cstdio>
#include <cstdlib>

namespace periodic {

/// Ends the program, as a fuzzer wants it, if a claim does not hold.
inline void expect(bool holds, const char* claim) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", claim);
    std::abort();
}

}  // namespace periodic
