#include "cli/password.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <crypt.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "base/files.hpp"
#include "cli/given_text.hpp"

namespace periodic::cli {
namespace {

constexpr std::size_t kLongestFile = 4096;

// libcrypt, opened only where a password is: no other call of the program needs it.
class Libcrypt {
public:
    Libcrypt() : library_(dlopen("libcrypt.so.1", RTLD_NOW | RTLD_LOCAL)) {
        if (library_ == nullptr) return;
        hash_ = reinterpret_cast<Hash>(dlsym(library_, "crypt_rn"));
        salt_ = reinterpret_cast<Salt>(dlsym(library_, "crypt_gensalt_rn"));
    }
    Libcrypt(const Libcrypt&) = delete;
    Libcrypt& operator=(const Libcrypt&) = delete;
    ~Libcrypt() {
        if (library_ != nullptr) dlclose(library_);
    }

    // Error: Unsupported.
    [[nodiscard]] Result<std::string> hash(const std::string& password,
                                           const std::string& setting) const {
        if (hash_ == nullptr) return unsupported("libcrypt.so.1 can't be loaded");
        const auto data = std::make_unique<crypt_data>();
        const char* hashed =
            hash_(password.c_str(), setting.c_str(), data.get(), sizeof(crypt_data));
        if (hashed == nullptr) return unsupported("libcrypt can't make a hash of this kind");
        return std::string(hashed);
    }

    // A new setting for yescrypt, from the system's randomness. Error: Unsupported.
    [[nodiscard]] Result<std::string> setting() const {
        if (salt_ == nullptr) return unsupported("libcrypt.so.1 can't be loaded");
        std::string output(CRYPT_GENSALT_OUTPUT_SIZE, '\0');
        if (salt_("$y$", 0, nullptr, 0, output.data(), static_cast<int>(output.size())) == nullptr)
            return unsupported("libcrypt does not know yescrypt");
        output.resize(std::min(output.find('\0'), output.size()));
        return output;
    }

private:
    using Hash = decltype(&crypt_rn);
    using Salt = decltype(&crypt_gensalt_rn);

    static Failure unsupported(std::string message) {
        return failure(ErrorCode::Unsupported, std::move(message), "the package is libcrypt1");
    }

    void* library_;
    Hash hash_ = nullptr;
    Salt salt_ = nullptr;
};

// A terminal that shows nothing of what is typed, until it goes out of scope.
class SilentTerminal {
public:
    explicit SilentTerminal(int terminal) : terminal_(terminal) {
        if (tcgetattr(terminal_, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
        silent.c_cc[VMIN] = 1;
        silent.c_cc[VTIME] = 0;
        is_set_ = tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;
    ~SilentTerminal() {
        if (is_set_) tcsetattr(terminal_, TCSAFLUSH, &before_);
    }

    [[nodiscard]] bool is_set() const noexcept { return is_set_; }

private:
    int terminal_;
    termios before_{};
    bool is_set_ = false;
};

// What is typed up to the end of the line; nullopt if it was given up.
std::optional<std::string> read_line(int terminal) {
    constexpr char kInterrupt = 3;
    constexpr char kEnd = 4;
    constexpr char kBackspace = 8;
    constexpr char kDelete = 127;
    std::string line;
    char c = 0;
    while (::read(terminal, &c, 1) == 1) {
        if (c == '\n' || c == '\r') return line;
        if (c == kInterrupt || (c == kEnd && line.empty())) return std::nullopt;
        if (c == kBackspace || c == kDelete) {
            if (!line.empty()) line.pop_back();
        } else {
            line += c;
        }
    }
    return std::nullopt;
}

void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count <= 0) return;  // a terminal that is gone: the read below says so
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

Result<std::string> type_password(std::string_view prompt) {
    const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        return failure(ErrorCode::Usage, "a password is needed, and there is no terminal to ask on",
                       "--password-file names a file that has it; - is standard input");
    }
    std::optional<std::string> line;
    {
        const SilentTerminal silent(terminal);
        write_all(terminal, prompt);
        if (silent.is_set()) line = read_line(terminal);
        write_all(terminal, "\n");
    }
    ::close(terminal);
    if (!line) return failure(ErrorCode::Usage, "no password was given");
    return *std::move(line);
}

}  // namespace

Result<std::string> hash_password(const std::string& password) {
    if (password.empty()) return failure(ErrorCode::Usage, "the password is empty");
    const Libcrypt library;
    const auto setting = library.setting();
    if (!setting) return Failure(setting.error());
    return library.hash(password, *setting);
}

Result<bool> password_fits(const std::string& password, const std::string& hash) {
    const auto hashed = Libcrypt().hash(password, hash);
    if (!hashed) return Failure(hashed.error());
    // As long for a wrong password as for the right one.
    bool same = hashed->size() == hash.size();
    for (std::size_t i = 0; i < hashed->size() && i < hash.size(); ++i)
        same = ((*hashed)[i] == hash[i]) && same;
    return same;
}

Result<std::string> ask_password(std::string_view prompt, const std::optional<std::string>& file) {
    if (!file) return type_password(prompt);
    auto text = *file == "-" ? given_text("-", kLongestFile) : read_file(*file, kLongestFile);
    if (!text) {
        text.error().code = ErrorCode::Usage;
        return text;
    }
    return text->substr(0, text->find_first_of("\r\n"));
}

}  // namespace periodic::cli
