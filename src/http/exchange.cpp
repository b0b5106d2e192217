#include "http/exchange.hpp"

#include <new>
#include <stop_token>
#include <utility>

#include "periodic/version.hpp"

namespace periodic::http {
namespace {

constexpr int kLongestPoll = 1000;  // milliseconds; a stop ends it at once

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
    // Of the options that are set here, only those with texts can fail, for want of memory.
    if (curl_easy_setopt(handle, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
}

}  // namespace

Exchange::Exchange(const HttpRequest& request, const Target& target)
    : request_(request),
      target_(target),
      easy_(curl_easy_init()),
      multi_(curl_multi_init()),
      problem_(CURL_ERROR_SIZE, '\0') {
    CURL* const handle = easy_.get();
    if (handle == nullptr || multi_ == nullptr) throw std::bad_alloc();
    set(handle, CURLOPT_URL, target.url.c_str());
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_ERRORBUFFER, problem_.data());
    set(handle, CURLOPT_USERAGENT, ("periodic/" + std::string(kVersion)).c_str());
    set(handle, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.longest_response));
    set(handle, CURLOPT_WRITEFUNCTION, &Exchange::take_body);
    set(handle, CURLOPT_WRITEDATA, this);
    set(handle, CURLOPT_HEADERFUNCTION, &Exchange::take_header);
    set(handle, CURLOPT_HEADERDATA, this);
    set_method();
    set_headers();
}

void Exchange::set_method() {
    CURL* const handle = easy_.get();
    const bool body = target_.with_body && (!request_.body.empty() || target_.method == "POST");
    if (body) {
        set(handle, CURLOPT_POSTFIELDS, request_.body.data());
        set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    }
    if (target_.method == "HEAD") {
        set(handle, CURLOPT_NOBODY, 1L);
    } else {
        set(handle, CURLOPT_CUSTOMREQUEST, target_.method.c_str());
    }
}

void Exchange::set_headers() {
    // A server that does not know `Expect` would let the request wait for a second.
    add_header("Expect:");
    for (const HttpHeader& header : request_.headers) {
        if (header.secret && !target_.with_secrets) continue;
        // libcurl takes `NAME:` for one to leave out, `NAME;` for an empty one.
        add_header(header.value.empty() ? header.name + ';' : header.name + ": " + header.value);
    }
    set(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
}

void Exchange::add_header(const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)headers_.release();
    headers_.reset(longer);
}

Result<HttpResponse> Exchange::run(std::optional<std::chrono::milliseconds> left) {
    if (left) set(easy_.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(left->count()));
    const CURLcode code = perform();
    if (code != CURLE_OK) return Failure(error_of(code));
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    return std::move(response_);
}

std::string Exchange::redirect() const {
    const char* url = nullptr;
    curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &url);
    return url == nullptr ? "" : url;
}

CURLcode Exchange::perform() {
    CURLM* const multi = multi_.get();
    const std::stop_callback wake(request_.stop, [multi] { curl_multi_wakeup(multi); });
    if (curl_multi_add_handle(multi, easy_.get()) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
    int running = 1;
    CURLcode code = CURLE_OK;
    while (running > 0) {
        CURLMcode done = request_.stop.stop_requested() ? CURLM_ABORTED_BY_CALLBACK
                                                        : curl_multi_perform(multi, &running);
        if (done == CURLM_OK && running > 0)
            done = curl_multi_poll(multi, nullptr, 0, kLongestPoll, nullptr);
        if (done == CURLM_OK) continue;
        code = done == CURLM_ABORTED_BY_CALLBACK ? CURLE_ABORTED_BY_CALLBACK : CURLE_OUT_OF_MEMORY;
        break;
    }
    int waiting = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi, &waiting)) {
        if (message->msg == CURLMSG_DONE && code == CURLE_OK) code = message->data.result;
    }
    curl_multi_remove_handle(multi, easy_.get());
    return code;
}

Error Exchange::error_of(CURLcode code) const {
    Error error;
    error.code = ErrorCode::Io;
    error.message = problem_.c_str();  // up to its first zero
    if (error.message.empty()) error.message = curl_easy_strerror(code);
    if (too_long_ || code == CURLE_FILESIZE_EXCEEDED) {
        error.message =
            "the response is longer than " + std::to_string(request_.longest_response) + " bytes";
    } else if (code == CURLE_ABORTED_BY_CALLBACK) {
        error.message = "the request was ended before its answer came";
    }
    return error;
}

std::size_t Exchange::take_body(char* bytes, std::size_t size, std::size_t count, void* self) {
    Exchange& exchange = *static_cast<Exchange*>(self);
    const std::size_t more = size * count;
    std::string& body = exchange.response_.body;
    exchange.too_long_ = more > exchange.request_.longest_response - body.size();
    if (exchange.too_long_) return 0;
    try {
        body.append(bytes, more);
    } catch (const std::bad_alloc&) {
        return 0;  // an error of libcurl's; no exception may pass through it
    }
    return more;
}

std::size_t Exchange::take_header(char* bytes, std::size_t size, std::size_t count, void* self) {
    Exchange& exchange = *static_cast<Exchange*>(self);
    const std::string_view line(bytes, size * count);
    try {
        // A status line begins anew: what came before it was preliminary (100, 103).
        if (line.substr(0, 5) == "HTTP/") {
            exchange.response_.headers.clear();
        } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
            exchange.response_.headers.push_back(
                {.name = std::string(line.substr(0, colon)),
                 .value = std::string(trimmed(line.substr(colon + 1)))});
        }
    } catch (const std::bad_alloc&) {
        return 0;
    }
    return line.size();
}

}  // namespace periodic::http
