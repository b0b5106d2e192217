#include "cli/json_writer.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/json.hpp"

namespace periodic::cli {
namespace {

std::string decimal(std::int64_t milliseconds) {
    std::array<char, 32> number{};
    const char* sign = milliseconds < 0 ? "-" : "";
    const std::int64_t size = milliseconds < 0 ? -milliseconds : milliseconds;
    std::snprintf(number.data(), number.size(), "%s%lld.%03d", sign,
                  static_cast<long long>(size / 1000), static_cast<int>(size % 1000));
    return number.data();
}

}  // namespace

JsonWriter& JsonWriter::item(std::string_view written) {
    if (comma_) text_ += ',';
    text_ += written;
    comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::open(char begin, char end) {
    item(std::string_view(&begin, 1));
    ends_.push_back(end);
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::end() {
    text_ += ends_.back();
    ends_.pop_back();
    comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    text(name);
    text_ += ':';
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    if (comma_) text_ += ',';
    json::append_quoted(text_, value);
    comma_ = true;
    return *this;
}
JsonWriter& JsonWriter::integer(std::int64_t value) {
    return item(std::to_string(value));
}
JsonWriter& JsonWriter::boolean(bool value) {
    return item(value ? "true" : "false");
}
JsonWriter& JsonWriter::null() {
    return item("null");
}
JsonWriter& JsonWriter::values(const Values& values) {
    return item(to_json(values));
}

JsonWriter& JsonWriter::seconds(double value) {
    return item(decimal(std::llround(value * 1000.0)));
}

JsonWriter& JsonWriter::instant(std::string_view prefix,
                                std::optional<std::chrono::sys_seconds> time,
                                const TimeZone& zone) {
    key(std::string(prefix) + "time");
    time ? text(format_rfc3339(*time, zone)) : null();
    key(std::string(prefix) + "epoch");
    return time ? integer(time->time_since_epoch().count()) : null();
}

JsonWriter& JsonWriter::instant(std::string_view prefix, std::optional<Time> time,
                                const TimeZone& zone) {
    key(std::string(prefix) + "time");
    time ? text(format_rfc3339(*time, zone)) : null();
    key(std::string(prefix) + "epoch");
    return time ? item(decimal(time->time_since_epoch().count())) : null();
}

}  // namespace periodic::cli
