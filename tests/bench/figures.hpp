#pragma once

/// @file
/// Rows of figures, as scripts/bench takes them.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

namespace periodic::bench {

/// Prints one row: what was measured, the figure, its goal.
inline void row(const std::string& what, const std::string& measured, const char* goal) {
    std::printf("%s\t%s\t%s\n", what.c_str(), measured.c_str(), goal);
    std::fflush(stdout);
}

/// A text of up to three figures, by printf's rules.
inline std::string text(const char* format, double a, double b = 0, double c = 0) {
    char buffer[200];
    std::snprintf(buffer, sizeof buffer, format, a, b, c);
    return buffer;
}

/// The value below which so large a part of all are; 1 is the highest. Precondition: there is one.
inline double share(std::vector<double> all, double part) {
    std::sort(all.begin(), all.end());
    return all[static_cast<std::size_t>(part * static_cast<double>(all.size() - 1))];
}

inline double median(std::vector<double> all) {
    return share(std::move(all), 0.5);
}

inline double milliseconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

inline std::tm utc(std::time_t time) {
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    return parts;
}

/// So many crontab entries of the task `noop`, none due within half a year.
inline std::string far_entries(int count) {
    const int month = (utc(std::time(nullptr)).tm_mon + 6) % 12 + 1;
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += std::to_string(i % 60) + ' ' + std::to_string(i / 60 % 24) + ' ' +
                std::to_string(i % 28 + 1) + ' ' + std::to_string(month) +
                " * noop n=" + std::to_string(i) + '\n';
    }
    return text;
}

/// When, as a crontab has it, for one second of this year.
inline std::string at_second(std::time_t time) {
    const std::tm at = utc(time);
    return "\"" + std::to_string(at.tm_sec) + ' ' + std::to_string(at.tm_min) + ' ' +
           std::to_string(at.tm_hour) + ' ' + std::to_string(at.tm_mday) + ' ' +
           std::to_string(at.tm_mon + 1) + " *\"";
}

}  // namespace periodic::bench
