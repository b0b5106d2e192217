#include "cli/given_text.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <unistd.h>

namespace periodic::cli {

Result<std::string> given_text(const std::string& text, std::size_t most) {
    if (text != "-") return text;
    std::string result;
    std::array<char, 65536> part{};
    while (true) {
        const ssize_t count = ::read(STDIN_FILENO, part.data(), part.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            return failure(ErrorCode::Io, "standard input can't be read: " +
                                              std::generic_category().message(errno));
        }
        if (count == 0) return result;
        result.append(part.data(), static_cast<std::size_t>(count));
        if (result.size() > most) {
            return failure(ErrorCode::Usage,
                           "standard input holds more than " + std::to_string(most) + " bytes");
        }
    }
}

}  // namespace periodic::cli
