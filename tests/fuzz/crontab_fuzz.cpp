/// Any bytes as a crontab: it is read to its end, every mistake has its place, and every entry's
/// definition reads back to the same entry.

#include <cstdint>
#include <string_view>

#include "expect.hpp"
#include "periodic/crontab.hpp"

using periodic::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    periodic::Crontab crontab;
    crontab.add({reinterpret_cast<const char*>(data), size}, "crontab", periodic::TimeZone::utc());
    for (const periodic::Problem& problem : crontab.problems()) {
        expect(!problem.error.message.empty(), "a problem has words");
        expect(problem.error.file == "crontab", "a problem names its file");
        expect(!periodic::to_string(problem.error).empty(), "a problem can be shown");
    }
    std::size_t left = 50;
    for (const periodic::CrontabEntry& entry : crontab.entries()) {
        if (left-- == 0) break;
        expect(!entry.task().empty() && entry.id() != 0, "an entry has a task and an id");
        periodic::Crontab again;
        again.add(entry.definition(), "definition", periodic::TimeZone::utc());
        expect(again.problems().empty() && again.entries().size() == 1, "a definition is read");
        const periodic::CrontabEntry& copy = again.entries().front();
        expect(copy.id() == entry.id(), "with the same id");
        expect(copy.expression() == entry.expression(), "the same occurrences");
        expect(copy.parameters() == entry.parameters(), "the same parameters");
        expect(copy.definition() == entry.definition(), "the same definition");
    }
    return 0;
}
