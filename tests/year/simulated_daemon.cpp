// A daemon whose time a script makes, for year.py.
//
//     simulated_daemon HOME STORE
//
// HOME has tasks/, crontabs crontab.0, crontab.1, ... and the file script: first a line with the
// instant of the beginning, then lines with how many milliseconds pass and what happens then:
//
//     leap MS         the machine slept, or the clock was set, either way
//     crontab N       the crontab becomes crontab.N, and the daemon reads it
//     pause TASK, resume TASK
//     stop MS N       the daemon ends, and the next one begins later, with crontab.N
//     kill MS N       the same, but what runs is lost
//     reboot MS N     the same as kill, but the machine starts anew
//     end
//
// Answers the clock before and after each event, and all jobs.

#include <algorithm>
#include <cstdint>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "run/daemon.hpp"
#include "run/executor_core.hpp"
#include "support/forwarding_store.hpp"
#include "year/scripted_clock.hpp"
#include "year/simulated_host.hpp"

namespace periodic::testing {
namespace {

using std::chrono::milliseconds;

constexpr int kSlots = 8;
// What runs when the daemon is stopped always ends by itself.
constexpr std::chrono::hours kStopWithin{24};
constexpr std::chrono::hours kPiece{3};

/// The end of a daemon that nothing announces.
struct Killed : std::exception {};

/// A store on a machine that can be started anew: to the planner its marks are then of an earlier
/// start.
class RebootingStore final : public ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;

    void reboot() { ++starts_; }

    std::vector<EntryMark> entry_marks() override {
        std::vector<EntryMark> marks = ForwardingStore::entry_marks();
        for (EntryMark& mark : marks) shift(mark, -starts_);
        return marks;
    }

    PlanResult plan(const std::vector<EntryPlan>& plans, Time now, std::string_view by) override {
        std::vector<EntryPlan> shifted = plans;
        for (EntryPlan& plan : shifted) {
            if (plan.seen) shift(*plan.seen, starts_);
            if (plan.mark) shift(*plan.mark, starts_);
        }
        return ForwardingStore::plan(shifted, now, by);
    }

private:
    // Only entries of @reboot have one.
    static void shift(EntryMark& mark, std::int64_t by) {
        if (mark.start == 0) return;
        const auto shifted =
            static_cast<std::uint64_t>(mark.start) + static_cast<std::uint64_t>(by);
        mark.start = static_cast<std::int64_t>(shifted);
    }

    std::int64_t starts_ = 0;
};

struct Event {
    milliseconds after{};
    std::string what{};
    std::string name{};
    milliseconds by{};
    int crontab = 0;
};

struct Script {
    Time begin{};
    std::vector<Event> events{};
};

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("can't read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

Script script_from(const std::string& path) {
    std::istringstream lines(text_of(path));
    std::int64_t number = 0;
    lines >> number;
    Script script{.begin = Time(std::chrono::seconds(number))};
    Event event;
    while (lines >> number >> event.what) {
        event.after = milliseconds(number);
        if (event.what == "pause" || event.what == "resume") lines >> event.name;
        if (event.what == "crontab") lines >> event.crontab;
        if (event.what == "leap") {
            lines >> number;
            event.by = milliseconds(number);
        }
        if (event.what == "stop" || event.what == "kill" || event.what == "reboot") {
            lines >> number >> event.crontab;
            event.by = milliseconds(number);
        }
        script.events.push_back(event);
    }
    return script;
}

/// Runs one daemon after the other.
class Simulation {
public:
    Simulation(std::string home, std::shared_ptr<JobStore> store)
        : home_(std::move(home)),
          script_(script_from(home_ + "/script")),
          store_(std::make_shared<RebootingStore>(std::move(store))),
          clock_(std::make_shared<ScriptedClock>(script_.begin)) {}

    void run() {
        begin_next();
        while (!ended_) {
            run_daemon();
            print_jobs();
        }
        print_notes();
    }

private:
    void run_daemon() {
        ExecutorOptions options;
        options.home = home_;
        options.commands = builtin_commands();
        options.logger = make_null_logger();
        options.clock = clock_;
        options.store = store_;
        options.crontab = [this] { return crontab(); };
        options.configuration = Configuration{
            .time_zone = "UTC", .retention = {.age = std::chrono::seconds(0), .jobs = 0}};
        options.kind = "daemon";
        core_ = ExecutorCore::open(std::move(options)).value();
        std::stop_source stop;
        stop_ = [&stop] { stop.request_stop(); };
        Daemon daemon(*core_, {.stop_within = kStopWithin,
                               .stop = stop.get_token(),
                               .host = [](const HostParts& parts) {
                                   return std::make_unique<SimulatedHost>(parts, kSlots);
                               }});
        daemon_ = &daemon;
        try {
            daemon.run().value();
        } catch (const Killed&) {
            clock_->end_stretch();
        }
        if (!ended_) restart();
    }

    void restart() {
        const Event& event = script_.events[next_ - 1];
        clock_->pass(event.by);
        current_ = event.crontab;
        if (event.what == "reboot") store_->reboot();
        print_clock();
        begin_next();
    }

    [[nodiscard]] Crontab crontab() const {
        const std::string name = "crontab." + std::to_string(current_);
        Crontab crontab;
        crontab.add(text_of(home_ + '/' + name), name, TimeZone::utc());
        return crontab;
    }

    void begin_next() {
        left_ = script_.events.at(next_).after;
        pass_on();
    }

    // In pieces, so that what has ended never becomes too much.
    void pass_on() {
        const milliseconds piece = std::min<milliseconds>(left_, kPiece);
        left_ -= piece;
        clock_->begin_stretch(piece, [this] {
            print_jobs();
            if (left_ > milliseconds(0)) {
                pass_on();
            } else {
                happen();
            }
        });
    }

    // In the daemon's thread, while it waits.
    void happen() {
        const Event& event = script_.events[next_++];
        print_clock();
        if (event.what == "kill" || event.what == "reboot") throw Killed();
        if (event.what == "stop" || event.what == "end") {
            ended_ = event.what == "end";
            clock_->end_stretch();
            stop_();
            return;
        }
        if (event.what == "leap") clock_->leap(event.by);
        if (event.what == "crontab") {
            current_ = event.crontab;
            daemon_->reload("the script");
            core_->tell("wake");
        }
        const PauseScope scope{.kind = PauseScope::Kind::Task, .name = event.name};
        if (event.what == "pause") store_->pause({.scope = scope, .since = clock_->now()});
        if (event.what == "resume") store_->resume(scope, clock_->now(), "the script");
        if (event.what == "pause" || event.what == "resume") core_->tell("wake");
        print_clock();
        begin_next();
    }

    void print_clock() const {
        std::cout << "clock " << next_ << ' ' << clock_->now().time_since_epoch().count() << '\n';
    }

    // What is final is told, and makes room.
    void print_jobs() {
        JobFilter filter{.limit = 10'000, .newest_first = false};
        if (!ended_) {
            filter.states = {JobState::Succeeded, JobState::Aborted, JobState::Failed,
                             JobState::Stopped, JobState::Skipped};
        }
        std::vector<JobChange> deletions;
        do {
            deletions.clear();
            for (const Job& job : store_->page(filter, clock_->now())) {
                print(job);
                deletions.push_back({.id = job.id, .action = JobAction::Delete, .by = "script"});
            }
            if (!deletions.empty()) store_->change(deletions, clock_->now());
        } while (deletions.size() == static_cast<std::size_t>(filter.limit));
    }

    // Of every entry that any crontab has.
    void print_notes() {
        std::set<std::int64_t> known;
        for (current_ = 0; std::ifstream(home_ + "/crontab." + std::to_string(current_));
             ++current_) {
            const Crontab crontab = this->crontab();
            for (const CrontabEntry& entry : crontab.entries()) {
                if (!known.insert(entry.id()).second) continue;
                for (const JobEvent& event : store_->entry_events(entry.id()))
                    std::cout << "note " << key_of(entry.parameters()) << ' ' << event.detail
                              << '\n';
            }
        }
    }

    static std::string key_of(const Values& parameters) {
        const auto key = parameters.find("key");
        return key == parameters.end() ? "?" : key->second.text;
    }

    static void print(const Job& job) {
        std::cout << "job " << key_of(job.parameters) << ' '
                  << job.scheduled->time_since_epoch().count() << ' '
                  << std::max(job.last_scheduled, job.scheduled)->time_since_epoch().count() << ' '
                  << job.missed << ' ' << to_string(job.state) << " -" << to_string(job.reason)
                  << '\n';
    }

    std::string home_;
    Script script_;
    std::shared_ptr<RebootingStore> store_;
    std::shared_ptr<ScriptedClock> clock_;
    std::unique_ptr<ExecutorCore> core_;
    std::function<void()> stop_;
    Daemon* daemon_ = nullptr;
    std::size_t next_ = 0;  ///< event
    milliseconds left_{};   ///< until it
    int current_ = 0;       ///< crontab
    bool ended_ = false;
};

std::shared_ptr<JobStore> store_of(const std::string& home, std::string_view kind) {
    if (kind == "memory") return make_memory_store();
    if (kind == "sqlite") return open_sqlite_store({.path = home + "/year.db"});
    throw std::invalid_argument("no such store");
}

}  // namespace
}  // namespace periodic::testing

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: simulated_daemon HOME memory|sqlite\n";
        return 2;
    }
    try {
        periodic::testing::Simulation(argv[1], periodic::testing::store_of(argv[1], argv[2])).run();
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
