#pragma once

/// @file
/// The crontab: which task runs when.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/cron_expression.hpp"
#include "periodic/error.hpp"
#include "periodic/time_zone.hpp"
#include "periodic/value.hpp"

namespace periodic {

/// One line of a crontab. Small, as there may be a million: what it views belongs to the Crontab,
/// and equal expressions are shared.
class CrontabEntry {
public:
    /// A stable name of (schedule, zone, group, task, parameters): the store's watermark key.
    /// A 64-bit hash of `definition()`, never 0.
    [[nodiscard]] std::int64_t id() const noexcept { return id_; }
    [[nodiscard]] const CronExpression& expression() const noexcept { return *expression_; }
    [[nodiscard]] const TimeZone& zone() const noexcept { return zone_; }
    /// The schedule as written, without quotes.
    [[nodiscard]] std::string_view when() const noexcept { return {text_, when_size_}; }
    /// Empty: none.
    [[nodiscard]] std::string_view group() const noexcept {
        return group_size_ == 0 ? std::string_view{}
                                : std::string_view{text_ + task_ - group_size_ - 1, group_size_};
    }
    [[nodiscard]] std::string_view task() const noexcept { return {text_ + task_, task_size_}; }
    /// The parameters as written; may be empty.
    [[nodiscard]] std::string_view arguments() const noexcept {
        return {text_ + arguments_, arguments_size_};
    }
    /// Index into Crontab::files().
    [[nodiscard]] std::uint32_t file() const noexcept { return file_; }
    /// From 1.
    [[nodiscard]] std::uint32_t line() const noexcept { return line_; }
    /// Of the task's name, from 1.
    [[nodiscard]] std::uint32_t column() const noexcept { return column_; }

    /// The parameters, with their quotes resolved; all are strings.
    [[nodiscard]] Values parameters() const;

    /// The entry as a canonical crontab text, with its zone: a `CRON_TZ=Europe/Berlin` line, a line
    /// end, then the entry with its parameters quoted and in order of name. `Crontab::add` reads
    /// it back to an equal entry with the same id. Equal entries have equal definitions.
    [[nodiscard]] std::string definition() const;

private:
    friend class Crontab;
    explicit CrontabEntry(TimeZone zone) noexcept : zone_(zone) {}

    std::int64_t id_ = 0;
    const CronExpression* expression_ = nullptr;
    TimeZone zone_;
    const char* text_ = nullptr;  // the schedule's first byte; the offsets count from it
    std::uint32_t task_ = 0;
    std::uint32_t arguments_ = 0;
    std::uint32_t arguments_size_ = 0;
    std::uint32_t line_ = 0;
    std::uint32_t column_ = 0;
    std::uint32_t file_ = 0;
    std::uint16_t when_size_ = 0;
    std::uint8_t group_size_ = 0;
    std::uint8_t task_size_ = 0;
};

/// All entries of one or several crontab files. Moving it leaves its entries valid. Threads may
/// read one together.
///
///     Crontab crontab = Crontab::read({"crontab", "crontab.d"}, zone);
///     for (const CrontabEntry& entry : crontab.entries())
///         auto due = entry.expression().next(now, entry.zone());
class Crontab {
public:
    Crontab();
    Crontab(Crontab&&) noexcept;
    Crontab& operator=(Crontab&&) noexcept;
    Crontab(const Crontab&) = delete;
    Crontab& operator=(const Crontab&) = delete;
    ~Crontab();

    /// Reads a crontab's text. Mistakes become problems; the rest of the text is still read.
    /// `zone` applies until a CRON_TZ line. `file` is what problems name.
    void add(std::string_view text, std::string file, const TimeZone& zone);

    /// Reads files, and directories (their files in order of name, but hidden ones, and those
    /// that end in `~`, `.bak` or begin a package manager's leftovers: `.dpkg-*`). A missing or
    /// unreadable file is a problem, and so is one above 64 MiB, of which nothing is read. Nor
    /// is, for root, one that somebody else could change: it, what it links to, or a directory
    /// above.
    [[nodiscard]] static Crontab read(const std::vector<std::string>& paths, const TimeZone& zone);

    [[nodiscard]] const std::vector<CrontabEntry>& entries() const noexcept { return entries_; }
    [[nodiscard]] const std::vector<std::string>& files() const noexcept { return files_; }
    /// What is wrong, in order; all are of ErrorCode::Invalid, Io or Unsafe. At
    /// most 1,000 for each file,
    /// and then one that says how many more there are.
    [[nodiscard]] const std::vector<Problem>& problems() const noexcept { return problems_; }
    /// Whether every line was read: only then may an entry that is not there be called removed.
    [[nodiscard]] bool complete() const noexcept { return complete_; }

private:
    struct Storage;
    class Reader;

    void add_owned(std::string text, std::string file, const TimeZone& zone);
    void add_path(const std::string& path, const TimeZone& zone);
    void add_file(const std::string& path, const TimeZone& zone);
    void add_unread(Error why);
    void add_unreadable(const std::string& path, std::string message, std::string hint);

    std::unique_ptr<Storage> storage_;
    std::vector<std::string> files_{};
    std::vector<CrontabEntry> entries_{};
    std::vector<Problem> problems_{};
    bool complete_ = true;
};

}  // namespace periodic
