#include "cron/schedule_pool.hpp"

namespace periodic::cron {

const CronExpression* SchedulePool::find(std::string_view when) const {
    const auto found = by_text_.find(when);
    return found == by_text_.end() ? nullptr : found->second;
}

const CronExpression* SchedulePool::add(std::string_view when, const CronExpression& expression) {
    expressions_.push_back(expression);
    by_text_.emplace(when, &expressions_.back());
    return &expressions_.back();
}

const CronExpression* SchedulePool::add_by_value(const CronExpression& expression) {
    const auto found = by_value_.find(&expression);
    if (found != by_value_.end()) return found->second;
    expressions_.push_back(expression);
    const CronExpression* kept = &expressions_.back();
    by_value_.emplace(kept, kept);
    return kept;
}

std::size_t SchedulePool::ByFields::operator()(const CronExpression* expression) const noexcept {
    const CronFields& fields = expression->fields();
    std::uint64_t hash = 0;
    const auto mix = [&hash](std::uint64_t value) {
        hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
        hash ^= hash >> 29U;
    };
    mix(fields.seconds);
    mix(fields.minutes);
    mix(fields.hours | (std::uint64_t{fields.days} << 32U));
    mix(fields.months | (std::uint64_t{fields.weekdays} << 32U));
    mix(fields.nth_weekdays);
    return static_cast<std::size_t>(hash);
}

void IdIndex::reserve(std::size_t count) {
    std::size_t slots = 64;
    while (slots < count * 2) slots *= 2;
    if (size_ == 0 && slots > slots_.size()) slots_.assign(slots, 0);
}

}  // namespace periodic::cron
