// The observer of runs that tells people.

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/files.hpp"
#include "notify/heartbeat.hpp"
#include "notify/notification_desk.hpp"
#include "notify/outlet.hpp"
#include "notify/usual_time.hpp"
#include "periodic/duration.hpp"
#include "periodic/notifier.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// How long a run waits in its end for what is on its way.
constexpr seconds kPatienceAtEnd{10};
// A job that starts so long after its instant is late: longer than a cron wrapper's minute.
constexpr seconds kLate{120};
// How often the queues are counted at most.
constexpr seconds kCountEvery{10};
// How often what was told is kept at most, but for the end.
constexpr seconds kKeepEvery{10};
constexpr int kRunsForUsualTime = 15;
constexpr std::uint64_t kLongestMemory = 4U << 20U;

// A way to somebody: what is behind a rule's <exec>, <webhook> or <email>.
struct Way {
    std::size_t rule;
    std::unique_ptr<Notifier> notifier;
    std::unique_ptr<Outlet> outlet;  // its thread uses the notifier: destroyed first
};

std::string name_of(const WebhookOptions& webhook) {
    if (webhook.url.empty()) return "web hook";
    const std::size_t host = webhook.url.find("://") + 3;
    const std::string authority =
        webhook.url.substr(host, webhook.url.find_first_of("/?#", host) - host);
    return "web hook at " + authority.substr(authority.rfind('@') + 1);
}

// Everything that lasts as long as one run.
class Round {
public:
    explicit Round(const RunParts& parts)
        : parts_(parts),
          rules_(parts.configuration.notify),
          pools_(parts.configuration.pools),
          desk_(rules_),
          memory_file_(std::string(parts.state) + "/notifications"),
          keeper_({.name = "what was told is not kept", .tries = 1}, parts.logger) {
        make_ways();
        if (!ways_.empty()) recall();
    }

    void started(const Job& job, const Task* task) {
        if (task != nullptr && !task->heartbeat.empty()) heartbeat().started(task->heartbeat);
        if (ways_.empty()) return;
        const Time now = parts_.clock.now();
        note_late(job, now);
        if (desk_.listens("stuck")) watch(job, now);
    }

    void settled(const Settlement& settlement, const Task* task) {
        const Job& job = settlement.job;
        if (task != nullptr && !task->heartbeat.empty()) heartbeat().ended(task->heartbeat, job);
        watched_.erase(job.id);
        if (ways_.empty()) return;
        const Time now = parts_.clock.now();
        deliver(desk_.settled(job, now));
        changed_ = true;
        if (settlement.event.event == "lost" && job.crashes > 1) note_crashes(job, now);
    }

    // What is on its way by the rules before still goes out.
    void reconfigured(const Configuration& configuration) {
        pools_ = configuration.pools;
        if (configuration.notify == rules_) return;
        rules_ = configuration.notify;
        desk_.adopt(rules_);
        for (auto& way : ways_) old_ways_.push_back(std::move(way));
        ways_.clear();
        make_ways();
        changed_ = true;
    }

    void happened(std::string_view event, std::string_view message) {
        if (ways_.empty() || !desk_.listens(event)) return;
        deliver(desk_.happened({.event = std::string(event),
                                .message = std::string(message),
                                .time = parts_.clock.now()}));
    }

    std::optional<Time> look(Time now) {
        std::erase_if(old_ways_, [](const Way& way) { return way.outlet->is_idle(); });
        if (ways_.empty()) return std::nullopt;
        std::optional<Time> next;
        note_stuck(now, next);
        count_queues(now);
        deliver(desk_.due(now));
        if (const auto due = desk_.next_due()) next = next ? std::min(*next, *due) : *due;
        if (changed_ && (!kept_at_ || now < *kept_at_ || now - *kept_at_ >= kKeepEvery)) keep(now);
        if (changed_)
            next = next ? std::min(*next, *kept_at_ + kKeepEvery) : *kept_at_ + kKeepEvery;
        return next;
    }

    void finish() {
        const auto limit = std::chrono::steady_clock::now() + kPatienceAtEnd;
        counted_.reset();
        if (!ways_.empty()) {
            const Time now = parts_.clock.now();
            count_queues(now);
            keep(now);
        }
        for (auto& way : ways_) way.outlet->finish(limit);
        for (auto& way : old_ways_) way.outlet->finish(limit);
        keeper_.finish(limit);
        if (heartbeat_) heartbeat_->finish(limit);
    }

private:
    void make_ways() {
        NotifierParts notifier_parts{.launcher = &parts_.launcher,
                                     .directory = std::string(parts_.home),
                                     .http = [] { return make_http_client(); }};
        const auto add = [this](std::size_t rule, std::unique_ptr<Notifier> notifier,
                                std::string name) {
            ways_.push_back(
                {rule, std::move(notifier),
                 std::make_unique<Outlet>(OutletOptions{.name = std::move(name)}, parts_.logger)});
        };
        for (std::size_t i = 0; i < rules_.size(); ++i) {
            for (const auto& program : rules_[i].programs) {
                add(i, make_exec_notifier(program, notifier_parts), "exec");
            }
            for (const auto& webhook : rules_[i].webhooks) {
                add(i, make_webhook_notifier(webhook, notifier_parts), name_of(webhook));
            }
            for (const auto& mail : rules_[i].mails) {
                add(i, make_mail_notifier(mail, notifier_parts), "email");
            }
        }
    }

    Heartbeat& heartbeat() {
        if (!heartbeat_) {
            heartbeat_ = std::make_unique<Heartbeat>([] { return make_http_client(); },
                                                     parts_.store, parts_.logger);
        }
        return *heartbeat_;
    }

    void deliver(const std::vector<NotifyOrder>& orders) {
        changed_ = changed_ || !orders.empty();
        for (const auto& order : orders) {
            for (auto& way : ways_) {
                if (way.rule != order.rule) continue;
                way.outlet->post([notifier = way.notifier.get(),
                                  notification = order.notification](const std::stop_token& stop) {
                    return notifier->notify(notification, stop);
                });
            }
        }
    }

    void note_late(const Job& job, Time now) {
        if (!job.scheduled || job.attempt != 1 || job.claim > 1) return;
        const auto late = std::chrono::floor<seconds>(now - *job.scheduled);
        if (late < kLate) return;
        deliver(desk_.happened({.event = "late",
                                .task = job.task,
                                .group = job.group,
                                .topic = job.topic,
                                .job = job.id,
                                .message = "it starts " + format_duration(late) + " late",
                                .time = now}));
    }

    void note_crashes(const Job& job, Time now) {
        deliver(desk_.happened({.event = "crash-loop",
                                .task = job.task,
                                .group = job.group,
                                .topic = job.topic,
                                .job = job.id,
                                .message = "crash " + std::to_string(job.crashes) + " of this job",
                                .time = now}));
    }

    void watch(const Job& job, Time now) {
        std::vector<milliseconds> runs;
        for (const Job& earlier : parts_.store.page(
                 {.task = job.task, .states = {JobState::Succeeded}, .limit = kRunsForUsualTime},
                 now)) {
            if (!earlier.started || !earlier.finished) continue;
            runs.push_back(
                std::chrono::duration_cast<milliseconds>(*earlier.finished - *earlier.started));
        }
        if (const auto limit = stuck_after(std::move(runs))) {
            watched_.insert_or_assign(job.id, Watched{job, now, now + *limit});
        }
    }

    void note_stuck(Time now, std::optional<Time>& next) {
        for (auto each = watched_.begin(); each != watched_.end();) {
            const auto& [job, begun, limit] = each->second;
            if (now < limit) {
                next = next ? std::min(*next, limit) : limit;
                ++each;
                continue;
            }
            const auto taken = std::chrono::floor<seconds>(now - begun);
            deliver(desk_.happened({.event = "stuck",
                                    .task = job.task,
                                    .group = job.group,
                                    .topic = job.topic,
                                    .job = job.id,
                                    .message = "it has run for " + format_duration(taken) +
                                               ", more than three times as long as usual",
                                    .time = now}));
            each = watched_.erase(each);
        }
    }

    void count_queues(Time now) {
        if (!desk_.listens("backlog")) return;
        if (counted_ && now >= *counted_ && now - *counted_ < kCountEvery) return;
        counted_ = now;
        static const std::vector<PoolOptions> kDefault{PoolOptions{}};
        for (const auto& pool : pools_.empty() ? kDefault : pools_) {
            const auto count =
                parts_.store.count({.topic = pool.topic, .states = {JobState::Queued}});
            deliver(desk_.waiting(pool.topic, count, pool.alert_at, now));
        }
    }

    // A cron wrapper's runs are many processes and one story.
    void recall() {
        if (const auto text = read_file(memory_file_, kLongestMemory)) {
            desk_.restore(*text);
            kept_ = desk_.memory();
        }
    }

    // On a thread of its own: a slow disk delays no job.
    void keep(Time now) {
        changed_ = false;
        kept_at_ = now;
        std::string memory = desk_.memory();
        if (memory == kept_) return;
        kept_ = memory;
        keeper_.post([file = memory_file_,
                      memory = std::move(memory)](const std::stop_token&) -> Result<void> {
            write_file_atomically(file, memory);
            return {};
        });
    }

    struct Watched {
        Job job;
        Time begun;
        Time limit;
    };

    RunParts parts_;
    std::vector<NotifyOptions> rules_;
    std::vector<PoolOptions> pools_;
    NotificationDesk desk_;
    std::string memory_file_;
    std::string kept_{};
    std::optional<Time> kept_at_{};
    bool changed_ = false;
    Outlet keeper_;
    std::vector<Way> ways_{};
    std::vector<Way> old_ways_{};  // of rules that were changed, until they are done
    std::unique_ptr<Heartbeat> heartbeat_{};
    std::map<JobId, Watched> watched_{};
    std::optional<Time> counted_{};
};

class Notifications final : public RunObserver {
public:
    void begin(const RunParts& parts) override {
        const std::lock_guard guard(mutex_);
        round_ = std::make_unique<Round>(parts);
    }

    void started(const Job& job, const Task* task) override {
        with_round([&](Round& round) { round.started(job, task); });
    }

    void settled(const Settlement& settlement, const Task* task) override {
        with_round([&](Round& round) { round.settled(settlement, task); });
    }

    std::optional<Time> look(Time now) override {
        std::optional<Time> next;
        with_round([&](Round& round) { next = round.look(now); });
        return next;
    }

    void reconfigured(const Configuration& configuration) override {
        with_round([&](Round& round) { round.reconfigured(configuration); });
    }

    void happened(std::string_view event, std::string_view message) override {
        with_round([&](Round& round) { round.happened(event, message); });
    }

    void end() override {
        std::unique_ptr<Round> round;
        {
            const std::lock_guard guard(mutex_);
            round = std::move(round_);
        }
        try {
            if (round) round->finish();
        } catch (const StorageError&) {
            // As above.
        }
    }

private:
    // A store that can't be read is the run's own trouble, and told by it.
    template <class Work>
    void with_round(const Work& work) {
        const std::lock_guard guard(mutex_);
        if (!round_) return;
        try {
            work(*round_);
        } catch (const StorageError&) {
        }
    }

    std::mutex mutex_;
    std::unique_ptr<Round> round_{};
};

}  // namespace

std::shared_ptr<RunObserver> make_notifications() {
    return std::make_shared<Notifications>();
}

}  // namespace periodic
