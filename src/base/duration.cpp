#include "periodic/duration.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace periodic {
namespace {

struct Unit {
    char letter;
    std::int64_t seconds;
};
constexpr std::array<Unit, 4> kUnits{{{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};

constexpr std::string_view kAllowed =
    "write whole seconds (90), or numbers with s, m, h or d, and their sums (1h30m)";

Failure not_a_duration(std::string_view text) {
    return failure(ErrorCode::Usage, "'" + std::string(text) + "' is no duration",
                   std::string(kAllowed));
}

// Takes the digits at the front of `text`; nullopt if there are none or they do not fit.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t number = 0;
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

}  // namespace

Result<std::chrono::seconds> parse_duration(std::string_view text) {
    std::string_view rest = text;
    std::int64_t total = 0;
    std::array<bool, kUnits.size()> seen{};
    const auto too_long = [&] {
        return failure(ErrorCode::Usage, "the duration '" + std::string(text) + "' is too long",
                       "at most " + format_duration(kLongestDuration));
    };
    do {
        const auto number = take_number(rest);
        if (!number) return not_a_duration(text);
        std::int64_t seconds = 1;
        if (!rest.empty()) {
            std::size_t unit = 0;
            while (unit < kUnits.size() && kUnits[unit].letter != rest.front()) ++unit;
            if (unit == kUnits.size() || seen[unit]) return not_a_duration(text);
            seen[unit] = true;
            seconds = kUnits[unit].seconds;
            rest.remove_prefix(1);
        } else if (seen != decltype(seen){}) {
            return not_a_duration(text);  // "1h30": thirty of what?
        }
        if (*number > kLongestDuration.count() / seconds) return too_long();
        total += *number * seconds;
        if (total > kLongestDuration.count()) return too_long();
    } while (!rest.empty());
    return std::chrono::seconds(total);
}

std::string format_duration(std::chrono::seconds duration) {
    if (duration.count() == 0) return "0s";
    std::string text = duration.count() < 0 ? "-" : "";
    std::int64_t rest = duration.count() < 0 ? -duration.count() : duration.count();
    for (const auto& unit : kUnits) {
        if (rest < unit.seconds) continue;
        text += std::to_string(rest / unit.seconds) + unit.letter;
        rest %= unit.seconds;
    }
    return text;
}

Result<std::uint64_t> parse_size(std::string_view text) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
    constexpr std::string_view kHint = "write bytes (4096), or a number with K, M or G (10M)";
    std::string_view rest = text;
    const auto number = take_number(rest);
    unsigned shift = 0;
    if (rest == "K")
        shift = 10;
    else if (rest == "M")
        shift = 20;
    else if (rest == "G")
        shift = 30;
    else if (!rest.empty() || !number) {
        return failure(ErrorCode::Usage, "'" + std::string(text) + "' is no size",
                       std::string(kHint));
    }
    if (!number || static_cast<std::uint64_t>(*number) > (kMost >> shift)) {
        return failure(ErrorCode::Usage, "the size '" + std::string(text) + "' is too large",
                       "at most 4294967296G");
    }
    return static_cast<std::uint64_t>(*number) << shift;
}

}  // namespace periodic
