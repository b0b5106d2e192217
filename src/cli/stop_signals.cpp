#include "cli/stop_signals.hpp"

#include <csignal>
#include <vector>

namespace periodic::cli {
namespace {

std::vector<int> signals_to_watch() {
    std::vector<int> signals;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        if (!is_ignored(signal)) signals.push_back(signal);
    }
    return signals;
}

}  // namespace

StopSignals::StopSignals()
    : watch_(signals_to_watch(), [this](int) {
          if (!source_.request_stop()) hurry_.request_stop();
      }) {}

}  // namespace periodic::cli
