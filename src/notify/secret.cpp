#include "notify/secret.hpp"

#include <cstdlib>

#include "base/files.hpp"

namespace periodic {
namespace {

constexpr std::uint64_t kLongestSecretFile = 64U << 10U;

}  // namespace

Result<std::string> read_secret(const std::string& directory, const std::string& file,
                                const std::string& variable, const std::string& otherwise) {
    if (!variable.empty()) {
        // Unsafe only beside a setenv: a host that calls that while jobs run breaks itself.
        // NOLINTNEXTLINE(concurrency-mt-unsafe)
        const char* const value = std::getenv(variable.c_str());
        if (value != nullptr && *value != '\0') return std::string(value);
        return failure(ErrorCode::NotFound, "the environment has no " + variable);
    }
    if (file.empty()) return otherwise;
    auto text = read_file(path_below(directory, file), kLongestSecretFile);
    if (!text) return Failure(text.error());
    text->resize(std::min(text->find_first_of("\r\n"), text->size()));
    if (text->empty()) return failure(ErrorCode::Invalid, file + " is empty");
    return text;
}

}  // namespace periodic
