#pragma once

/// @file
/// A hash that stays the same over machines, versions and years: what is stored may depend on it.

#include <cstdint>
#include <string_view>

namespace periodic::cron {

/// FNV-1a with 64 bits, byte by byte, so that a text may come in pieces.
class StableHash {
public:
    constexpr void add(char byte) noexcept {
        value_ = (value_ ^ static_cast<unsigned char>(byte)) * 0x00000100000001B3ULL;
    }
    constexpr void add(std::string_view text) noexcept {
        for (const char byte : text) add(byte);
    }
    [[nodiscard]] constexpr std::uint64_t value() const noexcept { return value_; }

    /// The value with its bits spread (the finalizer of SplitMix64), for taking a remainder.
    [[nodiscard]] constexpr std::uint64_t mixed() const noexcept {
        std::uint64_t x = value_;
        x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
        return x ^ (x >> 31U);
    }

private:
    std::uint64_t value_ = 0xCBF29CE484222325ULL;
};

}  // namespace periodic::cron
