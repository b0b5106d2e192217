// A pattern and a value, with a zero byte between them: compiling and matching end, for any of
// them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expect.hpp"
#include "task/pattern.hpp"

using namespace periodic;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t zero = std::min(input.find('\0'), size);
    const auto pattern = Pattern::compile(input.substr(0, zero));
    if (!pattern) {
        expect(!pattern.error().message.empty(), "a refusal has a reason");
        expect(pattern.error().column <= zero + 1, "a refusal is at a byte of the pattern");
        return 0;
    }
    const std::string_view value = input.substr(std::min(zero + 1, size));
    expect(pattern->matches(value) == pattern->matches(value), "matching changes nothing");
    return 0;
}
