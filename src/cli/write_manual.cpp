// Writes the manual into a directory; a part of the build, and not of what is installed.

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/manual_pages.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: write_manual DIRECTORY\n", stderr);
        return 2;
    }
    const std::filesystem::path directory = argv[1];
    std::filesystem::remove_all(directory);  // pages of commands that are gone
    std::filesystem::create_directories(directory);
    for (const auto& page : periodic::cli::manual_pages()) {
        std::ofstream file(directory / (page.name + ".1"), std::ios::binary);
        if (!(file << page.text << std::flush)) {
            std::fprintf(stderr, "cannot write %s/%s.1\n", argv[1], page.name.c_str());
            return 1;
        }
    }
    return 0;
}
