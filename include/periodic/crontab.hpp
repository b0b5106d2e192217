#pragma once

/// @file
/// The crontab: which task runs when.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/cron_expression.hpp"
#include "periodic/error.hpp"
#include "periodic/time_zone.hpp"
#include "periodic/value.hpp"

namespace periodic {

/// One line of a crontab. Small, as there may be a million; what it views belongs to the Crontab.
struct CrontabEntry {
    /// A stable name of (schedule, zone, group, task, parameters): the store's watermark key.
    /// A 64-bit hash of `definition()`, never 0.
    std::int64_t id = 0;
    CronExpression expression;
    TimeZone zone = TimeZone::utc();
    std::string_view when{};   ///< the schedule as written, without quotes
    std::string_view group{};  ///< empty: none
    std::string_view task{};
    std::string_view arguments{};  ///< the parameters as written; may be empty
    std::uint32_t file = 0;        ///< index into Crontab::files()
    std::uint32_t line = 0;        ///< from 1
    std::uint32_t column = 0;      ///< of the task's name, from 1

    /// The parameters, with their quotes resolved; all are strings.
    [[nodiscard]] Values parameters() const;

    /// The entry as a canonical crontab text, with its zone: a `CRON_TZ=Europe/Berlin` line, a line
    /// end, then the entry with its parameters quoted and in order of name. `Crontab::add` reads
    /// it back to an equal entry with the same id. Equal entries have equal definitions.
    [[nodiscard]] std::string definition() const;
};

/// All entries of one or several crontab files. Moving it leaves its entries valid.
class Crontab {
public:
    Crontab() = default;
    Crontab(Crontab&&) noexcept = default;
    Crontab& operator=(Crontab&&) noexcept = default;
    Crontab(const Crontab&) = delete;
    Crontab& operator=(const Crontab&) = delete;
    ~Crontab() = default;

    /// Reads a crontab's text. Mistakes become problems; the rest of the text is still read.
    /// `zone` applies until a CRON_TZ line.
    void add(std::string_view text, std::string file, const TimeZone& zone);

    /// Reads files, and directories (their files in order of name, but hidden ones, and those
    /// that end in `~`, `.bak` or begin a package manager's leftovers: `.dpkg-*`). A missing or
    /// unreadable file is a problem, at most 64 MiB are read of one.
    [[nodiscard]] static Crontab read(const std::vector<std::string>& paths, const TimeZone& zone);

    [[nodiscard]] const std::vector<CrontabEntry>& entries() const noexcept { return entries_; }
    [[nodiscard]] const std::vector<std::string>& files() const noexcept { return files_; }
    /// Lines that gave no entry, and warnings, in order.
    [[nodiscard]] const std::vector<Problem>& problems() const noexcept { return problems_; }
    /// Whether every line was read: only then may an entry that is not there be called removed.
    [[nodiscard]] bool complete() const noexcept { return complete_; }

private:
    std::deque<std::string> texts_{};
    std::vector<std::string> files_{};
    std::vector<CrontabEntry> entries_{};
    std::vector<Problem> problems_{};
    bool complete_ = true;
};

}  // namespace periodic
