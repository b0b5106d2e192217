#include "cli/key_values.hpp"

namespace periodic::cli {

Result<Values> parse_key_values(const std::vector<std::string>& words, std::string_view what) {
    Values values;
    for (const auto& word : words) {
        const auto equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (equals == std::string::npos || !is_parameter_name(name)) {
            return failure(ErrorCode::Usage, "'" + word + "' is no " + std::string(what),
                           std::string(what) +
                               "s are written key=value; a key is letters, digits, _ and -, and "
                               "begins with a letter");
        }
        if (!values.emplace(name, Value(word.substr(equals + 1))).second) {
            return failure(ErrorCode::Usage,
                           "the " + std::string(what) + " '" + name + "' is given twice");
        }
    }
    return values;
}

}  // namespace periodic::cli
