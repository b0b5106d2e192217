#pragma once

/// @file
/// HTTP requests, as a seam. The library for them is loaded when the first client is made: a
/// process that makes none never maps it.

#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/error.hpp"

namespace periodic {

struct HttpHeader {
    std::string name{};
    std::string value{};
    bool secret = false;  ///< sent to the request's own host alone, not to where it redirects
};

struct HttpRequest {
    std::string method{"GET"};
    std::string url{};  ///< http or https
    std::vector<HttpHeader> headers{};
    std::string body{};
    std::chrono::milliseconds timeout{30'000};  ///< for all of it, redirects too; 0: none
    int redirects = 5;                          ///< followed at most; 0: a redirect is the answer
    std::size_t longest_response = std::size_t{16} << 20U;  ///< bytes of its body
    std::stop_token stop{};                                 ///< ends the request
};

struct HttpResponse {
    int status = 0;
    std::vector<HttpHeader> headers{};  ///< in the server's order
    std::string body{};
};

/// Sends requests. May be used from any thread.
class HttpClient {
public:
    HttpClient() = default;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    virtual ~HttpClient() = default;

    /// The server's answer, whatever its status. Error: Usage for a request that can't be, Io if no
    /// answer came, with the reason; neither names credentials. Raises no signal.
    [[nodiscard]] virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

struct HttpClientOptions {
    std::string module{};  ///< the path of `periodic-http.so`; empty: the one that was installed
};

/// The client over libcurl. Server certificates are checked against the system's. Error:
/// Unsupported if its module is missing or of another version.
[[nodiscard]] Result<std::shared_ptr<HttpClient>> make_http_client(
    const HttpClientOptions& options = {});

/// A URL as logs may show it: without user, password, query and fragment.
[[nodiscard]] std::string shown_url(std::string_view url);

}  // namespace periodic
