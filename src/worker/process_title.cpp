#include "worker/process_title.hpp"

#include <algorithm>
#include <cstring>

#include <unistd.h>

namespace periodic {

ProcessTitle::ProcessTitle(int argc, char** argv) {
    if (argc <= 0) return;
    begin_ = argv[0];
    char* end = begin_;
    // The kernel has put them one behind the other.
    const auto extend = [&end](char* word) {
        if (word == end) end = word + std::strlen(word) + 1;
    };
    for (int i = 0; i < argc; ++i) extend(argv[i]);
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        extend(*variable);
        *variable = ::strdup(*variable);  // for as long as the process lives
    }
    room_ = static_cast<std::size_t>(end - begin_);
}

void ProcessTitle::set(std::string_view title) noexcept {
    if (room_ == 0) return;
    const std::size_t length = std::min(title.size(), room_ - 1);
    std::memcpy(begin_, title.data(), length);
    std::memset(begin_ + length, 0, room_ - length);
}

}  // namespace periodic
