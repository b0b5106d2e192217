#include "base/json.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.hpp"

namespace periodic::json {
namespace {

void append(std::string& out, const Value& value);

void append_list(std::string& out, const Array& array) {
    out += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
        if (i != 0) out += ',';
        append(out, array[i]);
    }
    out += ']';
}

void append_members(std::string& out, const Object& object) {
    out += '{';
    bool first = true;
    for (const auto& member : object) {
        if (!first) out += ',';
        first = false;
        append_quoted(out, std::string_view(member.key().data(), member.key().size()));
        out += ':';
        append(out, member.value());
    }
    out += '}';
}

// Depth is bounded: what we build is shallow, and `parse` refuses more than 32 levels.
void append(std::string& out, const Value& value) {
    switch (value.kind()) {
        case boost::json::kind::null:
            out += "null";
            break;
        case boost::json::kind::bool_:
            out += value.get_bool() ? "true" : "false";
            break;
        case boost::json::kind::int64:
            out += std::to_string(value.get_int64());
            break;
        case boost::json::kind::uint64:
            out += std::to_string(value.get_uint64());
            break;
        case boost::json::kind::double_:
            out += number_text(value.get_double());
            break;
        case boost::json::kind::string:
            append_quoted(out,
                          std::string_view(value.get_string().data(), value.get_string().size()));
            break;
        case boost::json::kind::array:
            append_list(out, value.get_array());
            break;
        case boost::json::kind::object:
            append_members(out, value.get_object());
            break;
    }
}

void append_escape(std::string& out, unsigned char byte) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    switch (byte) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += "\\u00";
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 0x0FU];
    }
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        const auto byte = static_cast<unsigned char>(text.front());
        if (length == 0) {
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
            continue;
        }
        if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7F) {
            append_escape(out, byte);
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    out += '"';
}

std::string number_text(double number) {
    if (!std::isfinite(number)) return "null";
    // Plain digits up to 2^53, beyond which a double is no exact integer anyway.
    std::array<char, 64> buffer{};
    const bool plain = std::abs(number) < 9e15 && (number == 0 || std::abs(number) > 1e-5);
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                      plain ? std::chars_format::fixed : std::chars_format::scientific);
    return {buffer.data(), end.ptr};
}

std::string to_text(const Value& value) {
    std::string out;
    append(out, value);
    return out;
}

Result<Value> parse(std::string_view text) {
    boost::json::stream_parser parser;
    boost::system::error_code error;
    const std::size_t taken = parser.write(text.data(), text.size(), error);
    if (!error) parser.finish(error);
    if (!error) return parser.release();
    Error mistake;
    mistake.code = ErrorCode::Usage;
    mistake.message = "not JSON: " + error.message();
    mistake.column = static_cast<std::uint32_t>(taken + 1);
    return Failure(std::move(mistake));
}

}  // namespace periodic::json
