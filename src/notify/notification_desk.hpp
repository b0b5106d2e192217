#pragma once

/// @file
/// Decides who is told of what: rules, rows, and intervals. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/configuration.hpp"
#include "periodic/job.hpp"
#include "periodic/notifier.hpp"

namespace periodic {

/// A notification for the notifiers of one rule.
struct NotifyOrder {
    std::size_t rule = 0;  ///< index into the rules
    Notification notification{};
};

/// Remembers what happened and says what is to be told. Time is what it is given. What it remembers
/// can be kept over the end of a process: a cron wrapper's runs are one story.
///
///     NotificationDesk desk(configuration.notify);
///     for (auto& order : desk.settled(job, now)) deliver(order);
class NotificationDesk {
public:
    explicit NotificationDesk(std::vector<NotifyOptions> rules);

    /// A job has ended: failed in whatever way, or succeeded. Any other state says nothing.
    [[nodiscard]] std::vector<NotifyOrder> settled(const Job& job, Time now);

    /// So many jobs wait in a topic: told above `alert_at`, and again when it has doubled.
    [[nodiscard]] std::vector<NotifyOrder> waiting(const std::string& topic, std::int64_t count,
                                                   std::int64_t alert_at, Time now);

    /// Any other event, as it is: `late`, `stuck`, `crash-loop`, `error`.
    [[nodiscard]] std::vector<NotifyOrder> happened(const Notification& notification);

    /// What was held back by `every` and may be told now.
    [[nodiscard]] std::vector<NotifyOrder> due(Time now);
    /// When `due` next has something; nullopt: nothing is held back.
    [[nodiscard]] std::optional<Time> next_due() const;

    /// Whether some rule is about the event.
    [[nodiscard]] bool listens(std::string_view event) const;

    /// Goes on by other rules. Of those that are as they were it still knows whom they told of
    /// what.
    void adopt(std::vector<NotifyOptions> rules);

    /// What it remembers, as a text for `restore`.
    [[nodiscard]] std::string memory() const;
    /// Remembers it again; a text of other rules, or a broken one, is forgotten.
    void restore(std::string_view memory);

private:
    // One event of one task, as one rule sees it.
    struct Thread {
        std::int64_t row = 0;   // so many in a row
        std::int64_t held = 0;  // not told since `told`
        std::optional<Time> told{};
        Notification last{};  // of those held back
    };
    struct Key {
        std::size_t rule = 0;
        std::string event{};
        std::string about{};  // the task, or the topic
        auto operator<=>(const Key&) const = default;
    };

    [[nodiscard]] bool is_about(const NotifyOptions& rule, const Notification& notification) const;
    [[nodiscard]] std::string failure_word(const NotifyOptions& rule, const Job& job) const;
    void tell(std::size_t rule, Notification notification, std::vector<NotifyOrder>& orders);
    void settle_failure(const Job& job, Time now, std::vector<NotifyOrder>& orders);
    void settle_success(const Job& job, Time now, std::vector<NotifyOrder>& orders);
    [[nodiscard]] std::string digest() const;

    std::vector<NotifyOptions> rules_;
    std::map<Key, Thread> threads_{};
    std::set<std::pair<std::size_t, std::string>> failing_{};  // rule and task, once told
    std::map<std::string, std::int64_t> backlogs_{};           // topic: the number last told
};

}  // namespace periodic
