#include "notify/heartbeat.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"

namespace periodic {
namespace {

constexpr std::size_t kLongestTail = 10U << 10U;
constexpr int kTailLines = 1'000;
constexpr std::chrono::seconds kPatience{10};

Result<void> send(HttpClient& http, const std::string& url, const std::string& body,
                  const std::stop_token& stop) {
    const auto response = http.send({.method = body.empty() ? "GET" : "POST",
                                     .url = url,
                                     .body = body,
                                     .timeout = kPatience,
                                     .longest_response = std::size_t{64} << 10U,
                                     .stop = stop});
    if (!response) return Failure(response.error());
    if (response->status >= 200 && response->status < 300) return {};
    return failure(response->status >= 500 ? ErrorCode::Io : ErrorCode::Invalid,
                   "the address answered " + std::to_string(response->status));
}

}  // namespace

std::string ping_address(std::string_view url, std::string_view word) {
    const std::size_t end = std::min(url.find_first_of("?#"), url.size());
    std::string address(url.substr(0, end));
    while (address.ends_with('/')) address.pop_back();
    if (!word.empty()) address.append("/").append(word);
    return address.append(url.substr(end));
}

Heartbeat::Heartbeat(MakeHttp make_http, JobStore& store, Logger& logger)
    : make_http_(std::move(make_http)),
      store_(store),
      outlet_({.name = "heartbeat", .capacity = 1'000, .tries = 3}, logger) {}

void Heartbeat::started(const std::string& url) {
    ping(ping_address(url, "start"), "");
}

void Heartbeat::ended(const std::string& url, const Job& job) {
    if (job.state == JobState::Succeeded || job.state == JobState::Aborted) {
        return ping(ping_address(url, ""), "");
    }
    if (job.state != JobState::Failed && job.state != JobState::Stopped) return;
    ping(ping_address(url, "fail"), tail_of(job));
}

void Heartbeat::ping(std::string url, std::string body) {
    outlet_.post([this, url = std::move(url), body = std::move(body)](const std::stop_token& stop) {
        if (!http_) {
            auto made = make_http_();
            if (!made) return Result<void>(Failure(made.error()));
            http_ = std::move(*made);
        }
        auto sent = send(*http_, url, body, stop);
        if (!sent) sent.error().message = shown_url(url) + ": " + sent.error().message;
        return sent;
    });
}

// The end of the job's log, with what became of it: what an operator reads first.
std::string Heartbeat::tail_of(const Job& job) const {
    std::string text;
    for (const LogLine& line : store_.log_tail(job.id, kTailLines)) text += line.text + '\n';
    text += std::string(to_string(job.state)) + (job.error.empty() ? "" : ": " + job.error) + '\n';
    if (text.size() <= kLongestTail) return text;
    std::size_t begin = text.size() - kLongestTail;
    while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U) {
        ++begin;
    }
    return text.substr(begin);
}

}  // namespace periodic
