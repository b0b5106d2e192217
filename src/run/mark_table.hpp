#pragma once

/// @file
/// The marks of entries, found by their ids.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "periodic/job_store.hpp"

namespace periodic {

/// Finds marks by their entries' ids: a hash table with open addressing, as an allocation for each
/// of 100,000 marks would be most of a planning.
class MarkTable {
public:
    /// The marks outlive it; each is of another entry.
    explicit MarkTable(const std::vector<EntryMark>& marks)
        : marks_(marks),
          is_taken_(marks.size(), false),
          places_(std::bit_ceil(2 * marks.size() + 1), kNone) {
        for (std::uint32_t index = 0; index < marks.size(); ++index)
            places_[place_of(marks[index].id)] = index;
    }

    /// The mark of an entry, once; nullptr if there is none, or none any more.
    const EntryMark* take(std::int64_t id) {
        const std::uint32_t index = places_[place_of(id)];
        if (index == kNone || is_taken_[index]) return nullptr;
        is_taken_[index] = true;
        return &marks_[index];
    }

    /// Calls it with those that were not taken.
    template <class Function>
    void for_each_left(Function function) const {
        for (std::size_t index = 0; index < marks_.size(); ++index)
            if (!is_taken_[index]) function(marks_[index]);
    }

private:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    // Where an id is, or would be.
    [[nodiscard]] std::size_t place_of(std::int64_t id) const {
        constexpr std::uint64_t kGolden =
            0x9E3779B97F4A7C15;  // Fibonacci hashing: Knuth, TAOCP 6.4
        std::uint64_t hash = static_cast<std::uint64_t>(id) * kGolden;
        hash ^= hash >> 32U;
        for (std::size_t place = hash & (places_.size() - 1);;
             place = (place + 1) & (places_.size() - 1)) {
            const std::uint32_t index = places_[place];
            if (index == kNone || marks_[index].id == id) return place;
        }
    }

    const std::vector<EntryMark>& marks_;
    std::vector<bool> is_taken_;
    std::vector<std::uint32_t> places_;
};

}  // namespace periodic
