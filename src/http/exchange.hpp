#pragma once

/// @file
/// One request and its answer, without redirects.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "periodic/http_client.hpp"

namespace periodic::http {

/// Where a request goes next.
struct Target {
    std::string url{};
    std::string method{};
    bool with_body = true;
    bool with_secrets = true;
};

/// Asks one server once. Used by one thread.
class Exchange {
public:
    /// Both must outlive it. Throws std::bad_alloc.
    Exchange(const HttpRequest& request, const Target& target);

    /// `left` is how long it may take; none: for ever.
    [[nodiscard]] Result<HttpResponse> run(std::optional<std::chrono::milliseconds> left);

    /// Where the answer redirects to, made absolute; empty if it does not.
    [[nodiscard]] std::string redirect() const;

private:
    struct FreeEasy {
        void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
    };
    struct FreeMulti {
        void operator()(CURLM* handle) const noexcept { curl_multi_cleanup(handle); }
    };
    struct FreeList {
        void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
    };

    static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self);
    static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* self);

    void set_method();
    void set_headers();
    void add_header(const std::string& line);
    [[nodiscard]] CURLcode perform();
    [[nodiscard]] Error error_of(CURLcode code) const;

    const HttpRequest& request_;
    const Target& target_;
    std::unique_ptr<CURL, FreeEasy> easy_;
    std::unique_ptr<CURLM, FreeMulti> multi_;
    std::unique_ptr<curl_slist, FreeList> headers_;
    std::string problem_;  // CURL_ERROR_SIZE bytes that libcurl writes to
    HttpResponse response_;
    bool too_long_ = false;
};

}  // namespace periodic::http
