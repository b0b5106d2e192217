#include "cli/report_text.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include "cli/json_writer.hpp"

namespace periodic::cli {
namespace {

using Count = std::pair<std::string_view, std::int64_t>;

std::array<Count, 7> ends(const RunReport& report) {
    return {{{"succeeded", report.succeeded},
             {"failed", report.failed},
             {"aborted", report.aborted},
             {"stopped", report.stopped},
             {"rescheduled", report.rescheduled},
             {"retried", report.retried},
             {"phased", report.phased}}};
}

std::string jobs(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " job" : " jobs");
}

}  // namespace

std::string report_document(const RunReport& report) {
    JsonWriter json;
    json.object().key("planned").integer(report.planned).key("ran").integer(report.ran);
    for (const auto& [name, count] : ends(report)) json.key(name).integer(count);
    json.key("skipped").integer(report.skipped).key("lost").integer(report.lost);
    json.key("left").integer(report.left).key("seconds").seconds(report.seconds);
    return json.end().document();
}

std::string report_summary(const RunReport& report) {
    if (report.locked) {
        return "Another executor is at work and was told: " + report.holder + ".\n";
    }
    std::string text = "Nothing was due";
    if (report.ran > 0) {
        std::array<char, 32> seconds{};
        std::snprintf(seconds.data(), seconds.size(), "%.1f s", report.seconds);
        text = "Ran " + jobs(report.ran) + " in " + seconds.data();
        std::string_view separator = ": ";
        for (const auto& [name, count] : ends(report)) {
            if (count == 0) continue;
            text.append(separator).append(std::to_string(count)).append(" ").append(name);
            separator = ", ";
        }
    }
    if (report.skipped > 0) text += "; skipped " + std::to_string(report.skipped);
    if (report.lost > 0)
        text += "; settled " + std::to_string(report.lost) + " whose executor had died";
    if (report.left > 0) text += "; left " + std::to_string(report.left) + " for the next run";
    return text + ".\n";
}

}  // namespace periodic::cli
