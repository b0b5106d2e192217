#include "task/xml_guard.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>

#include "base/code_point.hpp"

namespace periodic {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr const char* kAmpersandHint =
    "write &amp; for the character &, or put the text into <![CDATA[ ... ]]>";
constexpr const char* kLessHint =
    "write &lt; for the character <, or put the text into <![CDATA[ ... ]]>";

struct Range {
    std::uint32_t first;
    std::uint32_t last;
};

// NameStartChar of XML 1.0 (fifth edition), and what NameChar adds to it.
constexpr std::array<Range, 16> kNameStart{{{':', ':'},
                                            {'A', 'Z'},
                                            {'_', '_'},
                                            {'a', 'z'},
                                            {0xC0, 0xD6},
                                            {0xD8, 0xF6},
                                            {0xF8, 0x2FF},
                                            {0x370, 0x37D},
                                            {0x37F, 0x1FFF},
                                            {0x200C, 0x200D},
                                            {0x2070, 0x218F},
                                            {0x2C00, 0x2FEF},
                                            {0x3001, 0xD7FF},
                                            {0xF900, 0xFDCF},
                                            {0xFDF0, 0xFFFD},
                                            {0x10000, 0xEFFFF}}};
constexpr std::array<Range, 6> kNameMore{
    {{'-', '-'}, {'.', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}}};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, std::uint32_t c) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [c](const Range& range) { return c >= range.first && c <= range.last; });
}

bool is_char(std::uint32_t c) {
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

bool is_blank(char c) {
    return kBlanks.find(c) != std::string_view::npos;
}

// Reads through the text once. A member that answers false has noted why there is no going on.
class Guard {
public:
    Guard(std::string_view text, Findings& findings, XmlOffsets& offsets)
        : text_(text), findings_(findings), offsets_(offsets) {}

    bool run() {
        if (!is_utf8()) return false;
        if (text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) at_ = kByteOrderMark.size();
        if (starts("<?xml") && at_ + 5 < text_.size() && is_blank(text_[at_ + 5]) &&
            !declaration()) {
            return false;
        }
        while (at_ < text_.size()) {
            if (!(text_[at_] == '<' ? markup() : characters())) return false;
        }
        if (!open_.empty()) {
            return stop(open_.back().at, "<" + std::string(open_.back().name) + "> is never closed",
                        "add </" + std::string(open_.back().name) + ">");
        }
        return seen_root_ || stop(0, "there is no element in it");
    }

private:
    struct Open {
        std::string_view name;
        std::size_t at;
    };

    [[nodiscard]] bool starts(std::string_view with) const {
        return text_.substr(at_, with.size()) == with;
    }

    bool stop(std::size_t at, std::string message, std::string hint = {}) {
        findings_.error(findings_.place(at), std::move(message), std::move(hint));
        return false;
    }

    // The hint for a tag: one that comes after text may be meant as that, as `<` is in a shell.
    [[nodiscard]] std::string or_character(std::size_t tag, std::string hint) const {
        const std::size_t close = text_.substr(0, tag).rfind('>');
        if (open_.empty() || close == std::string_view::npos) return hint;
        const std::string_view before = text_.substr(close + 1, tag - close - 1);
        if (before.find_first_not_of(kBlanks) == std::string_view::npos) return hint;
        if (!hint.empty()) hint += "; ";
        return hint + "if '<' is meant as a character: " + kLessHint;
    }

    bool is_utf8() {
        const std::string_view mark = text_.substr(0, 2);
        if (mark == "\xFF\xFE" || mark == "\xFE\xFF") {
            return stop(0, "it is UTF-16, and not UTF-8", "save it as UTF-8");
        }
        const std::size_t valid = valid_utf8_prefix(text_);
        return valid == text_.size() ||
               stop(valid, "this byte is not UTF-8", "save the file as UTF-8");
    }

    bool markup() {
        if (starts("<!--")) return comment();
        if (starts("<![CDATA[")) return character_data();
        if (starts("<!DOCTYPE")) return stop(at_, "a DOCTYPE is refused", "leave it out");
        if (starts("<!")) return stop(at_, "'<!' begins nothing that is known here");
        if (starts("<?")) return instruction();
        return starts("</") ? end_tag() : start_tag();
    }

    bool declaration() {
        const std::size_t from = at_;
        const auto broken = [&] {
            return stop(from, "the XML declaration is broken",
                        R"(write <?xml version="1.0" encoding="UTF-8"?>)");
        };
        // Its three parts, in their order, of which the first must be there.
        constexpr std::array<std::string_view, 3> kParts{"version", "encoding", "standalone"};
        at_ += 5;
        for (std::size_t next = 0;; ++next) {
            const std::size_t before = at_;
            skip_blanks();
            if (starts("?>")) {
                at_ += 2;
                return next != 0 || broken();
            }
            const std::size_t at = at_;
            const std::string_view name = take_name();
            if (at == before || name.empty()) return broken();
            while (next != 0 && next < kParts.size() && kParts[next] != name) ++next;
            if (next == kParts.size() || kParts[next] != name) return broken();
            std::string_view value;
            if (!equals_value(name, value) || !check_declared(at, name, value)) return false;
        }
    }

    bool check_declared(std::size_t at, std::string_view name, std::string_view value) {
        if (name == "version") {
            return value == "1.0" || stop(at, "it is not XML 1.0", "write version=\"1.0\"");
        }
        if (name == "standalone") {
            return value == "yes" || value == "no" || stop(at, "standalone is yes or no");
        }
        std::string upper(value);
        std::transform(upper.begin(), upper.end(), upper.begin(),
                       [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        return upper == "UTF-8" || upper == "US-ASCII" ||
               stop(at, "the encoding " + std::string(value) + " is refused",
                    "save it as UTF-8 and write encoding=\"UTF-8\"");
    }

    bool comment() {
        const std::size_t from = at_;
        const std::size_t end = text_.find("--", at_ + 4);
        if (end == std::string_view::npos) return stop(from, "this comment is never closed");
        if (text_.substr(end, 3) != "-->") {
            return stop(end, "'--' can't stand in a comment", "end it with -->");
        }
        check_characters(at_, end);
        at_ = end + 3;
        return true;
    }

    bool character_data() {
        if (open_.empty()) return stop(at_, "text can't stand outside of the document's element");
        const std::size_t end = text_.find("]]>", at_);
        if (end == std::string_view::npos) return stop(at_, "this CDATA section is never closed");
        check_characters(at_, end);
        at_ = end + 3;
        return true;
    }

    bool instruction() {
        const std::size_t from = at_;
        at_ += 2;
        const std::string_view target = take_name();
        const bool is_xml = target.size() == 3 && (target[0] | 0x20) == 'x' &&
                            (target[1] | 0x20) == 'm' && (target[2] | 0x20) == 'l';
        if (target.empty()) return stop(from, "'<?' wants a name");
        if (is_xml) return stop(from, "<?xml ...?> must stand at the very beginning of the file");
        const std::size_t end = text_.find("?>", at_);
        if (end == std::string_view::npos) return stop(from, "this instruction is never closed");
        if (end != at_ && !is_blank(text_[at_])) return stop(at_, "a blank is missing here");
        check_characters(at_, end);
        at_ = end + 2;
        return true;
    }

    bool end_tag() {
        const std::size_t from = at_;
        at_ += 2;
        const std::string_view name = take_name();
        skip_blanks();
        if (name.empty() || !starts(">")) return stop(from, "this end tag is broken");
        ++at_;
        if (open_.empty()) return stop(from, "</" + std::string(name) + "> closes nothing");
        if (open_.back().name != name) {
            const std::string wanted(open_.back().name);
            return stop(from,
                        "</" + std::string(name) + "> can't close <" + wanted + "> of line " +
                            std::to_string(findings_.place(open_.back().at).line),
                        or_character(open_.back().at, "write </" + wanted + "> first"));
        }
        open_.pop_back();
        return true;
    }

    bool start_tag() {
        const std::size_t from = at_++;
        const std::string_view name = take_name();
        if (name.empty()) return stop(from, "'<' wants a name here", kLessHint);
        if (open_.empty() && seen_root_)
            return stop(from, "there is more than one element at the top");
        if (open_.size() == kDeepestElement) {
            return stop(from,
                        "nested deeper than " + std::to_string(kDeepestElement) + " elements");
        }
        seen_root_ = true;
        offsets_.elements.push_back(from);
        std::set<std::string_view> names;
        while (true) {
            const std::size_t before = at_;
            skip_blanks();
            if (starts("/>")) {
                at_ += 2;
                return true;
            }
            if (starts(">")) {
                ++at_;
                open_.push_back({name, from});
                return true;
            }
            if (at_ >= text_.size()) {
                return stop(from, "the tag <" + std::string(name) + " is never closed",
                            or_character(from, "add >"));
            }
            if (at_ == before) return stop(at_, "a blank is missing here", or_character(from, ""));
            if (!attribute(from, names)) return false;
        }
    }

    bool attribute(std::size_t tag, std::set<std::string_view>& names) {
        const std::size_t from = at_;
        const std::string_view name = take_name();
        if (name.empty())
            return stop(from, "an attribute's name is missing here", or_character(tag, ""));
        offsets_.attributes.push_back(from);
        std::string_view value;
        if (!equals_value(name, value, tag)) return false;
        const auto begin = static_cast<std::size_t>(value.data() - text_.data());
        const std::size_t less = value.find('<');
        if (less != std::string_view::npos) {
            stop(begin + less, "'<' can't stand in an attribute", "write &lt;");
        }
        check_characters(begin, begin + value.size());
        check_entities(begin, begin + value.size(), "write &amp; for the character &");
        if (!names.insert(name).second) {
            stop(from, "the attribute " + std::string(name) + " is given twice",
                 "keep one of them");
        }
        return true;
    }

    // Reads `= "value"`; `tag` is where its tag begins, if it is one.
    bool equals_value(std::string_view name, std::string_view& value, std::size_t tag = 0) {
        const auto from = static_cast<std::size_t>(name.data() - text_.data());
        skip_blanks();
        if (!starts("=")) {
            return stop(from, "the attribute " + std::string(name) + " has no value",
                        or_character(tag, "write " + std::string(name) + "=\"...\""));
        }
        ++at_;
        skip_blanks();
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        if (quote != '"' && quote != '\'') {
            return stop(at_, "the value of " + std::string(name) + " must stand in quotes");
        }
        const std::size_t end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) return stop(at_, "this quote is never closed");
        value = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return true;
    }

    bool characters() {
        const std::size_t end = std::min(text_.find('<', at_), text_.size());
        const std::string_view run = text_.substr(at_, end - at_);
        if (open_.empty()) {
            const std::size_t ink = run.find_first_not_of(kBlanks);
            if (ink != std::string_view::npos) {
                return stop(at_ + ink, "text can't stand outside of the document's element");
            }
        }
        const std::size_t bracket = run.find("]]>");
        if (bracket != std::string_view::npos) {
            stop(at_ + bracket, "']]>' can't stand in text", "write ]]&gt;");
        }
        check_characters(at_, end);
        check_entities(at_, end, kAmpersandHint);
        at_ = end;
        return true;
    }

    void check_characters(std::size_t from, std::size_t to) {
        while (from < to) {
            const CodePoint point = first_code_point(text_.substr(from, to - from));
            if (!is_char(point.value)) {
                stop(from, "the character U+" + hexadecimal(point.value) + " can't stand in XML");
            }
            from += std::max<std::size_t>(point.length, 1);
        }
    }

    // A command with one bare '&' has more of them, and one remedy: it is told once.
    void check_entities(std::size_t from, std::size_t to, std::string_view hint) {
        bool told = false;
        for (std::size_t at = text_.find('&', from); at < to; at = text_.find('&', at + 1)) {
            const std::size_t end = text_.find_first_of(";&<\"' \t\r\n", at + 1);
            if (end >= to || text_[end] != ';') {
                if (!told) stop(at, "'&' begins an entity that has no ';'", std::string(hint));
                told = true;
                continue;
            }
            const std::string_view name = text_.substr(at + 1, end - at - 1);
            constexpr std::array<std::string_view, 5> kKnown{"amp", "lt", "gt", "apos", "quot"};
            const bool known = std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end();
            if (!known && !is_reference(name)) {
                stop(at, "the entity &" + std::string(name.substr(0, 32)) + "; is unknown",
                     "known: &amp; &lt; &gt; &apos; &quot; and numbers such as &#10;");
            }
        }
    }

    // `#10` or `#xA`, of a character that XML allows.
    static bool is_reference(std::string_view name) {
        if (name.substr(0, 1) != "#") return false;
        name.remove_prefix(1);
        const bool hex = name.substr(0, 1) == "x";
        if (hex) name.remove_prefix(1);
        if (name.empty() || name.size() > 10) return false;
        std::uint64_t value = 0;
        for (const char c : name) {
            const char lower = static_cast<char>(c | 0x20);
            const bool digit = c >= '0' && c <= '9';
            if (!digit && !(hex && lower >= 'a' && lower <= 'f')) return false;
            value = value * (hex ? 16 : 10) +
                    static_cast<std::uint64_t>(digit ? c - '0' : lower - 'a' + 10);
        }
        return value <= 0x10FFFF && is_char(static_cast<std::uint32_t>(value));
    }

    static std::string hexadecimal(std::uint32_t value) {
        std::string digits;
        for (; value != 0 || digits.size() < 4; value /= 16) {
            digits.insert(digits.begin(), "0123456789ABCDEF"[value % 16]);
        }
        return digits;
    }

    std::string_view take_name() {
        const std::size_t from = at_;
        while (at_ < text_.size()) {
            const CodePoint point = first_code_point(text_.substr(at_));
            const bool fits =
                is_in(kNameStart, point.value) || (at_ != from && is_in(kNameMore, point.value));
            if (!fits) break;
            at_ += point.length;
        }
        return text_.substr(from, at_ - from);
    }

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }

    std::string_view text_;
    Findings& findings_;
    XmlOffsets& offsets_;
    std::size_t at_ = 0;
    std::vector<Open> open_;
    bool seen_root_ = false;
};

}  // namespace

bool guard_xml(std::string_view text, Findings& findings, XmlOffsets& offsets) {
    return Guard(text, findings, offsets).run();
}

}  // namespace periodic
