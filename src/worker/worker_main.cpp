#include "worker/worker_main.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file_stamp.hpp"
#include "base/files.hpp"
#include "base/process_ending.hpp"
#include "base/process_family.hpp"
#include "base/process_record.hpp"
#include "base/process_table.hpp"
#include "run/attempt_pool.hpp"
#include "run/job_runner.hpp"
#include "run/process_files.hpp"
#include "run/settle.hpp"
#include "run/thread_host.hpp"
#include "worker/line.hpp"
#include "worker/worker_place.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kFine = 0;
constexpr int kWrongUsage = 2;

// What is said while an attempt runs is passed on this often.
constexpr milliseconds kFlushEvery{50};
// How often it is looked whether one that was asked to end cleans up.
constexpr milliseconds kLookEvery{500};
// After the daemon's death: when what was asked to end is killed, and when this process ends.
constexpr milliseconds kKillAfter{600};
constexpr milliseconds kEndAfter{850};
constexpr milliseconds kMemoryEvery{100};
// The longest part of an update that is sent in one message.
constexpr std::size_t kPart = std::size_t{1} << 20U;

Result<TimeZone> zone_named(const std::string& name) {
    return name.empty() ? TimeZone::local() : TimeZone::load(name);
}

// An attempt whose end is too large to tell.
Settlement untellable(const RunningAttempt& attempt, const Error& error, Time now) {
    AttemptEnd end;
    end.job = attempt.job;
    end.result = AttemptResult::Failed;
    end.reason = Reason::Exception;
    end.error = "its end can't be told: " + error.message;
    end.begun = true;
    end.finished = now;
    return settle(end, attempt.task ? attempt.task->get() : nullptr, 0.5);
}

class WorkerSide {
public:
    WorkerSide(Descriptor socket, const CommandRegistry& commands, ProcessTitle& title)
        : line_(std::move(socket)),
          commands_(commands),
          title_(title),
          wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          clock_(make_system_clock()),
          logger_(line_),
          launcher_(make_process_launcher({.adopts_strays = true})) {
        if (!wake_) throw std::system_error(errno, std::generic_category(), "eventfd");
    }

    int run() {
        while (!(draining_ && pool_ && pool_->running().empty())) {
            wait();
            std::vector<Message> messages;
            const bool open = line_.receive(messages);
            for (Message& message : messages) {
                if (!take(std::move(message))) return kWrongUsage;
            }
            start_new();
            if (pool_) (void)pool_->take_ended();
            if (!open) {
                end_without_daemon();
                return kFine;
            }
            end_what_must();
            pass_updates_on();
        }
        pool_.reset();
        remove_record();
        return kFine;
    }

private:
    void wait() {
        std::array<pollfd, 2> watched{pollfd{line_.fd(), POLLIN, 0},
                                      pollfd{wake_.get(), POLLIN, 0}};
        const auto until = next_look();
        int longest = -1;
        if (until) {
            const auto left = std::chrono::ceil<milliseconds>(*until - clock_->now());
            longest = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
        }
        (void)::poll(watched.data(), watched.size(), longest);
        eventfd_t ignored = 0;
        if (watched[1].revents != 0) (void)!::eventfd_read(wake_.get(), &ignored);
    }

    [[nodiscard]] std::optional<Time> next_look() {
        std::optional<Time> look;
        const auto earlier = [&look](Time time) { look = look ? std::min(*look, time) : time; };
        if (!pool_) return look;
        const Time now = clock_->now();
        if (has_news_) earlier(std::max(now, passed_on_ + kFlushEvery));
        for (const RunningAttempt& attempt : pool_->running()) {
            if (attempt.control->asked() != Reason::None) earlier(now + kLookEvery);
            const auto deadline = attempt.control->deadline(*clock_);
            if (deadline && !attempt.control->token().stop_requested()) earlier(*deadline);
        }
        return look;
    }

    // False: this is no daemon of ours.
    bool take(Message message) {
        if (auto* hello = std::get_if<HelloMessage>(&message)) return begin(std::move(*hello));
        if (!pool_) return false;
        if (auto* work = std::get_if<RunMessage>(&message)) {
            if (!work->task_text.empty()) tasks_->remember(work->job.task, work->task_text);
            prepare(std::move(work->job));
            return true;
        }
        start_new();  // the message may be about one of them
        if (const auto* ask = std::get_if<AskMessage>(&message)) {
            obey(*ask);
        } else if (auto* answer = std::get_if<AnswerMessage>(&message)) {
            place_->answer(std::move(*answer));
        } else if (auto* append = std::get_if<AppendMessage>(&message)) {
            add(std::move(append->addition));
        } else if (std::holds_alternative<DrainMessage>(message)) {
            draining_ = true;
        } else {
            return false;
        }
        return true;
    }

    bool begin(HelloMessage hello) {
        auto zone = zone_named(hello.time_zone);
        if (pool_ || hello.version != wire_version() || !zone) return false;
        hello_ = std::move(hello);
        zone_ = *zone;
        tasks_ = std::make_unique<TaskDirectory>(hello_.home.tasks, commands_, &read_safe_file,
                                                 &stamp_of);
        // The daemon says it, and sends the text.
        tasks_->keep_last_sound([](const Error&) {});
        place_ = std::make_unique<WorkerPlace>(Workplace::Parts{.home = hello_.home,
                                                                .zone = zone_,
                                                                .clock = *clock_,
                                                                .logger = logger_,
                                                                .launcher = *launcher_,
                                                                .tasks = *tasks_},
                                               line_);
        records_ = std::make_unique<ProcessRecord>(
            worker_process_file(hello_.home, hello_.generation, ::getpid()));
        runner_ = std::make_unique<JobRunner>(*place_, *records_);
        pool_ = std::make_unique<AttemptPool>(
            hello_.slots, [this](const RunningAttempt& attempt) { return work(attempt); },
            [this] {
                if (draining_) wake();
            });
        show_title();
        return line_.send(ReadyMessage{}).has_value();
    }

    void prepare(Job job) {
        RunningAttempt attempt;
        const bool is_known = !new_.empty() && new_.back().job.task == job.task;
        attempt.task = is_known ? new_.back().task : tasks_->find(job.task);
        attempt.control =
            std::make_shared<AttemptControl>(deadline_of(attempt.task, clock_->now()));
        attempt.live = std::make_shared<LiveRecord>(job, log_limit_of(attempt.task), [this] {
            has_news_ = true;
            wake();
        });
        attempt.job = std::move(job);
        new_.push_back(std::move(attempt));
    }

    // What came at once. The daemon knows of each that it begins before it does.
    void start_new() {
        if (new_.empty()) return;
        for (const RunningAttempt& attempt : new_) put_begun(attempt, false);
        line_.flush_all();
        pool_->set_waiting(place_->waiting());
        // One that was retried may be back before its end was noted.
        (void)pool_->take_ended();
        pool_->start(std::exchange(new_, {}));
    }

    // On the thread of an attempt.
    Settlement work(const RunningAttempt& attempt) {
        change_title(attempt.job, true);
        Settlement settlement = runner_->run(attempt);
        change_title(attempt.job, false);
        const std::lock_guard guard(said_);
        if (auto update = attempt.live->take()) say(std::move(*update));
        const EndedMessage ended{.settlement = settlement, .memory = memory()};
        if (auto put = line_.put(ended); !put) {
            (void)line_.put(
                EndedMessage{.settlement = untellable(attempt, put.error(), clock_->now())});
        }
        line_.flush_all();
        return settlement;
    }

    void put_begun(const RunningAttempt& attempt, bool cleaning) {
        BegunMessage begun{.id = attempt.job.id,
                           .claim = attempt.job.claim,
                           .deadline = attempt.control->deadline(),
                           .cleaning = cleaning};
        if (attempt.task) begun.kill_after = (*attempt.task)->kill_after;
        (void)line_.put(begun);
    }

    std::int64_t memory() {
        const auto now = steady_clock::now();
        if (now - memory_read_ < kMemoryEvery) return 0;
        memory_read_ = now;
        return resident_bytes_of(::getpid());
    }

    void obey(const AskMessage& ask) {
        RunningAttempt* const attempt = pool_->find(ask.id);
        if (attempt == nullptr || attempt->job.claim != ask.claim) return;
        if (ask.shutdown) {
            attempt->control->ask_for_shutdown(ask.by, ask.what);
        } else {
            attempt->control->ask(ask.what, ask.by);
        }
    }

    void add(AppendRequest addition) {
        RunningAttempt* const attempt = pool_->find(addition.id);
        const Time now = clock_->now();
        const bool added =
            attempt != nullptr &&
            (addition.level ? attempt->live->log_from_outside(now, *addition.level, addition.text)
                            : attempt->live->respond_from_outside(now, addition.text));
        if (!added) (void)line_.send(ReturnMessage{.addition = std::move(addition)});
    }

    void end_what_must() {
        if (!pool_) return;
        for (const RunningAttempt& attempt : pool_->running()) {
            attempt.control->ask_when_due(*clock_);
            // It has a new deadline then.
            const bool cleans = attempt.control->is_cleaning();
            if (!cleans || std::exchange(cleaning_[attempt.job.id], true)) continue;
            put_begun(attempt, true);
            line_.flush_all();
        }
        std::erase_if(cleaning_,
                      [this](const auto& one) { return pool_->find(one.first) == nullptr; });
    }

    void pass_updates_on() {
        const Time now = clock_->now();
        if (!pool_ || !has_news_ || (now >= passed_on_ && now - passed_on_ < kFlushEvery)) return;
        passed_on_ = now;
        has_news_ = false;
        const std::lock_guard guard(said_);
        for (const RunningAttempt& attempt : pool_->running())
            if (auto update = attempt.live->take()) say(std::move(*update));
        line_.flush_all();
    }

    // In parts, of which each fits into a message. `said_` is held.
    void say(LiveUpdate update) {
        LiveUpdate part{.id = update.id, .claim = update.claim};
        std::size_t size = 0;
        std::vector<LogLine> lines = std::exchange(update.lines, {});
        for (LogLine& line : lines) {
            size += line.text.size() + sizeof(LogLine);
            part.lines.push_back(std::move(line));
            if (size < kPart) continue;
            (void)line_.put(SaidMessage{
                std::exchange(part, LiveUpdate{.id = update.id, .claim = update.claim})});
            size = 0;
        }
        update.lines = std::move(part.lines);
        if (auto put = line_.put(SaidMessage{std::move(update)}); !put)
            logger_.error("what a job has said is lost: " + put.error().message);
    }

    void wake() noexcept { (void)!::eventfd_write(wake_.get(), 1); }

    void change_title(const Job& job, bool begins) {
        const std::lock_guard guard(title_mutex_);
        if (begins) {
            shown_[job.id] = job.task;
        } else {
            shown_.erase(job.id);
        }
        show_title();
    }

    void show_title() {
        std::string text = "periodic: worker " + hello_.topic;
        const char* before = " [";
        for (const auto& [id, task] : shown_) {
            text.append(std::exchange(before, ", ")).append(std::to_string(id)).append(1, ' ');
            text += task;
        }
        if (!shown_.empty()) text += ']';
        title_.set(text);
    }

    // Nobody takes results any more: programs are asked to end, then killed, then this process
    // ends. What it left, if anything, is on record.
    void end_without_daemon() {
        if (!pool_) return;
        draining_ = true;
        place_->close();
        const auto begun = steady_clock::now();
        for (const RunningAttempt& attempt : pool_->running())
            attempt.control->ask_for_shutdown("the daemon has gone");
        wait_for_ends(begun + kKillAfter);
        for (const RunningAttempt& attempt : pool_->running())
            attempt.control->ask(Reason::Killed, "the daemon has gone");
        wait_for_ends(begun + kEndAfter);
        if (end_what_is_left()) remove_record();
        std::_Exit(kFine);  // without waiting for commands that look at no stop token
    }

    // False if something could not be ended.
    bool end_what_is_left() {
        const auto recorded = read_process_record(records_->path());
        std::set<JobId> jobs;
        for (const RecordedProcess& process : recorded) jobs.insert(process.job);
        for (const RunningAttempt& attempt : pool_->running()) jobs.insert(attempt.job.id);
        bool clean = true;
        for (const JobId id : jobs) {
            std::vector<GroupLeader> leaders;
            for (const RecordedProcess& process : recorded)
                if (process.job == id) leaders.push_back({process.process, process.session});
            const JobMark mark{.home = hello_.home.directory, .job = std::to_string(id)};
            const EndingOptions options{.kill_at_once = true, .patience = kFlushEvery};
            clean = end_left(leaders, mark, options).remaining.empty() && clean;
        }
        return clean;
    }

    void wait_for_ends(steady_clock::time_point until) {
        while (!pool_->running().empty() && steady_clock::now() < until) {
            pollfd ended{.fd = wake_.get(), .events = POLLIN, .revents = 0};
            (void)::poll(&ended, 1, 10);
            eventfd_t ignored = 0;
            (void)!::eventfd_read(wake_.get(), &ignored);
            (void)pool_->take_ended();
        }
    }

    void remove_record() {
        std::error_code ignored;
        if (records_) std::filesystem::remove(records_->path(), ignored);
    }

    Line line_;
    const CommandRegistry& commands_;
    ProcessTitle& title_;
    Descriptor wake_;
    std::unique_ptr<Clock> clock_;
    LineLogger logger_;
    std::unique_ptr<ProcessLauncher> launcher_;
    HelloMessage hello_;
    TimeZone zone_ = TimeZone::utc();
    std::unique_ptr<TaskDirectory> tasks_;
    std::unique_ptr<WorkerPlace> place_;
    std::unique_ptr<ProcessRecord> records_;
    std::unique_ptr<JobRunner> runner_;

    std::atomic<bool> draining_ = false;
    std::atomic<bool> has_news_ = false;
    Time passed_on_{};
    std::vector<RunningAttempt> new_;  // that have come, and are about to begin
    std::map<JobId, bool> cleaning_;   // those that the daemon knows to clean up

    std::mutex said_;  // what an attempt said is put on the line before its end
    steady_clock::time_point memory_read_{};
    std::mutex title_mutex_;
    std::map<JobId, std::string> shown_;
    std::unique_ptr<AttemptPool> pool_;  // last: its threads use the rest
};

// The socket, out of the way of programs and of what writes to standard streams.
Descriptor take_socket() {
    Descriptor socket(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    const Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (null) ::dup2(null.get(), STDIN_FILENO);
    return socket;
}

bool is_socket(int fd) {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

}  // namespace

int worker_main(const CommandRegistry& commands, ProcessTitle& title) {
    if (!is_socket(STDIN_FILENO)) {
        std::fputs("periodic worker: it is started by the daemon, not by hand\n", stderr);
        return kWrongUsage;
    }
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE})
        std::signal(signal, SIG_IGN);
    ::prctl(PR_SET_NAME, "periodic-worker", 0, 0, 0);
    try {
        become_subreaper();
        return WorkerSide(take_socket(), commands, title).run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "periodic worker: %s\n", error.what());
        return 1;
    }
}

}  // namespace periodic
