#include "cron/value_set.hpp"

#include <algorithm>

namespace periodic::cron {
namespace {

bool is_in(const CronFields& fields, Field field, int value) {
    const auto bit = static_cast<unsigned>(value);
    switch (field) {
        case Field::Second:
            return ((fields.seconds >> bit) & 1U) != 0;
        case Field::Minute:
            return ((fields.minutes >> bit) & 1U) != 0;
        case Field::Hour:
            return ((fields.hours >> bit) & 1U) != 0;
        case Field::Day:
            return ((fields.days >> bit) & 1U) != 0;
        case Field::Month:
            return ((fields.months >> bit) & 1U) != 0;
        case Field::Weekday:
            return ((fields.weekdays >> bit) & 1U) != 0;
        case Field::Year: {
            const unsigned year = bit - static_cast<unsigned>(spec_of(field).low);
            return ((fields.years[year / 64U] >> (year % 64U)) & 1U) != 0;
        }
    }
    return false;
}

}  // namespace

ValueSet::ValueSet(const CronFields& fields, Field field)
    : low_(spec_of(field).low), top_(spec_of(field).top), largest_step_(spec_of(field).high) {
    for (int value = low_; value <= top_; ++value) {
        if (is_in(fields, field, value)) values_.push_back(value);
    }
}

bool ValueSet::is_full() const {
    return values_.size() == static_cast<std::size_t>(top_ - low_) + 1;
}

bool ValueSet::has(int value) const {
    return std::binary_search(values_.begin(), values_.end(), value);
}

std::vector<Run> ValueSet::runs() const {
    std::vector<Run> runs;
    for (const int value : values_) {
        if (!runs.empty() && runs.back().last + 1 == value) {
            runs.back().last = value;
        } else {
            runs.push_back({value, value});
        }
    }
    return runs;
}

std::optional<Progression> ValueSet::progression() const {
    if (values_.size() < 3) return std::nullopt;
    const int step = values_[1] - values_[0];
    if (step < 2) return std::nullopt;
    for (std::size_t i = 2; i < values_.size(); ++i) {
        if (values_[i] - values_[i - 1] != step) return std::nullopt;
    }
    return Progression{values_.front(), values_.back(), step};
}

std::optional<int> ValueSet::star_step() const {
    for (int step = 1; step <= largest_step_; ++step) {
        bool all = true;
        for (int value = low_; value <= top_ && all; value += step) all = has(value);
        if (all) return step;
    }
    return std::nullopt;
}

ValueSet ValueSet::without_star(int step) const {
    ValueSet rest = *this;
    std::erase_if(rest.values_, [&](int value) { return (value - low_) % step == 0; });
    return rest;
}

}  // namespace periodic::cron
