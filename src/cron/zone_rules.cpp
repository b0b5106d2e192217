#include "cron/zone_rules.hpp"

namespace periodic {

void TimeZone::Rules::make_buckets() {
    if (intervals.size() < 2) return;
    std::size_t index = 0;
    for (std::int64_t time = kBegin; time <= kEnd; time += std::int64_t{1} << kBucketBits) {
        while (time >= intervals[index].end) ++index;
        first_of_bucket.push_back(static_cast<std::uint16_t>(index));
    }
}

}  // namespace periodic
