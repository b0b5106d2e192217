#pragma once

/// @file
/// A logger whose errors an observer hears of.

#include <memory>
#include <utility>

#include "periodic/logger.hpp"
#include "periodic/run_observer.hpp"

namespace periodic {

/// Passes everything on. Any thread.
class ObservedLogger final : public Logger {
public:
    ObservedLogger(std::shared_ptr<Logger> logger, std::shared_ptr<RunObserver> observer)
        : logger_(std::move(logger)), observer_(std::move(observer)) {}

    void log(const LogRecord& record) override {
        logger_->log(record);
        if (record.level == LogLevel::Error) observer_->happened("error", record.text);
    }

private:
    std::shared_ptr<Logger> logger_;
    std::shared_ptr<RunObserver> observer_;
};

}  // namespace periodic
