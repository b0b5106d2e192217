#include "worker/worker_place.hpp"

#include <utility>

namespace periodic {
namespace {

Failure daemon_gone() {
    return failure(ErrorCode::Io, "the daemon has gone");
}

}  // namespace

void LineLogger::log(const LogRecord& record) {
    // One that is too long to pass is lost; nothing of that size is logged.
    (void)line_.send(LogMessage{.level = record.level,
                                .text = std::string(record.text),
                                .task = std::string(record.task),
                                .command = std::string(record.command),
                                .job = record.job});
}

std::int64_t WorkerPlace::begin_request() {
    const std::lock_guard guard(mutex_);
    requests_.emplace(++last_request_, std::nullopt);
    return last_request_;
}

std::optional<AnswerMessage> WorkerPlace::await(std::int64_t request, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, stop, [&] { return closed_ || requests_.at(request).has_value(); });
    auto answer = std::move(requests_.at(request));
    requests_.erase(request);
    return answer;
}

void WorkerPlace::answer(AnswerMessage message) {
    {
        const std::lock_guard guard(mutex_);
        const auto request = requests_.find(message.request);
        if (request == requests_.end()) return;
        request->second = std::move(message);
    }
    answered_.notify_all();
}

void WorkerPlace::close() {
    {
        const std::lock_guard guard(mutex_);
        closed_ = true;
    }
    answered_.notify_all();
}

Result<JobId> WorkerPlace::enqueue(std::string_view task, Values parameters,
                                   const JobOptions& options) {
    const std::int64_t request = begin_request();
    auto sent = line_.send(EnqueueMessage{.request = request,
                                          .task = std::string(task),
                                          .parameters = std::move(parameters),
                                          .options = options});
    if (!sent) return Failure(sent.error());
    // It is queued, or not, whatever becomes of who asked: the answer is waited for.
    auto answer = await(request, {});
    if (!answer) return daemon_gone();
    if (answer->error) return Failure(*answer->error);
    return answer->id;
}

Result<std::optional<Job>> WorkerPlace::wait_for(const Job& parent, JobId child,
                                                 std::stop_token stop) {
    const std::int64_t request = begin_request();
    ++waiting_;
    auto sent = line_.send(WaitMessage{.request = request, .parent = parent.id, .child = child});
    auto answer = sent ? await(request, stop) : std::nullopt;
    --waiting_;
    if (!sent) return Failure(sent.error());
    if (!answer) {
        (void)line_.send(EndWaitMessage{.request = request});
        if (stop.stop_requested()) return std::optional<Job>();
        return daemon_gone();
    }
    if (answer->error) return Failure(*answer->error);
    return std::move(answer->job);
}

void WorkerPlace::add_event(JobId job, const JobEvent& event) {
    (void)line_.send(EventMessage{.id = job, .event = event});
}

}  // namespace periodic
