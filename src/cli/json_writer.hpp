#pragma once

/// @file
/// Writes one JSON document, member by member.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/time_zone.hpp"
#include "periodic/value.hpp"

namespace periodic::cli {

/// Writes a document as it is told, without a tree in between. Every text comes out as valid UTF-8,
/// bytes that are not are replaced. The caller balances `object`, `array` and `end`.
///
///     JsonWriter json;
///     json.object().key("ok").boolean(true).key("problems").array().end().end();
///     session.print(json.document());
class JsonWriter {
public:
    JsonWriter& object() { return open('{', '}'); }
    JsonWriter& array() { return open('[', ']'); }
    JsonWriter& end();
    JsonWriter& key(std::string_view name);

    JsonWriter& text(std::string_view value);
    JsonWriter& text_or_null(std::string_view value) {
        return value.empty() ? null() : text(value);
    }
    JsonWriter& integer(std::int64_t value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    /// A number of seconds, to the millisecond.
    JsonWriter& seconds(double value);
    JsonWriter& values(const Values& values);

    /// Two members, `PREFIXtime` and `PREFIXepoch`: to the second, or to the millisecond.
    JsonWriter& instant(std::string_view prefix, std::optional<std::chrono::sys_seconds> time,
                        const TimeZone& zone);
    JsonWriter& instant(std::string_view prefix, std::optional<Time> time, const TimeZone& zone);

    /// What was written, with a line end.
    [[nodiscard]] std::string document() const { return text_ + '\n'; }

private:
    JsonWriter& open(char begin, char end);
    JsonWriter& item(std::string_view written);

    std::string text_{};
    std::vector<char> ends_{};
    bool comma_ = false;  // whether something stands before the next item
};

}  // namespace periodic::cli
