// The module's door: a client over libcurl.

#include <algorithm>
#include <cctype>
#include <csignal>
#include <ctime>
#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "base/http_module.hpp"
#include "http/exchange.hpp"
#include "periodic/version.hpp"

namespace periodic::http {
namespace {

using std::chrono::milliseconds;

// Keeps SIGPIPE, which a broken TLS connection raises in this thread, from the process: a library
// sets no signal's disposition.
class WithoutSigpipe {
public:
    WithoutSigpipe() noexcept {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        sigset_t pending{};
        sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGPIPE) == 1;
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    WithoutSigpipe(const WithoutSigpipe&) = delete;
    WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;
    ~WithoutSigpipe() {
        const timespec at_once{};
        while (!was_pending_ && sigtimedwait(&pipe_, nullptr, &at_once) == SIGPIPE) {
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

private:
    sigset_t pipe_{};
    sigset_t before_{};
    bool was_pending_ = false;
};

std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
    std::string value(text);
    curl_free(text);
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return value;
}

// Scheme, host and port; empty if it is no URL.
std::string origin_of(const std::string& text) {
    CURLU* const url = curl_url();
    if (url == nullptr) throw std::bad_alloc();
    std::string origin;
    if (curl_url_set(url, CURLUPART_URL, text.c_str(), 0) == CURLUE_OK) {
        origin = part_of(url, CURLUPART_SCHEME) + "://" + part_of(url, CURLUPART_HOST) + ':' +
                 part_of(url, CURLUPART_PORT);
    }
    curl_url_cleanup(url);
    return origin;
}

bool has_line_end(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

Result<void> check(const HttpRequest& request) {
    const std::string origin = origin_of(request.url);
    if (origin.rfind("http://", 0) != 0 && origin.rfind("https://", 0) != 0) {
        return failure(ErrorCode::Usage, "this is no http or https URL: " + shown_url(request.url));
    }
    if (request.method.empty() || has_line_end(request.method)) {
        return failure(ErrorCode::Usage, "the request has no method");
    }
    for (const HttpHeader& header : request.headers) {
        if (header.name.empty() || has_line_end(header.name) || has_line_end(header.value)) {
            return failure(ErrorCode::Usage, "a header has no name, or a line end in it");
        }
    }
    return {};
}

// How a redirect is followed, as browsers do: all but 307 and 308 become a GET.
Target next_target(const Target& target, int status, std::string url, const std::string& origin) {
    Target next{.url = std::move(url), .method = target.method, .with_body = target.with_body};
    const bool keeps = status == 307 || status == 308 || target.method == "HEAD" ||
                       (status != 303 && target.method != "POST");
    if (!keeps) {
        next.method = "GET";
        next.with_body = false;
    }
    next.with_secrets = target.with_secrets && origin_of(next.url) == origin;
    return next;
}

class CurlClient final : public HttpClient {
public:
    Result<HttpResponse> send(const HttpRequest& request) override {
        if (auto fine = check(request); !fine) return Failure(fine.error());
        const WithoutSigpipe without_sigpipe;
        const auto begun = std::chrono::steady_clock::now();
        const std::string origin = origin_of(request.url);
        Target target{.url = request.url, .method = request.method};
        for (int redirects = 0;; ++redirects) {
            std::optional<milliseconds> left;
            if (request.timeout.count() > 0) {
                const auto passed = std::chrono::duration_cast<milliseconds>(
                    std::chrono::steady_clock::now() - begun);
                left = std::max(request.timeout - passed, milliseconds(1));
            }
            Exchange exchange(request, target);
            auto response = exchange.run(left);
            if (!response) return response;
            std::string redirect = exchange.redirect();
            if (redirect.empty() || request.redirects == 0) return response;
            if (redirects == request.redirects) {
                return failure(ErrorCode::Io, "more than " + std::to_string(request.redirects) +
                                                  " redirects, the last one to " +
                                                  shown_url(redirect));
            }
            target = next_target(target, response->status, std::move(redirect), origin);
        }
    }
};

}  // namespace
}  // namespace periodic::http

extern "C" __attribute__((visibility("default"))) periodic::HttpClient* periodic_make_http_client(
    const char* library_version) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    if (library_version != periodic::kVersion) return nullptr;
    return new periodic::http::CurlClient();
}
