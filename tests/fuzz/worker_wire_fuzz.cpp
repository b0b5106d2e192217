// Any bytes between a daemon and its workers: they are taken apart or refused, with no more memory
// than a small multiple of them, and what was understood is what would be said again.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "expect.hpp"
#include "worker/messages.hpp"

namespace {

std::size_t allocated = 0;  // bytes, since it was last set to 0

// A list of empty values takes more memory than bytes on the line, and grows by doubling.
constexpr std::size_t kMostForEachByte = 64;
constexpr std::size_t kMostForNothing = std::size_t{64} << 10U;

}  // namespace

void* operator new(std::size_t size) {
    allocated += size;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

using namespace periodic;  // NOLINT(google-build-using-namespace)

namespace {

// The body of a frame.
void read_body(std::string_view body) {
    const auto message = decode(body);
    if (!message) {
        expect(!message.error().message.empty(), "a refusal has a message");
        return;
    }
    const std::string once = encode(*message).value().substr(4);
    const auto again = decode(once);
    expect(again.has_value(), "what was understood can be said");
    expect(again->index() == message->index(), "it is the same message again");
    expect(encode(*again).value().substr(4) == once, "with the same content");
}

// Frames, in pieces of any size as a socket may give them.
void read_frames(std::string_view bytes, std::size_t piece) {
    FrameReader reader;
    std::size_t taken = 0;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        reader.add(bytes.substr(at, piece));
        while (true) {
            const auto body = reader.next();
            if (!body) return;  // a frame that is too long ends the line
            if (!*body) break;
            taken += 4 + (*body)->size();
            expect(taken <= bytes.size(), "a frame lies within the bytes that came");
            (void)decode(**body);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t most = kMostForNothing + kMostForEachByte * size;
    allocated = 0;
    (void)decode(bytes);
    expect(allocated <= most, "decoding takes memory in proportion to the bytes");
    read_body(bytes);
    const std::size_t piece = size == 0 ? 1 : 1 + data[0] % 64U;
    allocated = 0;
    read_frames(bytes, std::max(piece, size / 64));
    expect(allocated <= 4 * most, "so does reading frames");
    return 0;
}
