#include "run/crontab_source.hpp"

#include <algorithm>
#include <utility>

namespace periodic {

std::shared_ptr<const Crontab> CrontabSource::current() const {
    {
        const std::lock_guard guard(mutex_);
        if (kept_) return kept_;
    }
    return std::make_shared<const Crontab>(read_());
}

std::vector<Problem> CrontabSource::keep() {
    auto crontab = std::make_shared<const Crontab>(read_());
    std::vector<Problem> mistakes;
    std::copy_if(crontab->problems().begin(), crontab->problems().end(),
                 std::back_inserter(mistakes),
                 [](const Problem& problem) { return problem.severity == Severity::Error; });
    const std::lock_guard guard(mutex_);
    if (mistakes.empty() || !kept_) kept_ = std::move(crontab);
    return mistakes;
}

}  // namespace periodic
