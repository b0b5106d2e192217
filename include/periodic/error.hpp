#pragma once

/// @file
/// What can go wrong through a person's input, as a value.
///
/// A function that reads what people wrote returns `Result<T>`. A machine that breaks (disk,
/// database, out of memory) is an exception instead: `StorageError`, `std::system_error` or
/// `std::bad_alloc`, documented where it can leave.

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace periodic {

/// The kinds of error, by what the caller can do about them.
enum class ErrorCode : std::uint8_t {
    Usage,        ///< the call or the command line is wrong
    Invalid,      ///< a configuration, crontab or task file is wrong
    NotFound,     ///< what was named does not exist
    Conflict,     ///< it exists, in a state that forbids what was asked
    Locked,       ///< another executor holds the home
    Unsafe,       ///< refused: somebody else could change what would be executed
    Io,           ///< a file or process could not be used
    Unsupported,  ///< this system cannot do it
};

/// One mistake: what is wrong, where, and what to do.
struct Error {
    ErrorCode code = ErrorCode::Invalid;
    std::string message{};     ///< for people; begins in lower case, without a full stop
    std::string hint{};        ///< what to do, or what is allowed; may be empty
    std::string file{};        ///< as the person named it; empty if not from a file
    std::uint32_t line = 0;    ///< from 1; 0 if unknown
    std::uint32_t column = 0;  ///< from 1, in bytes; 0 if unknown
    std::string excerpt{};     ///< the text of that line, to put a caret under; may be empty

    friend bool operator==(const Error&, const Error&) = default;
};

/// Either a value or the one error that kept it from being made.
template <class T>
using Result = tl::expected<T, Error>;

/// Shorthand for the failing half of a `Result`.
using Failure = tl::unexpected<Error>;

/// Makes a failing result of a code, a message and a hint.
[[nodiscard]] inline Failure failure(ErrorCode code, std::string message, std::string hint = {}) {
    Error error;
    error.code = code;
    error.message = std::move(message);
    error.hint = std::move(hint);
    return Failure(std::move(error));
}

/// How much a finding of `check` matters.
enum class Severity : std::uint8_t { Error, Warning };

/// A finding; files are checked whole, so that there are many.
struct Problem {
    Severity severity = Severity::Error;
    Error error{};
    /// How many findings it stands for, where a list was cut short; 0 for one of its own.
    std::size_t left_out = 0;

    friend bool operator==(const Problem&, const Problem&) = default;
};

/// `file:line:column: message`, then the line with a caret under the column, then the hint.
/// Without a file just the message and the hint. No line end after the last line.
[[nodiscard]] std::string to_string(const Error& error);

/// The word of `candidates` that a person may have meant: at most two edits away (one for words
/// of up to four letters), case aside; two letters swapped are one edit. Empty if there is none.
[[nodiscard]] std::string_view nearest_word(std::string_view word,
                                            const std::vector<std::string_view>& candidates);

/// The store or its disk is broken. The message names the file and what to do.
class StorageError : public std::runtime_error {
public:
    enum class Kind : std::uint8_t {
        Full,         ///< no space, quota, or an input/output error: may pass
        Busy,         ///< another process kept the database locked for too long
        Corrupt,      ///< the file is damaged or is not a store
        Newer,        ///< written by a newer version of Periodic
        NetworkDisk,  ///< a network file system, on which locks can't be trusted
        Other,
    };

    StorageError(Kind kind, const std::string& message)
        : std::runtime_error(message), kind_(kind) {}

    [[nodiscard]] Kind kind() const noexcept { return kind_; }

private:
    Kind kind_;
};

}  // namespace periodic
