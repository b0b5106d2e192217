#include "worker/clerk.hpp"

#include <utility>

namespace periodic {

Clerk::Clerk(ExecutorCore& core)
    : core_(core), thread_([this](const std::stop_token& stop) { serve(stop); }) {}

Clerk::~Clerk() {
    thread_.request_stop();
    thread_.join();
}

void Clerk::take(EnqueueMessage request, Answer answer) {
    {
        const std::lock_guard guard(mutex_);
        orders_.push_back({std::move(request), std::move(answer)});
    }
    changed_.notify_one();
}

void Clerk::serve(const std::stop_token& stop) {
    while (true) {
        Order order;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [this] { return !orders_.empty(); })) return;
            order = std::move(orders_.front());
            orders_.pop_front();
        }
        order.answer(carry_out(std::move(order.request)));
    }
}

AnswerMessage Clerk::carry_out(EnqueueMessage request) {
    AnswerMessage answer{.request = request.request};
    try {
        auto added = core_.jobs().add(request.task, std::move(request.parameters), request.options);
        if (added) {
            answer.id = *added;
        } else {
            answer.error = added.error();
        }
    } catch (const StorageError& error) {
        answer.error = Error{.code = ErrorCode::Io, .message = error.what()};
    }
    return answer;
}

}  // namespace periodic
