// Any bytes as periodic.xml: it ends, and what is kept is sound.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expect.hpp"
#include "periodic/configuration.hpp"

using namespace periodic;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view xml(reinterpret_cast<const char*>(data), size);
    const ConfigurationReading reading = read_configuration(xml, "periodic.xml");
    for (const auto& problem : reading.problems) {
        expect(!to_string(problem.error).empty(), "a problem can be shown");
    }
    const Configuration& configuration = reading.configuration;
    expect(!configuration.state.empty() && !configuration.tasks.empty(), "no path is empty");
    expect(!configuration.crontabs.empty(), "there is a crontab");
    for (const auto& pool : configuration.pools) {
        expect(pool.static_workers >= 1 && pool.static_workers <= 1024, "a pool has workers");
    }
    return 0;
}
