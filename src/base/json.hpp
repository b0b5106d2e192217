#pragma once

/// @file
/// JSON documents: the one place that includes Boost.JSON.
///
/// Build a document from `Object`, `Array` and `Value` with initializer lists; write it with
/// `to_text`, which differs from Boost's in that numbers look as people write them (`0.5`, not
/// `5E-1`) and that bytes that are not UTF-8 never get out.

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "periodic/error.hpp"

namespace periodic::json {

using Array = boost::json::array;
using Object = boost::json::object;
using Value = boost::json::value;

/// One line, without a line end.
[[nodiscard]] std::string to_text(const Value& value);

/// Appends a JSON string, quotes and all; each byte that is not UTF-8 becomes U+FFFD.
void append_quoted(std::string& out, std::string_view text);

/// The shortest text that reads back as the same number; `null` if it is not finite.
[[nodiscard]] std::string number_text(double number);

/// Error: Usage, with the byte (from 1) in `column`. Nested at most 32 deep.
[[nodiscard]] Result<Value> parse(std::string_view text);

}  // namespace periodic::json
