#include <array>

#include "cron/describe.hpp"

namespace periodic::cron {
namespace {

// Up to so many single times are listed; more are told as a rule.
constexpr std::size_t kMostTimes = 6;

std::string two_digits(int number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

/// The three sets of a time.
class Times {
public:
    explicit Times(const CronFields& fields)
        : seconds_(fields, Field::Second),
          minutes_(fields, Field::Minute),
          hours_(fields, Field::Hour) {}

    std::string describe(bool& is_moment) {
        is_moment = false;
        const bool one_second = seconds_.values().size() == 1;
        if (seconds_.values().size() * minutes_.values().size() * hours_.values().size() <=
            kMostTimes) {
            is_moment = true;
            return "At " + listed();
        }
        if (one_second && minutes_.values().size() == 1) return by_hours();
        if (one_second && seconds_.has(0)) {
            if (std::string text = by_minutes(); !text.empty()) return text;
        }
        return by_sets();
    }

private:
    static std::string clock(int hour, int minute, int second) {
        const std::string text = two_digits(hour) + ':' + two_digits(minute);
        return second == 0 ? text : text + ':' + two_digits(second);
    }

    // With the only second.
    [[nodiscard]] std::string clock(int hour, int minute) const {
        return clock(hour, minute, seconds_.values().front());
    }

    [[nodiscard]] std::string listed() const {
        std::vector<std::string> parts;
        for (const int hour : hours_.values()) {
            for (const int minute : minutes_.values()) {
                for (const int second : seconds_.values()) {
                    parts.push_back(clock(hour, minute, second));
                }
            }
        }
        return joined(parts);
    }

    // One minute in each of several hours.
    [[nodiscard]] std::string by_hours() const {
        const int minute = minutes_.values().front();
        const bool sharp = minute == 0 && seconds_.has(0);
        if (hours_.is_full()) {
            if (sharp) return "Every hour";
            if (seconds_.has(0)) return "At minute " + std::to_string(minute) + " of every hour";
            return "At " + clock(0, minute).substr(3) + " past every hour";
        }
        if (const auto steps = hours_.progression()) {
            return "Every " + std::to_string(steps->step) + " hours from " +
                   clock(steps->first, minute) + " to " + clock(steps->last, minute);
        }
        std::vector<std::string> spans;
        std::vector<std::string> single;
        for (const Run& run : hours_.runs()) {
            if (run.last - run.first < 2) {
                for (int hour = run.first; hour <= run.last; ++hour) {
                    single.push_back(clock(hour, minute));
                }
            } else {
                spans.push_back("from " + clock(run.first, minute) + " to " +
                                clock(run.last, minute));
            }
        }
        if (spans.empty()) return "At " + joined(single);
        if (!single.empty()) spans.push_back("at " + joined(single));
        return "Every hour " + joined(spans);
    }

    // Minutes at even distances that go on over the hours; empty if they don't.
    [[nodiscard]] std::string by_minutes() const {
        const auto& minutes = minutes_.values();
        if (minutes.size() < 2 || 60 % minutes.size() != 0) return {};
        const int step = 60 / static_cast<int>(minutes.size());
        for (std::size_t i = 1; i < minutes.size(); ++i) {
            if (minutes[i] - minutes[i - 1] != step) return {};
        }
        const std::string rate =
            step == 1 ? "Every minute" : "Every " + std::to_string(step) + " minutes";
        if (hours_.is_full()) return minutes.front() == 0 ? rate : std::string{};
        std::vector<std::string> spans;
        for (const Run& run : hours_.runs()) {
            spans.push_back("from " + clock(run.first, minutes.front()) + " to " +
                            clock(run.last, minutes.back()));
        }
        return spans.size() <= 4 ? rate + ' ' + joined(spans) : std::string{};
    }

    static std::string one_or_many(const ValueSet& set, const std::string& word) {
        if (set.is_full()) return "every " + word;
        if (const auto steps = set.progression(); steps && set.values().size() > 3) {
            return "every " + ordinal(steps->step) + ' ' + word + " from " +
                   std::to_string(steps->first) + " to " + std::to_string(steps->last);
        }
        std::vector<std::string> parts;
        for (const Run& run : set.runs()) {
            if (run.last - run.first >= 2) {
                parts.push_back(std::to_string(run.first) + " to " + std::to_string(run.last));
            } else {
                for (int value = run.first; value <= run.last; ++value) {
                    parts.push_back(std::to_string(value));
                }
            }
        }
        return word + (set.values().size() == 1 ? " " : "s ") + joined(parts);
    }

    // Any sets: seconds of minutes of hours.
    [[nodiscard]] std::string by_sets() const {
        std::string text;
        const bool has_seconds = !(seconds_.values().size() == 1 && seconds_.has(0));
        const bool every_minute = minutes_.is_full() && hours_.is_full();
        if (has_seconds && every_minute) {
            if (seconds_.is_full()) return "Every second";
            const auto steps = seconds_.progression();
            if (steps && steps->first == 0 && 60 % steps->step == 0 &&
                steps->last == 60 - steps->step) {
                return "Every " + std::to_string(steps->step) + " seconds";
            }
            return starting(one_or_many(seconds_, "second")) + " of every minute";
        }
        if (has_seconds) text = one_or_many(seconds_, "second") + " of ";
        text += one_or_many(minutes_, "minute") + " of " + one_or_many(hours_, "hour");
        return starting(text);
    }

    static std::string starting(std::string text) {
        if (!text.starts_with("every")) return "At " + text;
        text.front() = 'E';
        return text;
    }

    ValueSet seconds_;
    ValueSet minutes_;
    ValueSet hours_;
};

}  // namespace

std::string joined(const std::vector<std::string>& parts, std::string_view last_word) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i != 0) {
            text += i + 1 == parts.size() ? ' ' + std::string(last_word) + ' ' : std::string(", ");
        }
        text += parts[i];
    }
    return text;
}

std::string ordinal(int number) {
    const bool is_teen = number % 100 / 10 == 1;
    constexpr std::array<const char*, 4> kEndings{"th", "st", "nd", "rd"};
    const int digit = number % 10;
    return std::to_string(number) +
           (is_teen || digit > 3 ? "th" : kEndings[static_cast<std::size_t>(digit)]);
}

std::string describe_times(const CronFields& fields, bool& is_moment) {
    return Times(fields).describe(is_moment);
}

}  // namespace periodic::cron
