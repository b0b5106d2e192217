#include "secret.hpp"

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

namespace webhook {
namespace {

constexpr std::size_t kShortest = 16;

periodic::Result<std::string> read_secret() {
    if (const char* path = std::getenv("WEBHOOK_TOKEN_FILE")) {
        std::ifstream file(path);
        std::string text{std::istreambuf_iterator<char>(file), {}};
        if (!file) {
            return periodic::failure(periodic::ErrorCode::Io, std::string("cannot read ") + path);
        }
        text.erase(text.find_last_not_of("\r\n") + 1);
        return text;
    }
    if (const char* text = std::getenv("WEBHOOK_TOKEN")) return std::string(text);
    return periodic::failure(periodic::ErrorCode::Usage, "there is no secret",
                             "set WEBHOOK_TOKEN_FILE or WEBHOOK_TOKEN");
}

}  // namespace

periodic::Result<Secret> Secret::from_environment() {
    auto text = read_secret();
    if (!text) return periodic::Failure(text.error());
    if (text->size() < kShortest) {
        return periodic::failure(periodic::ErrorCode::Usage, "the secret is too short",
                                 "use at least 16 bytes, for example of `openssl rand -hex 32`");
    }
    return Secret(std::move(*text));
}

bool Secret::authorizes(std::string_view header) const noexcept {
    constexpr std::string_view kScheme = "Bearer ";
    if (header.substr(0, kScheme.size()) != kScheme) return false;
    const std::string_view given = header.substr(kScheme.size());
    // Volatile, so that no compiler leaves the loop at the first difference.
    volatile unsigned different = given.size() == value_.size() ? 0 : 1;
    for (std::size_t i = 0; i < value_.size(); ++i) {
        const char theirs = i < given.size() ? given[i] : '\0';
        different = different | static_cast<unsigned char>(theirs ^ value_[i]);
    }
    return different == 0;
}

}  // namespace webhook
