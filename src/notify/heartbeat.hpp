#pragma once

/// @file
/// Pings an address that watches over a task, as healthchecks does.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "notify/outlet.hpp"
#include "periodic/http_client.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"

namespace periodic {

/// The address with a word behind its path: `https://hc.example.org/ping/ID/start`.
[[nodiscard]] std::string ping_address(std::string_view url, std::string_view word);

/// Sends the pings of all tasks, in order. A ping that fails is a warning in the log.
class Heartbeat {
public:
    using MakeHttp = std::function<Result<std::shared_ptr<HttpClient>>()>;

    Heartbeat(MakeHttp make_http, JobStore& store, Logger& logger);

    /// An attempt begins.
    void started(const std::string& url);
    /// A job has ended; one that goes on later says nothing.
    void ended(const std::string& url, const Job& job);

    void finish(std::chrono::steady_clock::time_point limit) { outlet_.finish(limit); }

private:
    void ping(std::string url, std::string body);
    [[nodiscard]] std::string tail_of(const Job& job) const;

    MakeHttp make_http_;
    JobStore& store_;
    std::shared_ptr<HttpClient> http_{};  // of the outlet's thread
    Outlet outlet_;
};

}  // namespace periodic
