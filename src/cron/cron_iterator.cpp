#include "periodic/cron_iterator.hpp"

namespace periodic {

CronIterator::CronIterator(CronExpression expression, std::chrono::sys_seconds start,
                           TimeZone zone) noexcept
    : expression_(expression), at_(start), zone_(zone) {}

std::optional<std::chrono::sys_seconds> CronIterator::next() noexcept {
    const auto found = expression_.next(at_, zone_);
    if (found) at_ = *found;
    return found;
}

}  // namespace periodic
