#pragma once

/// @file
/// What a host and its gate say to each other.
///
/// A gate is a small program between a host and one started program: it is the program's parent and
/// a child subreaper, so that whatever the program leaves becomes the gate's child, and the host
/// needs to be no subreaper itself. They talk through a socket that keeps messages whole; the gate
/// finds it as its standard input. The spec travels in a memory file, as it can be long.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/descriptor.hpp"
#include "periodic/error.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

enum class GateWord : std::uint32_t {
    Start,        ///< to the gate, first of all: with the spec and the record's descriptor
    SignalGroup,  ///< to the gate: `value` is the signal
    SignalAll,
    Ask,      ///< to the gate: does anything live?
    Release,  ///< to the gate: what the program left may stay
    Started,  ///< to the host: `pid` and `start_ticks`
    Failed,   ///< to the host: `value` is an ErrorCode, the text a message and a hint
    Exited,   ///< to the host: `value` is the code, `flag` whether it was a signal
    Answer,   ///< to the host: `flag`
};

struct GateMessage {
    GateWord word = GateWord::Ask;
    std::int32_t value = 0;
    std::int64_t pid = 0;
    std::uint64_t start_ticks = 0;
    bool flag = false;
};

/// A received message with what came along.
struct GateMail {
    GateMessage message{};
    std::string text{};
    Descriptor first{};   ///< with Start: the spec
    Descriptor second{};  ///< with Start: the record, if there is one
};

/// One end of the socket. Never blocks in sending but for a full buffer; throws nothing: who has
/// gone is `Closed`.
class GateLine {
public:
    enum class Got : std::uint8_t { Mail, Nothing, Closed };

    GateLine() = default;
    explicit GateLine(Descriptor socket) noexcept : socket_(std::move(socket)) {}

    [[nodiscard]] int fd() const noexcept { return socket_.get(); }
    [[nodiscard]] bool is_open() const noexcept { return static_cast<bool>(socket_); }
    void close() noexcept { socket_.reset(); }

    /// False if the other end has gone. Descriptors of -1 are not sent.
    bool send(const GateMessage& message, std::string_view text = {}, int first = -1,
              int second = -1) noexcept;

    /// With `wait` it blocks until there is something.
    [[nodiscard]] Got receive(GateMail& mail, bool wait);

private:
    Descriptor socket_;
};

/// Two ends that close on exec.
struct GateSocket {
    Descriptor host;
    Descriptor gate;
};
[[nodiscard]] Result<GateSocket> make_gate_socket();

/// A spec as bytes for a gate of this very version. Descriptors are not in it.
[[nodiscard]] std::string encode_spec(const ProcessSpec& spec);
/// Error: Invalid, if they are not what `encode_spec` gave.
[[nodiscard]] Result<ProcessSpec> decode_spec(std::string_view bytes);

/// A memory file that holds `bytes`. Error: Io.
[[nodiscard]] Result<Descriptor> memory_file(std::string_view bytes);
/// All of it. Error: Io.
[[nodiscard]] Result<std::string> read_memory_file(const Descriptor& file);

}  // namespace periodic
