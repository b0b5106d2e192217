#include "cli/worker_side.hpp"

#include <string_view>

#include "worker/process_title.hpp"
#include "worker/worker_main.hpp"

namespace periodic::cli {

std::optional<int> run_as_worker(int argc, char** argv, const CommandRegistry& commands) {
    if (argc != 2 || std::string_view(argv[1]) != "worker") return std::nullopt;
    ProcessTitle title(argc, argv);
    return worker_main(commands, title);
}

}  // namespace periodic::cli
