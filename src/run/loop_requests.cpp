#include "run/loop_requests.hpp"

#include <charconv>
#include <chrono>
#include <system_error>
#include <utility>

namespace periodic {
namespace {

// How long who asks on the control socket waits for the loop to come round.
constexpr std::chrono::milliseconds kPatienceWithLoop{5000};

// The job of a request `run ID`.
std::optional<JobId> run_request_from(std::string_view request) {
    constexpr std::string_view kRun = "run ";
    if (request.substr(0, kRun.size()) != kRun) return std::nullopt;
    request.remove_prefix(kRun.size());
    JobId id = 0;
    const auto [end, error] = std::from_chars(request.data(), request.data() + request.size(), id);
    if (error != std::errc{} || end != request.data() + request.size()) return std::nullopt;
    return id;
}

}  // namespace

bool LoopRequests::wake(std::string_view request) {
    if (!note(request)) return false;
    clock_.notify();
    return true;
}

bool LoopRequests::note(std::string_view request) {
    const std::lock_guard guard(mutex_);
    if (closed_) return false;
    if (request == "who") return true;
    if (request == "yield" && takes_.yield) {
        wakes_.yield = true;
        return true;
    }
    if (request == "asks") {
        wakes_.asks = true;
        return true;
    }
    if (!takes_.work) return false;
    if (request == "look") {
        wakes_.look = true;
        return true;
    }
    if (request == "wake") {
        wakes_.plan = true;
        return true;
    }
    const auto wanted = run_request_from(request);
    if (wanted) wakes_.wanted.push_back(*wanted);
    return wanted.has_value();
}

// The loop's thread knows how things stand. It steps at once, or it is busy with the disk: then no
// answer is one.
std::optional<std::string> LoopRequests::ask(std::string_view request) {
    if (!takes_.questions) return std::nullopt;
    std::future<std::optional<std::string>> answer;
    {
        const std::lock_guard guard(mutex_);
        if (closed_) return std::nullopt;
        answer = questions_.emplace_back(LoopQuestion{.request = std::string(request)})
                     .answer.get_future();
    }
    clock_.notify();
    if (answer.wait_for(kPatienceWithLoop) != std::future_status::ready) return std::nullopt;
    try {
        return answer.get();
    } catch (const std::future_error&) {  // the loop ended first
        return std::nullopt;
    }
}

LoopWakes LoopRequests::take_wakes() {
    const std::lock_guard guard(mutex_);
    return std::exchange(wakes_, LoopWakes{});
}

std::vector<LoopQuestion> LoopRequests::take_questions() {
    const std::lock_guard guard(mutex_);
    return std::exchange(questions_, {});
}

bool LoopRequests::close(bool unless_wanted) {
    const std::lock_guard guard(mutex_);
    const bool is_wanted = wakes_.plan || wakes_.look || !wakes_.wanted.empty();
    if (is_wanted && unless_wanted) return false;
    closed_ = true;
    questions_.clear();  // who asked hears that nobody answers
    return true;
}

}  // namespace periodic
