#pragma once

/// @file
/// Reads one crontab's text into a Crontab, line by line.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "cron/crontab_line.hpp"
#include "cron/schedule_pool.hpp"
#include "cron/stable_hash.hpp"
#include "periodic/crontab.hpp"

namespace periodic {

/// What the entries view, and what makes reading fast.
struct Crontab::Storage {
    std::deque<std::string> texts{};
    cron::SchedulePool pool{};
    cron::IdIndex ids{};
};

/// Reads the text that was added last.
class Crontab::Reader {
public:
    Reader(Crontab& crontab, const TimeZone& zone);

    void read(std::string_view text);

private:
    void read_line(std::string_view line);
    void read_setting(const cron::Setting& setting, std::string_view line);
    void read_zone(const cron::Setting& setting, std::string_view line);
    void read_entry(std::string_view line);
    const CronExpression* read_schedule(const cron::EntryParts& parts, std::string_view line);
    void keep(const cron::EntryParts& parts, const CronExpression& expression,
              std::string_view line);
    void use_zone(const TimeZone& zone);
    void add_problem(std::string_view line, std::size_t at, std::string message, std::string hint);
    void finish_problems();

    Crontab& crontab_;
    TimeZone zone_;
    cron::StableHash zone_hash_{};  // of the definition's first line
    bool zone_is_known_ = true;     // false after a CRON_TZ that does not load
    std::uint32_t line_ = 0;
    std::size_t problems_ = 0;
    std::vector<cron::LineFault> faults_{};
};

}  // namespace periodic
