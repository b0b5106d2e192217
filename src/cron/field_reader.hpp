#pragma once

/// @file
/// Reads the fields of a cron expression into sets.

#include <cstdint>
#include <string_view>

#include "cron/cron_fault.hpp"
#include "periodic/cron_expression.hpp"

namespace periodic::cron {

/// Reads one field after the other. Allocates nothing: a mistake ends the reading and is kept as a
/// `Fault`.
class FieldReader {
public:
    /// `seed` is what `H` and `~` are hashed from.
    FieldReader(std::string_view text, std::string_view seed) noexcept
        : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), seed_(seed) {}

    /// Reads the next field, and the blanks before it, into its part of `fields`.
    bool read(Field field, CronFields& fields) noexcept;

    /// Whether nothing but blanks is left.
    [[nodiscard]] bool at_end() noexcept;

    [[nodiscard]] const Fault& fault() const noexcept { return fault_; }

private:
    // A value, or a range that may wrap, with a step.
    struct Range {
        int low;
        int high;
        int step;
    };

    bool read_items(CronFields& fields, std::uint64_t& set) noexcept;
    bool read_item(CronFields& fields, std::uint64_t& set) noexcept;
    bool read_special(CronFields& fields, std::uint64_t& set) noexcept;
    bool read_choice(CronFields& fields, std::uint64_t& set) noexcept;
    bool read_last_day(CronFields& fields) noexcept;
    bool read_suffix(int value, const char* start, CronFields& fields, bool& taken) noexcept;
    bool read_value(int& value) noexcept;
    bool read_number(int& value) noexcept;
    bool read_name(int& value) noexcept;
    bool read_step(int& step) noexcept;
    bool read_range_end(const char* start, int low, int& high) noexcept;
    void add(CronFields& fields, std::uint64_t& set, Range range) const noexcept;
    [[nodiscard]] std::uint64_t choose(std::uint64_t count) const noexcept;
    bool fail(FaultKind kind, const char* start, const char* end) noexcept;
    bool fail_here(FaultKind kind) noexcept;
    [[nodiscard]] const char* token_end(const char* from) const noexcept;
    // The next character; 0 at the end of the text.
    [[nodiscard]] char peek() const noexcept { return at_ != end_ ? *at_ : '\0'; }

    const char* begin_;
    const char* at_;
    const char* end_;
    std::string_view seed_;
    Field field_ = Field::Minute;
    unsigned item_ = 0;  // the item's number in its field
    Fault fault_{};
};

}  // namespace periodic::cron
