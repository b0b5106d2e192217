#include "task/pattern.hpp"

#include <algorithm>
#include <array>

#include "base/code_point.hpp"
#include "task/pattern_parser.hpp"

namespace periodic {
namespace {

using Step = Pattern::Step;

constexpr std::size_t kLongestPattern = 1024;
constexpr std::size_t kMostSteps = 2000;

// Writes the machine of a tree. The tree's depth is bounded, and each visit counts against the
// number of steps, so that repeats of repeats end early.
class Emitter {
public:
    // False if it comes to too many steps.
    bool emit(const PatternNode& node) {
        if (++visits_ > 4 * kMostSteps || steps_.size() > kMostSteps) return false;
        switch (node.kind) {
            case PatternNode::Kind::Sequence:
                return std::all_of(node.parts.begin(), node.parts.end(),
                                   [this](const PatternNode& part) { return emit(part); });
            case PatternNode::Kind::Alternatives:
                return alternatives(node);
            case PatternNode::Kind::Repeat:
                return repeat(node);
            case PatternNode::Kind::Set:
                add(Step::Kind::Set, node.set);
                return true;
            case PatternNode::Kind::Begin:
                add(Step::Kind::Begin);
                return true;
            case PatternNode::Kind::End:
                add(Step::Kind::End);
                return true;
            case PatternNode::Kind::Boundary:
                add(Step::Kind::Boundary);
                return true;
            case PatternNode::Kind::NoBoundary:
                add(Step::Kind::NoBoundary);
                return true;
        }
        return true;
    }

    std::vector<Step> take() {
        add(Step::Kind::Match);
        return std::move(steps_);
    }

private:
    std::size_t add(Step::Kind kind, std::uint32_t target = 0) {
        steps_.push_back({kind, target});
        return steps_.size() - 1;
    }
    void lead_here(std::size_t step) {
        steps_[step].target = static_cast<std::uint32_t>(steps_.size());
    }

    bool alternatives(const PatternNode& node) {
        std::vector<std::size_t> ends;
        for (std::size_t i = 0; i + 1 < node.parts.size(); ++i) {
            const std::size_t split = add(Step::Kind::Split);
            if (!emit(node.parts[i])) return false;
            ends.push_back(add(Step::Kind::Jump));
            lead_here(split);
        }
        if (!emit(node.parts.back())) return false;
        for (const std::size_t end : ends) lead_here(end);
        return true;
    }

    bool repeat(const PatternNode& node) {
        const PatternNode& part = node.parts.front();
        for (std::uint32_t i = 0; i < node.least; ++i) {
            if (!emit(part)) return false;
        }
        if (node.most == PatternNode::kUnbounded) {
            const std::size_t split = add(Step::Kind::Split);
            if (!emit(part)) return false;
            add(Step::Kind::Jump, static_cast<std::uint32_t>(split));
            lead_here(split);
            return true;
        }
        std::vector<std::size_t> splits;
        for (std::uint32_t i = node.least; i < node.most; ++i) {
            splits.push_back(add(Step::Kind::Split));
            if (!emit(part)) return false;
        }
        for (const std::size_t split : splits) lead_here(split);
        return true;
    }

    std::vector<Step> steps_;
    std::size_t visits_ = 0;
};

bool is_word(std::uint32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= 'a' && c <= 'z');
}

// The states that the machine is in, each once.
class States {
public:
    explicit States(const std::vector<Step>& steps) : steps_(steps), seen_(steps.size(), false) {}

    // What stands around the present position decides about the assertions.
    struct Around {
        bool at_begin = false;
        bool at_end = false;
        bool at_boundary = false;
    };

    // Adds a state and all that are reached from it without a character.
    void add(std::uint32_t state, const Around& around) {
        pending_.push_back(state);
        while (!pending_.empty()) {
            const std::uint32_t at = pending_.back();
            pending_.pop_back();
            if (seen_[at]) continue;
            seen_[at] = true;
            members_.push_back(at);
            follow(at, around);
        }
    }

    void clear() {
        for (const std::uint32_t member : members_) seen_[member] = false;
        members_.clear();
    }

    [[nodiscard]] const std::vector<std::uint32_t>& members() const { return members_; }

private:
    void follow(std::uint32_t at, const Around& around) {
        switch (steps_[at].kind) {
            case Step::Kind::Set:
            case Step::Kind::Match:
                return;
            case Step::Kind::Jump:
                pending_.push_back(steps_[at].target);
                return;
            case Step::Kind::Split:
                pending_.push_back(steps_[at].target);
                pending_.push_back(at + 1);
                return;
            case Step::Kind::Begin:
                go_on_if(around.at_begin, at);
                return;
            case Step::Kind::End:
                go_on_if(around.at_end, at);
                return;
            case Step::Kind::Boundary:
                go_on_if(around.at_boundary, at);
                return;
            case Step::Kind::NoBoundary:
                go_on_if(!around.at_boundary, at);
                return;
        }
    }
    void go_on_if(bool holds, std::uint32_t at) {
        if (holds) pending_.push_back(at + 1);
    }

    const std::vector<Step>& steps_;
    std::vector<bool> seen_;
    std::vector<std::uint32_t> members_;
    std::vector<std::uint32_t> pending_;
};

}  // namespace

bool Pattern::CharacterSet::contains(std::uint32_t c) const noexcept {
    const auto after =
        std::upper_bound(ranges.begin(), ranges.end(), c,
                         [](std::uint32_t at, const Range& r) { return at < r.first; });
    const bool inside = after != ranges.begin() && c <= std::prev(after)->last;
    return inside != negated;
}

Result<Pattern> Pattern::compile(std::string_view text) {
    if (text.size() > kLongestPattern) {
        return failure(ErrorCode::Usage, "the pattern is longer than 1024 bytes");
    }
    auto tree = parse_pattern(text);
    if (!tree) return Failure(tree.error());
    Emitter emitter;
    if (!emitter.emit(tree->root)) {
        return failure(ErrorCode::Usage, "the pattern's repeats come to more than 2000 steps",
                       "use smaller numbers in {...}");
    }
    Pattern pattern;
    pattern.steps_ = emitter.take();
    pattern.sets_ = std::move(tree->sets);
    return pattern;
}

bool Pattern::matches(std::string_view value) const {
    std::array<States, 2> states{States(steps_), States(steps_)};
    States* now = &states[0];
    States* next = &states[1];
    bool word_before = false;
    const auto around = [&](std::string_view rest, bool at_begin) {
        const bool word_after = is_word(first_code_point(rest).value);
        return States::Around{at_begin, rest.empty(), word_before != word_after};
    };
    now->add(0, around(value, true));
    while (!value.empty()) {
        const CodePoint point = first_code_point(value);
        if (point.length == 0 || now->members().empty()) return false;
        value.remove_prefix(point.length);
        word_before = is_word(point.value);
        const States::Around here = around(value, false);
        next->clear();
        for (const std::uint32_t state : now->members()) {
            const Step& step = steps_[state];
            if (step.kind == Step::Kind::Set && sets_[step.target].contains(point.value)) {
                next->add(state + 1, here);
            }
        }
        std::swap(now, next);
    }
    return std::any_of(now->members().begin(), now->members().end(), [this](std::uint32_t state) {
        return steps_[state].kind == Step::Kind::Match;
    });
}

}  // namespace periodic
