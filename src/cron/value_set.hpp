#pragma once

/// @file
/// The values of one field as a list, for writing them down. Not for the arithmetic.

#include <optional>
#include <string>
#include <vector>

#include "cron/cron_fault.hpp"
#include "periodic/cron_expression.hpp"

namespace periodic::cron {

/// Values that follow each other, both ends included.
struct Run {
    int first;
    int last;
};

/// first, first + step, ... last: at least three, with a step above 1.
struct Progression {
    int first;
    int last;
    int step;
};

/// The ascending values of a field.
class ValueSet {
public:
    /// The plain numbers of a field; in day-of-week 0 to 6.
    ValueSet(const CronFields& fields, Field field);
    [[nodiscard]] const std::vector<int>& values() const { return values_; }
    [[nodiscard]] bool is_empty() const { return values_.empty(); }
    [[nodiscard]] bool is_full() const;
    [[nodiscard]] bool has(int value) const;
    [[nodiscard]] std::vector<Run> runs() const;
    /// If the values are one progression.
    [[nodiscard]] std::optional<Progression> progression() const;
    /// The smallest n for which all of `*/n` is in the set; nullopt if none is.
    [[nodiscard]] std::optional<int> star_step() const;
    /// The set without the values of `*/step`.
    [[nodiscard]] ValueSet without_star(int step) const;

private:
    std::vector<int> values_{};
    int low_;
    int top_;
    int largest_step_;
};

}  // namespace periodic::cron
