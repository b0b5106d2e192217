// Runs a fuzz target on every file of the directories that are its arguments.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
    std::size_t files = 0;
    for (int i = 1; i < argc; ++i) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
            if (!entry.is_regular_file()) continue;
            std::ifstream in(entry.path(), std::ios::binary);
            const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
            const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
            std::cout << entry.path().string()
                      << std::endl;  // flushed: a crash has its file above it
            LLVMFuzzerTestOneInput(data.data(), data.size());
            ++files;
        }
    }
    if (files == 0) std::cerr << "there is nothing to replay\n";
    return files == 0 ? 1 : 0;
}
