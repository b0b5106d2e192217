/// Any bytes as an expression: parsing, walking both ways, printing and describing never fail, and
/// what is printed reads back to the same.

#include <cstdint>
#include <string_view>

#include "expect.hpp"
#include "periodic/cron_expression.hpp"
#include "periodic/cron_iterator.hpp"

namespace {

using periodic::CronExpression;
using periodic::expect;
using std::chrono::seconds;
using std::chrono::sys_seconds;

void walk(const CronExpression& expression, sys_seconds start, const periodic::TimeZone& zone) {
    periodic::CronIterator steps(expression, start, zone);
    sys_seconds last = start;
    for (int i = 0; i < 20; ++i) {
        const auto next = steps.next();
        expect(next == expression.next(last, zone), "the iterator agrees with next");
        if (!next) break;
        expect(*next > last, "next is later");
        expect(expression.matches(*next, zone), "next matches");
        const auto back = expression.previous(*next, zone);
        expect(!back || *back <= last, "nothing lies between");
        expect(expression.count(last, *next, zone) == 1, "count counts it");
        last = *next;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const periodic::TimeZone zone = periodic::TimeZone::load("Australia/Lord_Howe").value();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto expression = CronExpression::parse(text);
    if (!expression) {
        expect(!expression.error().message.empty(), "a refusal has a reason");
        expect(expression.error().column >= 1 && expression.error().column <= size + 1,
               "a refusal is at a byte of the text");
        return 0;
    }
    const auto again = CronExpression::parse(expression->to_string());
    expect(again && *again == *expression, "printing and parsing are inverse");
    expect(!expression->describe().empty(), "there are words for it");
    // Where a walk begins follows from the text, so that a finding can be repeated.
    std::uint64_t mixed = size;
    for (const char c : text) mixed = (mixed ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    walk(*expression, sys_seconds(seconds(static_cast<std::int64_t>(mixed % 7'300'000'000))), zone);
    return 0;
}
