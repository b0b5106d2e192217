#include "task/pattern_parser.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/code_point.hpp"

namespace periodic {
namespace {

using Kind = PatternNode::Kind;
using Range = Pattern::Range;
using CharacterSet = Pattern::CharacterSet;

constexpr std::uint32_t kLast = 0x10FFFF;
constexpr int kDeepestGroup = 32;
constexpr std::uint32_t kMostRepeats = 1000;

// Thrown inside of this file only: the first mistake ends the parsing.
struct Mistake {
    std::size_t at;
    std::string message;
    std::string hint;
};

CharacterSet complement(const CharacterSet& set) {
    return {set.ranges, !set.negated};
}

std::optional<CharacterSet> class_of(char letter) {
    const CharacterSet digits{{{'0', '9'}}, false};
    const CharacterSet word{{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}, false};
    const CharacterSet space{{{'\t', '\r'},
                              {' ', ' '},
                              {0xA0, 0xA0},
                              {0x1680, 0x1680},
                              {0x2000, 0x200A},
                              {0x2028, 0x2029},
                              {0x202F, 0x202F},
                              {0x205F, 0x205F},
                              {0x3000, 0x3000},
                              {0xFEFF, 0xFEFF}},
                             false};
    switch (letter) {
        case 'd':
            return digits;
        case 'D':
            return complement(digits);
        case 'w':
            return word;
        case 'W':
            return complement(word);
        case 's':
            return space;
        case 'S':
            return complement(space);
        default:
            return std::nullopt;
    }
}

// The ranges of a set that may be negated, as ranges of one that is not. They are in order.
std::vector<Range> plain_ranges(const CharacterSet& set) {
    if (!set.negated) return set.ranges;
    std::vector<Range> result;
    std::uint32_t next = 0;
    for (const Range& range : set.ranges) {
        if (range.first > next) result.push_back({next, range.first - 1});
        next = range.last + 1;
    }
    result.push_back({next, kLast});
    return result;
}

// Puts ranges in order and joins those that touch.
std::vector<Range> joined(std::vector<Range> ranges) {
    std::sort(ranges.begin(), ranges.end(),
              [](const Range& a, const Range& b) { return a.first < b.first; });
    std::vector<Range> result;
    for (const Range& range : ranges) {
        if (!result.empty() && range.first <= result.back().last + 1) {
            result.back().last = std::max(result.back().last, range.last);
        } else {
            result.push_back(range);
        }
    }
    return result;
}

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    PatternTree run() {
        tree_.root = alternatives();
        if (at_ < text_.size())
            throw Mistake{at_, "')' closes nothing", "write \\) for the character"};
        return std::move(tree_);
    }

private:
    [[nodiscard]] bool ended() const { return at_ >= text_.size(); }
    [[nodiscard]] bool next_is(char c) const { return !ended() && text_[at_] == c; }
    bool take(char c) {
        if (!next_is(c)) return false;
        ++at_;
        return true;
    }

    PatternNode alternatives() {
        PatternNode node{.kind = Kind::Alternatives};
        do node.parts.push_back(sequence());
        while (take('|'));
        if (node.parts.size() > 1) return node;
        PatternNode only = std::move(node.parts.front());
        return only;
    }

    PatternNode sequence() {
        PatternNode node{.kind = Kind::Sequence};
        while (!ended() && !next_is('|') && !next_is(')')) node.parts.push_back(repeated());
        return node;
    }

    PatternNode repeated() {
        const std::size_t from = at_;
        PatternNode node = atom();
        const std::size_t sign = at_;
        std::uint32_t least = 0;
        std::uint32_t most = PatternNode::kUnbounded;
        if (take('*')) {
        } else if (take('+')) {
            least = 1;
        } else if (take('?')) {
            most = 1;
        } else if (next_is('{')) {
            counts(least, most);
        } else {
            return node;
        }
        if (node.kind != Kind::Set && node.kind != Kind::Sequence &&
            node.kind != Kind::Alternatives) {
            throw Mistake{from, "this has no length and can't be repeated", ""};
        }
        take('?');  // lazy: the same for a whole value
        if (next_is('*') || next_is('+') || next_is('?') || next_is('{')) {
            throw Mistake{sign, "there are two repeats in a row", "put the first into (?:...)"};
        }
        PatternNode repeat{.kind = Kind::Repeat, .least = least, .most = most};
        repeat.parts.push_back(std::move(node));
        return repeat;
    }

    void counts(std::uint32_t& least, std::uint32_t& most) {
        const std::size_t from = at_++;
        const auto first = number();
        least = most = first.value_or(0);
        if (first && take(',')) most = number().value_or(PatternNode::kUnbounded);
        if (!first || !take('}')) {
            throw Mistake{from, "'{' begins no repeat here", "write {2}, {2,} or {2,5}, or \\{"};
        }
        const bool too_many =
            least > kMostRepeats || (most > kMostRepeats && most != PatternNode::kUnbounded);
        if (too_many || least > most) {
            throw Mistake{from,
                          too_many ? "this repeats more than 1000 times"
                                   : "the repeat's numbers are in the wrong order",
                          ""};
        }
    }

    std::optional<std::uint32_t> number() {
        const std::size_t from = at_;
        std::uint32_t value = 0;
        for (; !ended() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
            if (value <= kMostRepeats)
                value = value * 10 + static_cast<std::uint32_t>(text_[at_] - '0');
        }
        if (at_ == from) return std::nullopt;
        return value;
    }

    PatternNode atom() {
        const std::size_t from = at_;
        switch (text_[at_]) {
            case '(':
                return group();
            case '[':
                return set_node(bracket());
            case '.':
                ++at_;
                return set_node({{{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}}, true});
            case '^':
                ++at_;
                return {.kind = Kind::Begin};
            case '$':
                ++at_;
                return {.kind = Kind::End};
            case '\\':
                return escape();
            case '*':
            case '+':
            case '?':
            case '{':
                throw Mistake{from, "there is nothing to repeat", "write \\ before the character"};
            default:
                return one(character());
        }
    }

    PatternNode group() {
        const std::size_t from = at_++;
        if (take('?') && !take(':')) {
            throw Mistake{from, "of the groups that begin with (? only (?:...) is there",
                          "looking ahead or behind would need time without bound"};
        }
        if (++depth_ > kDeepestGroup)
            throw Mistake{from, "groups are nested too deep", "at most 32"};
        PatternNode node = alternatives();
        --depth_;
        if (!take(')')) throw Mistake{from, "'(' is never closed", "write \\( for the character"};
        return node;
    }

    PatternNode escape() {
        const std::size_t from = at_;
        if (at_ + 1 < text_.size()) {
            const char letter = text_[at_ + 1];
            if (letter == 'b' || letter == 'B') {
                at_ += 2;
                return {.kind = letter == 'b' ? Kind::Boundary : Kind::NoBoundary};
            }
            if (auto set = class_of(letter)) {
                at_ += 2;
                return set_node(std::move(*set));
            }
            if (letter >= '1' && letter <= '9') {
                throw Mistake{from, "back references are refused",
                              "they would need time without bound"};
            }
        }
        return one(character());
    }

    CharacterSet bracket() {
        const std::size_t from = at_++;
        CharacterSet set;
        set.negated = take('^');
        while (!take(']')) {
            if (ended()) throw Mistake{from, "'[' is never closed", "write \\[ for the character"};
            bracket_item(set);
        }
        set.ranges = joined(std::move(set.ranges));
        return set;
    }

    void bracket_item(CharacterSet& set) {
        const std::size_t from = at_;
        if (next_is('\\') && at_ + 1 < text_.size()) {
            if (const auto named = class_of(text_[at_ + 1])) {
                at_ += 2;
                const auto ranges = plain_ranges(*named);
                set.ranges.insert(set.ranges.end(), ranges.begin(), ranges.end());
                return;
            }
        }
        const std::uint32_t first = bracket_character();
        std::uint32_t last = first;
        if (next_is('-') && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
            ++at_;
            const bool is_class =
                next_is('\\') && at_ + 1 < text_.size() && class_of(text_[at_ + 1]);
            if (is_class)
                throw Mistake{from, "a range can't end with a class",
                              "write \\- for the character"};
            last = bracket_character();
        }
        if (last < first) throw Mistake{from, "the range is in the wrong order", ""};
        set.ranges.push_back({first, last});
    }

    std::uint32_t bracket_character() {
        if (text_.substr(at_, 2) == "\\b") {
            at_ += 2;
            return '\b';
        }
        return character();
    }

    // One character, written as itself or escaped.
    std::uint32_t character() {
        const std::size_t from = at_;
        if (!take('\\')) {
            const CodePoint point = first_code_point(text_.substr(at_));
            if (point.length == 0) throw Mistake{from, "this is not UTF-8", ""};
            at_ += point.length;
            return point.value;
        }
        if (ended()) throw Mistake{from, "'\\' stands at the end", "write \\\\ for the character"};
        const char letter = text_[at_++];
        switch (letter) {
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case '0':
                return 0;
            case 'x':
                return hexadecimal(from, 2);
            case 'u':
                return hexadecimal(from, 4);
            default:
                break;
        }
        const auto byte = static_cast<unsigned char>(letter);
        const bool alphanumeric = (letter >= '0' && letter <= '9') || byte >= 0x80 ||
                                  ((byte | 0x20U) >= 'a' && (byte | 0x20U) <= 'z');
        if (alphanumeric) throw Mistake{from, "this escape is unknown", ""};
        return byte;
    }

    std::uint32_t hexadecimal(std::size_t from, std::size_t digits) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < digits; ++i, ++at_) {
            const char c = ended() ? ' ' : text_[at_];
            const char lower = static_cast<char>(c | 0x20);
            const bool digit = c >= '0' && c <= '9';
            if (!digit && (lower < 'a' || lower > 'f')) {
                throw Mistake{from, "hexadecimal digits are missing here",
                              "write \\x41 or \\u0041"};
            }
            value = value * 16 + static_cast<std::uint32_t>(digit ? c - '0' : lower - 'a' + 10);
        }
        return value;
    }

    PatternNode one(std::uint32_t c) { return set_node({{{c, c}}, false}); }

    PatternNode set_node(CharacterSet set) {
        tree_.sets.push_back(std::move(set));
        return {.kind = Kind::Set, .set = static_cast<std::uint32_t>(tree_.sets.size() - 1)};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    PatternTree tree_;
};

}  // namespace

Result<PatternTree> parse_pattern(std::string_view text) {
    try {
        return Parser(text).run();
    } catch (const Mistake& mistake) {
        Error error;
        error.code = ErrorCode::Usage;
        error.message = mistake.message;
        error.hint = mistake.hint;
        error.column = static_cast<std::uint32_t>(mistake.at + 1);
        return Failure(std::move(error));
    }
}

}  // namespace periodic
