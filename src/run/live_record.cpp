#include "run/live_record.hpp"

#include "run/log_lines.hpp"

namespace periodic {

LiveRecord::LiveRecord(const Job& job, std::uint64_t log_limit, std::function<void()> on_first,
                       std::chrono::milliseconds patience)
    : response_before_(job.response_bytes),
      patience_(patience),
      on_first_(std::move(on_first)),
      // A retry goes on behind the lines of the attempt before.
      log_(log_limit, [this, before = job.log_seq](LogLine line) {
          line.seq += before;
          change([&line](LiveUpdate& update) { update.lines.push_back(std::move(line)); });
      }) {
    update_.id = job.id;
    update_.claim = job.claim;
}

void LiveRecord::log(Time now, LogLevel level, std::string_view text, LogStream stream) {
    for_each_log_line(text, [&](std::string_view line) {
        wait_for_room();
        log_.add(now, level, stream, line);
    });
}

void LiveRecord::add_lines(Time now, LogLevel level, std::string_view text) {
    for_each_log_line(text,
                      [&](std::string_view line) { log_.add(now, level, LogStream::Task, line); });
}

void LiveRecord::wait_for_room() {
    std::unique_lock lock(update_mutex_);
    if (waited_in_vain_ || update_.lines.size() < kMostLines) return;
    waited_in_vain_ =
        !taken_.wait_for(lock, patience_, [this] { return update_.lines.size() < kMostLines; });
}

void LiveRecord::respond(Time now, std::string_view bytes) {
    const std::lock_guard guard(mutex_);
    append(now, bytes);
}

void LiveRecord::append(Time now, std::string_view bytes) {
    if (responded_ + bytes.size() > kLongestResponse) {
        add_lines(now, LogLevel::Warning,
                  "the response is longer than 16 MiB: the rest is dropped");
        bytes = bytes.substr(0, kLongestResponse - responded_);
    }
    change([&](LiveUpdate& update) {
        if (!update.response_at)
            update.response_at = response_before_ + static_cast<std::int64_t>(responded_);
        update.response += bytes;
    });
    responded_ += bytes.size();
}

bool LiveRecord::log_from_outside(Time now, LogLevel level, std::string_view text) {
    const std::lock_guard guard(mutex_);
    if (open_) add_lines(now, level, text);
    return open_;
}

bool LiveRecord::respond_from_outside(Time now, std::string_view bytes) {
    const std::lock_guard guard(mutex_);
    if (open_) append(now, bytes);
    return open_;
}

std::optional<LiveUpdate> LiveRecord::take() {
    const std::lock_guard guard(update_mutex_);
    if (!std::exchange(dirty_, false)) return std::nullopt;
    LiveUpdate taken{.id = update_.id, .claim = update_.claim};
    std::swap(taken, update_);
    waited_in_vain_ = false;
    taken_.notify_all();
    return taken;
}

void LiveRecord::end(Time now) {
    const std::lock_guard guard(mutex_);
    open_ = false;
    log_.finish(now);
}

}  // namespace periodic
