#include "task/element_reader.hpp"

#include <charconv>

#include "periodic/duration.hpp"
#include "periodic/value.hpp"

namespace periodic {
namespace {

std::string tag(std::string_view name) {
    return "<" + std::string(name) + ">";
}

void note_bad_value(const Field& field, const Error& why, Findings& findings) {
    findings.error(field.place, field.what + ": " + why.message, why.hint);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return value;
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

void check_attributes(const ConfigElement& element, const std::vector<std::string_view>& known,
                      Findings& findings) {
    for (const auto& attribute : element.attributes) {
        if (findings.is_full()) return;
        if (std::find(known.begin(), known.end(), attribute.name) != known.end()) continue;
        const std::string hint = known.empty() ? tag(element.name) + " has no attributes"
                                               : suggestion(attribute.name, known, "", "=\"...\"");
        findings.error(place_of(attribute),
                       "unknown attribute " + attribute.name + " of " + tag(element.name), hint);
    }
}

void check_no_text(const ConfigElement& element, Findings& findings) {
    const std::string_view text = trimmed(element.text);
    if (text.empty()) return;
    findings.error(
        place_of(element), "text can't stand in " + tag(element.name),
        "it begins with '" + std::string(text.substr(0, text.find('\n')).substr(0, 40)) + "'");
}

void check_no_children(const ConfigElement& element, Findings& findings) {
    for (const auto& child : element.children) {
        findings.error(place_of(child),
                       "unknown element " + tag(child.name) + " in " + tag(element.name),
                       tag(element.name) + " holds no elements");
    }
}

std::optional<Field> text_field(const ConfigElement& element, Findings& findings) {
    check_no_children(element, findings);
    const std::string_view text = trimmed(element.text);
    if (text.empty()) {
        findings.error(place_of(element), tag(element.name) + " is empty");
        return std::nullopt;
    }
    return Field{tag(element.name), std::string(text), place_of(element)};
}

std::optional<Field> attribute_field(const ConfigElement& element, std::string_view name) {
    auto field = verbatim_attribute(element, name);
    if (field) field->text = std::string(trimmed(field->text));
    return field;
}

std::optional<Field> verbatim_attribute(const ConfigElement& element, std::string_view name) {
    for (const auto& attribute : element.attributes) {
        if (attribute.name == name) {
            return Field{std::string(name) + "=", attribute.value, place_of(attribute)};
        }
    }
    return std::nullopt;
}

std::optional<Field> required_attribute(const ConfigElement& element, std::string_view name,
                                        Findings& findings) {
    auto field = attribute_field(element, name);
    if (field && !field->text.empty()) return field;
    findings.error(field ? field->place : place_of(element),
                   tag(element.name) + (field ? " has an empty " : " lacks the attribute ") +
                       std::string(name));
    return std::nullopt;
}

void read(const std::optional<Field>& field, std::chrono::seconds& target, Findings& findings) {
    if (!field) return;
    if (const auto value = parse_duration(field->text)) {
        target = *value;
    } else {
        note_bad_value(*field, value.error(), findings);
    }
}

void read(const std::optional<Field>& field, bool& target, Findings& findings) {
    constexpr std::array<std::pair<std::string_view, bool>, 2> kWords{
        {{"true", true}, {"false", false}}};
    read_word(field, kWords, target, findings);
}

void read_size(const std::optional<Field>& field, std::uint64_t& target, Findings& findings) {
    if (!field) return;
    if (const auto value = parse_size(field->text)) {
        target = *value;
    } else {
        note_bad_value(*field, value.error(), findings);
    }
}

void read_decimal(const std::optional<Field>& field, double least, double most, double& target,
                  Findings& findings) {
    if (!field) return;
    double value = 0;
    const char* const end = field->text.data() + field->text.size();
    const auto [stopped, error] =
        std::from_chars(field->text.data(), end, value, std::chars_format::fixed);
    const bool digit_first = !field->text.empty() && field->text.front() != '-';
    if (error == std::errc{} && stopped == end && digit_first && value >= least && value <= most) {
        target = value;
        return;
    }
    findings.error(field->place, field->what + ": '" + field->text + "' is no number from " +
                                     std::to_string(static_cast<int>(least)) + " to " +
                                     std::to_string(static_cast<int>(most)));
}

void read_integer(const std::optional<Field>& field, std::int64_t least, std::int64_t most,
                  std::int64_t& target, Findings& findings) {
    if (!field) return;
    const auto value = whole_number(field->text);
    if (value && *value >= least && *value <= most) {
        target = *value;
        return;
    }
    findings.error(field->place, field->what + ": '" + field->text + "' is no whole number from " +
                                     std::to_string(least) + " to " + std::to_string(most));
}

void read_integer(const std::optional<Field>& field, int least, int most, int& target,
                  Findings& findings) {
    std::int64_t value = target;
    read_integer(field, std::int64_t{least}, std::int64_t{most}, value, findings);
    target = static_cast<int>(value);
}

void read_url(const std::optional<Field>& field, std::string& target, Findings& findings) {
    if (!field) return;
    std::string_view rest = field->text;
    const bool scheme = rest.substr(0, 7) == "http://" || rest.substr(0, 8) == "https://";
    if (scheme) rest.remove_prefix(rest.find("//") + 2);
    const bool printable =
        std::all_of(rest.begin(), rest.end(), [](char c) { return c > ' ' && c != 0x7F; });
    if (scheme && printable && !rest.empty() && rest.find_first_of("/?#") != 0) {
        target = field->text;
        return;
    }
    findings.error(field->place, field->what + ": '" + field->text + "' is no web address",
                   "write http://HOST/... or https://HOST/...");
}

void read_name(const std::optional<Field>& field, std::string& target, Findings& findings) {
    if (!field) return;
    if (is_task_name(field->text)) {
        target = field->text;
        return;
    }
    findings.error(field->place, field->what + ": '" + field->text + "' is no name",
                   "a letter or digit, then letters, digits, '.', '_' or '-'");
}

void read_text(const std::optional<Field>& field, std::string& target) {
    if (field) target = field->text;
}

void note_same_keys(const ConfigElement& parent, std::string_view child, std::string_view attribute,
                    std::string (*key)(std::string_view name), std::string_view what,
                    Findings& findings) {
    std::map<std::string, const ConfigElement*> first;
    for (const ConfigElement& element : parent.children) {
        const auto name = attribute_field(element, attribute);
        if (element.name != child || !name || name->text.empty()) continue;
        const auto [seen, is_new] = first.emplace(key(name->text), &element);
        if (is_new) continue;
        const std::string other = attribute_field(*seen->second, attribute)->text;
        const std::string line = std::to_string(seen->second->line);
        std::string message = std::string(what).append(1, ' ').append(name->text);
        if (other == name->text) {
            message += " is given twice; the first is in line " + line;
            findings.error(name->place, std::move(message), "keep one of them");
        } else {
            message += " and " + other + " of line " + line + " would both be " + seen->first;
            findings.error(name->place, std::move(message), "give one of them another name");
        }
    }
}

void note_unknown_word(const Field& field, const std::vector<std::string_view>& known,
                       Findings& findings) {
    findings.error(field.place, field.what + ": '" + field.text + "' is not known here",
                   suggestion(field.text, known, "'", "'"));
}

void note_unknown_element(const ConfigElement& element, const std::vector<std::string_view>& known,
                          Findings& findings) {
    findings.error(place_of(element), "unknown element " + tag(element.name),
                   suggestion(element.name, known, "<", ">"));
}

void note_repeated_element(const ConfigElement& element, const ConfigElement& first,
                           Findings& findings) {
    findings.error(place_of(element),
                   tag(element.name) + " stands here a second time; the first is in line " +
                       std::to_string(first.line),
                   "keep one of them");
}

}  // namespace periodic
