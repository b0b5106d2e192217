// What workers say to the daemon, and what it does about that.

#include <utility>
#include <variant>

#include "run/workplace.hpp"
#include "worker/worker_host_parts.hpp"

namespace periodic {

void WorkerHost::take_mail(Time now) {
    for (WorkerMail& mail : mail_room_->take()) {
        const auto found = workers_.find(mail.worker);
        if (found == workers_.end()) continue;
        for (Message& message : mail.messages) take(*found->second, std::move(message), now);
        if (mail.closed && !mail.died && !found->second->draining) kill(*found->second);
        if (mail.died) died(*found->second, now);
    }
}

void WorkerHost::take(Worker& worker, Message message, Time now) {
    worker.silent = 0;
    if (std::holds_alternative<ReadyMessage>(message)) {
        worker.ready = true;
        if (worker.number == trial_) accept_candidate(worker);
        worker.last = now;
    } else if (const auto* begins = std::get_if<BegunMessage>(&message)) {
        begun(worker, *begins);
    } else if (auto* said = std::get_if<SaidMessage>(&message)) {
        RunningAttempt* const attempt = find(said->update.id);
        if (attempt == nullptr || attempt->job.claim != said->update.claim) return;
        const LiveUpdate& update = said->update;
        Job& job = attempt->job;
        if (update.progress) job.progress = *update.progress;
        if (update.message) job.message = *update.message;
        if (update.comment) job.comment = *update.comment;
        if (update.result_code) job.result_code = *update.result_code;
        if (update.attributes) job.attributes = *update.attributes;
        if (update.pid) job.pid = *update.pid;
        updates_.push_back(std::move(said->update));
    } else if (auto* end = std::get_if<EndedMessage>(&message)) {
        ended(worker, std::move(*end), now);
    } else if (auto* order = std::get_if<EnqueueMessage>(&message)) {
        clerk_->take(std::move(*order), [this, line = worker.process.line,
                                         key = worker.number](const AnswerMessage& answer) {
            (void)line->put(answer);
            mail_room_->flush(key);
        });
    } else if (const auto* wait = std::get_if<WaitMessage>(&message)) {
        begin_wait(worker, *wait, now);
    } else if (const auto* end_wait = std::get_if<EndWaitMessage>(&message)) {
        if (waits_.erase({worker.number, end_wait->request}) > 0) --worker.waiting;
    } else if (const auto* event = std::get_if<EventMessage>(&message)) {
        note_event(parts_.core, event->id, event->event);
    } else if (const auto* record = std::get_if<LogMessage>(&message)) {
        parts_.core.logger().log({.level = record->level,
                                  .text = record->text,
                                  .task = record->task,
                                  .command = record->command,
                                  .job = record->job});
    } else if (auto* returned = std::get_if<ReturnMessage>(&message)) {
        returned_.push_back(std::move(returned->addition));
    } else {
        kill(worker);  // it says what only a daemon may
    }
}

void WorkerHost::begun(Worker& worker, const BegunMessage& message) {
    RunningAttempt* const attempt = find(message.id);
    if (attempt == nullptr || attempt->job.claim != message.claim) return;
    worker.begun.insert(message.id);
    attempt->kill_after = message.kill_after;
    if (message.cleaning && message.deadline) {
        attempt->control->begin_cleanup(*message.deadline);
    } else {
        attempt->control->set_deadline(message.deadline);
    }
}

void WorkerHost::ended(Worker& worker, EndedMessage message, Time now) {
    const Job& job = message.settlement.job;
    RunningAttempt* const attempt = find(job.id);
    if (message.memory > 0) worker.memory = message.memory;
    if (attempt == nullptr || attempt->job.claim != job.claim) return;
    ++worker.ended;
    worker.last = now;
    worker.pool->failures = 0;
    worker.pool->next_start = {};
    leave(worker, job.id);
    count_end(worker.pool->numbers, message.settlement);
    put_end(*attempt, std::move(message.settlement));
}

void WorkerHost::put_end(RunningAttempt& attempt, Settlement settlement) {
    const JobId id = attempt.job.id;
    where_.erase(id);
    held_.erase(id);
    ended_.push_back({std::move(attempt), std::move(settlement)});
    std::erase_if(running_, [id](const RunningAttempt& one) {
        return one.control == nullptr || one.job.id == id;
    });
}

void WorkerHost::begin_wait(Worker& worker, const WaitMessage& message, Time now) {
    AnswerMessage answer{.request = message.request};
    try {
        auto child = parts_.core.store().find(message.child, now);
        RunningAttempt* const parent = find(message.parent);
        if (!child || is_final(child->state) || parent == nullptr) {
            answer.job = std::move(child);
        } else if (auto wait = parts_.waits.begin(parent->job, *child, now); !wait) {
            answer.error = wait.error();
        } else {
            waits_.emplace(std::pair(worker.number, message.request),
                           std::make_unique<PendingWait>(
                               PendingWait{message.parent, message.child, std::move(*wait)}));
            ++worker.waiting;
            return;
        }
    } catch (const StorageError& error) {
        answer.error = Error{.code = ErrorCode::Io, .message = error.what()};
    }
    tell(worker, answer);
}

// Of those that are waited for, the ones that are final by now, whoever made them so.
void WorkerHost::answer_waits(Time now) {
    if (waits_.empty()) return;
    try {
        const std::int64_t version = parts_.core.store().version();
        if (version == waits_seen_) return;
        for (auto one = waits_.begin(); one != waits_.end();) {
            auto child = parts_.core.store().find(one->second->child, now);
            if (child && !is_final(child->state)) {
                ++one;
                continue;
            }
            const auto [key, request] = one->first;
            one = waits_.erase(one);
            const auto worker = workers_.find(key);
            if (worker == workers_.end()) continue;
            --worker->second->waiting;
            tell(*worker->second, AnswerMessage{.request = request, .job = std::move(child)});
        }
        waits_seen_ = version;
    } catch (const StorageError& error) {
        parts_.core.logger().error(std::string("waits for jobs wait for the store: ") +
                                   error.what());
    }
}

// What came too late for a running job is added to the one that has ended; its end is in the store
// by now, or will be in a moment.
void WorkerHost::append_late(Time now) {
    for (AppendRequest& addition : std::exchange(returned_, {})) {
        std::vector<LogLine> lines;
        if (addition.level)
            lines.push_back({.time = now, .level = *addition.level, .text = addition.text});
        const std::string response = addition.level ? "" : addition.text;
        try {
            if (parts_.core.store().append(addition.id, lines, response)) continue;
            if (!parts_.core.store().find(addition.id, now)) continue;
        } catch (const StorageError& error) {
            parts_.core.logger().error(std::string("an addition to a log waits: ") + error.what());
        }
        returned_.push_back(std::move(addition));
    }
}

}  // namespace periodic
