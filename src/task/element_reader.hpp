#pragma once

/// @file
/// Reading XML elements into settings: what is unknown, doubled or no value of its kind is noted.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "periodic/command.hpp"
#include "task/findings.hpp"

namespace periodic {

/// A text that a person wrote for one setting, and where.
struct Field {
    std::string what{};  ///< how the setting is called in messages: `<timeout>`, `max=`
    std::string text{};
    Place place{};
};

[[nodiscard]] inline Place place_of(const ConfigElement& element) {
    return {element.line, element.column};
}
[[nodiscard]] inline Place place_of(const ConfigElement::Attribute& attribute) {
    return {attribute.line, attribute.column};
}

/// `text` without blanks at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

/// Notes attributes that are not among `known`.
void check_attributes(const ConfigElement& element, const std::vector<std::string_view>& known,
                      Findings& findings);
/// Notes text beside the child elements of an element that has none of its own.
void check_no_text(const ConfigElement& element, Findings& findings);
/// Notes children of an element that can't have any.
void check_no_children(const ConfigElement& element, Findings& findings);

/// The trimmed text of an element without children; notes it if it is empty.
[[nodiscard]] std::optional<Field> text_field(const ConfigElement& element, Findings& findings);
/// An attribute, if it is there, without blanks at both ends.
[[nodiscard]] std::optional<Field> attribute_field(const ConfigElement& element,
                                                   std::string_view name);
/// An attribute just as it is written.
[[nodiscard]] std::optional<Field> verbatim_attribute(const ConfigElement& element,
                                                      std::string_view name);
/// An attribute that must be there and not be empty; notes it if not.
[[nodiscard]] std::optional<Field> required_attribute(const ConfigElement& element,
                                                      std::string_view name, Findings& findings);

// Each of these sets `target` if the field is there and a good value, and notes it if it is none.

void read(const std::optional<Field>& field, std::chrono::seconds& target, Findings& findings);
void read(const std::optional<Field>& field, bool& target, Findings& findings);
/// A number of bytes, as `parse_size`.
void read_size(const std::optional<Field>& field, std::uint64_t& target, Findings& findings);
/// A decimal number in [least, most].
void read_decimal(const std::optional<Field>& field, double least, double most, double& target,
                  Findings& findings);
void read_integer(const std::optional<Field>& field, std::int64_t least, std::int64_t most,
                  std::int64_t& target, Findings& findings);
void read_integer(const std::optional<Field>& field, int least, int most, int& target,
                  Findings& findings);
/// An `http://` or `https://` address.
void read_url(const std::optional<Field>& field, std::string& target, Findings& findings);
/// A task's, group's or topic's name.
void read_name(const std::optional<Field>& field, std::string& target, Findings& findings);
/// Any text.
void read_text(const std::optional<Field>& field, std::string& target);

/// Notes children of one name that would come to the same, by what `key` makes of an attribute that
/// names them; `what` begins the message, as in "the parameter".
void note_same_keys(const ConfigElement& parent, std::string_view child, std::string_view attribute,
                    std::string (*key)(std::string_view name), std::string_view what,
                    Findings& findings);

/// Notes that a field's text is none of `known`.
void note_unknown_word(const Field& field, const std::vector<std::string_view>& known,
                       Findings& findings);

/// One of a few words.
template <class Enum, std::size_t N>
void read_word(const std::optional<Field>& field,
               const std::array<std::pair<std::string_view, Enum>, N>& words, Enum& target,
               Findings& findings) {
    if (!field) return;
    const auto found = std::find_if(words.begin(), words.end(),
                                    [&](const auto& word) { return word.first == field->text; });
    if (found != words.end()) {
        target = found->second;
        return;
    }
    std::vector<std::string_view> known;
    known.reserve(N);
    for (const auto& word : words) known.push_back(word.first);
    note_unknown_word(*field, known, findings);
}

/// A child element that may stand somewhere, and what reads it.
template <class Target>
struct ChildRule {
    std::string_view name;
    void (*read)(const ConfigElement& element, Target& target, Findings& findings);
    bool repeatable = false;
};

/// Notes an element that is not among `known`.
void note_unknown_element(const ConfigElement& element, const std::vector<std::string_view>& known,
                          Findings& findings);
/// Notes an element that stands there a second time.
void note_repeated_element(const ConfigElement& element, const ConfigElement& first,
                           Findings& findings);

/// Reads each child of `parent` by its rule and notes those that have none.
template <class Target>
void read_children(const ConfigElement& parent, std::span<const ChildRule<Target>> rules,
                   Target& target, Findings& findings) {
    check_no_text(parent, findings);
    std::map<std::string_view, const ConfigElement*> first;
    for (const ConfigElement& child : parent.children) {
        if (findings.is_full()) return;
        const auto rule = std::find_if(rules.begin(), rules.end(),
                                       [&](const auto& each) { return each.name == child.name; });
        if (rule == rules.end()) {
            std::vector<std::string_view> known;
            for (const auto& each : rules) known.push_back(each.name);
            note_unknown_element(child, known, findings);
            continue;
        }
        const auto [seen, is_new] = first.emplace(child.name, &child);
        if (!is_new && !rule->repeatable) note_repeated_element(child, *seen->second, findings);
        rule->read(child, target, findings);
    }
}

}  // namespace periodic
