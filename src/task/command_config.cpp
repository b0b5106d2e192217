// The readers of a command's configuration, and the words of its outcomes.

#include <algorithm>
#include <charconv>

#include "periodic/command.hpp"
#include "periodic/duration.hpp"
#include "task/element_reader.hpp"

namespace periodic {
namespace {

constexpr std::array<std::pair<std::string_view, Outcome>, 4> kOutcomes{{
    {"success", Outcome::Success},
    {"fail", Outcome::Fail},
    {"abort", Outcome::Abort},
    {"reschedule", Outcome::Reschedule},
}};

std::string tag(std::string_view name) {
    return "<" + std::string(name) + ">";
}

// The one child of a name; nullptr if there is none.
Result<const ConfigElement*> only_child(const ConfigElement& element, std::string_view name) {
    const ConfigElement* found = nullptr;
    for (const auto& child : element.children) {
        if (child.name != name) continue;
        if (found != nullptr) {
            return Failure(
                CommandConfig::error_at(child, tag(name) + " is given twice", "keep one of them"));
        }
        found = &child;
    }
    return found;
}

}  // namespace

std::string_view to_string(Outcome outcome) noexcept {
    return kOutcomes[static_cast<std::size_t>(outcome)].first;
}

std::optional<Outcome> outcome_from(std::string_view word) noexcept {
    for (const auto& [name, outcome] : kOutcomes) {
        if (name == word) return outcome;
    }
    return std::nullopt;
}

const std::string* ConfigElement::attribute(std::string_view wanted) const noexcept {
    const auto found = std::find_if(attributes.begin(), attributes.end(),
                                    [&](const Attribute& each) { return each.name == wanted; });
    return found == attributes.end() ? nullptr : &found->value;
}

const ConfigElement* ConfigElement::child(std::string_view wanted) const noexcept {
    const auto found = std::find_if(children.begin(), children.end(),
                                    [&](const ConfigElement& each) { return each.name == wanted; });
    return found == children.end() ? nullptr : &*found;
}

std::string CommandConfig::text() const {
    return std::string(trimmed(element_.text));
}

Result<std::string> CommandConfig::required(std::string_view child) const {
    const auto found = only_child(element_, child);
    if (!found) return Failure(found.error());
    if (*found == nullptr) {
        return Failure(error_at(element_, "this command lacks " + tag(child)));
    }
    const std::string_view text = trimmed((*found)->text);
    if (text.empty()) return Failure(error_at(**found, tag(child) + " is empty"));
    return std::string(text);
}

Result<std::string> CommandConfig::optional(std::string_view child,
                                            std::string_view otherwise) const {
    const auto found = only_child(element_, child);
    if (!found) return Failure(found.error());
    return std::string(*found == nullptr ? otherwise : trimmed((*found)->text));
}

Result<bool> CommandConfig::boolean(std::string_view child, bool otherwise) const {
    const auto found = only_child(element_, child);
    if (!found) return Failure(found.error());
    if (*found == nullptr) return otherwise;
    const std::string_view text = trimmed((*found)->text);
    if (text == "true") return true;
    if (text == "false") return false;
    return Failure(error_at(**found, tag(child) + ": '" + std::string(text) + "' is not known here",
                            "write true or false"));
}

Result<std::int64_t> CommandConfig::integer(std::string_view child, std::int64_t otherwise) const {
    const auto found = only_child(element_, child);
    if (!found) return Failure(found.error());
    if (*found == nullptr) return otherwise;
    const std::string_view text = trimmed((*found)->text);
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc{} && stopped == end && !text.empty()) return value;
    return Failure(
        error_at(**found, tag(child) + ": '" + std::string(text) + "' is no whole number"));
}

Result<std::chrono::seconds> CommandConfig::duration(std::string_view child,
                                                     std::chrono::seconds otherwise) const {
    const auto found = only_child(element_, child);
    if (!found) return Failure(found.error());
    if (*found == nullptr) return otherwise;
    auto value = parse_duration(trimmed((*found)->text));
    if (value) return value;
    return Failure(
        error_at(**found, tag(child) + ": " + value.error().message, value.error().hint));
}

std::string_view CommandConfig::attribute(std::string_view name,
                                          std::string_view otherwise) const noexcept {
    const std::string* const value = element_.attribute(name);
    return value == nullptr ? otherwise : std::string_view(*value);
}

Error CommandConfig::error_at(const ConfigElement& where, std::string message, std::string hint) {
    Error error;
    error.message = std::move(message);
    error.hint = std::move(hint);
    error.line = where.line;
    error.column = where.column;
    return error;
}

}  // namespace periodic
