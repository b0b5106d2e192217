#pragma once

/// @file
/// Keeps each expression of a crontab once, and finds equal entries.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "periodic/cron_expression.hpp"

namespace periodic::cron {

/// Parsed expressions, shared by the entries that have them. Their addresses never change.
class SchedulePool {
public:
    /// The expression that was parsed from the same text before; null if there is none. `when`
    /// must not depend on a seed.
    [[nodiscard]] const CronExpression* find(std::string_view when) const;

    /// Keeps an expression under its text, which must outlive the pool.
    const CronExpression* add(std::string_view when, const CronExpression& expression);

    /// Keeps an expression that a seed has shaped; an equal one is shared.
    const CronExpression* add_by_value(const CronExpression& expression);

private:
    struct ByFields {
        std::size_t operator()(const CronExpression* expression) const noexcept;
    };
    struct SameFields {
        bool operator()(const CronExpression* a, const CronExpression* b) const noexcept {
            return *a == *b;
        }
    };

    std::deque<CronExpression> expressions_{};
    std::unordered_map<std::string_view, const CronExpression*> by_text_{};
    std::unordered_map<const CronExpression*, const CronExpression*, ByFields, SameFields>
        by_value_{};
};

/// A set of entry ids that tells where each was seen first. Eight bytes an id: with a million
/// entries a tree or a list of nodes would need more than the entries themselves.
class IdIndex {
public:
    /// Makes room, so that adding that many ids moves nothing.
    void reserve(std::size_t count);

    /// Enters `index` for `id`, unless the id is there already; returns its index. `id_at` gives
    /// the id of an index that was entered before.
    template <class IdAt>
    std::uint32_t insert(std::int64_t id, std::uint32_t index, IdAt id_at) {
        if ((size_ + 1) * 2 > slots_.size()) grow(id_at);
        std::size_t slot = slot_of(id);
        for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
            if (id_at(slots_[slot] - 1) == id) return slots_[slot] - 1;
        }
        slots_[slot] = index + 1;
        ++size_;
        return index;
    }

private:
    // The slots' number is a power of two, and an id's upper bits are well mixed.
    [[nodiscard]] std::size_t slot_of(std::int64_t id) const noexcept {
        return static_cast<std::size_t>(static_cast<std::uint64_t>(id) * 0x9E3779B97F4A7C15ULL >>
                                        20U) &
               (slots_.size() - 1);
    }

    template <class IdAt>
    void grow(IdAt id_at) {
        std::vector<std::uint32_t> old = std::move(slots_);
        slots_.assign(old.empty() ? 64 : old.size() * 2, 0);
        for (const std::uint32_t entry : old) {
            if (entry == 0) continue;
            std::size_t slot = slot_of(id_at(entry - 1));
            while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
            slots_[slot] = entry;
        }
    }

    std::vector<std::uint32_t> slots_{};  // an index plus one; 0 is free
    std::size_t size_ = 0;
};

}  // namespace periodic::cron
