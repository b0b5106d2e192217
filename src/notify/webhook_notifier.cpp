// Tells a web address.

#include <utility>

#include "base/json.hpp"
#include "notify/secret.hpp"
#include "notify/webhook_body.hpp"
#include "periodic/notifier.hpp"

namespace periodic {
namespace {

// The path of a chat service's address is its secret: nobody is told more than its host.
std::string without_path(std::string message, const std::string& url) {
    const std::size_t host = url.find("://");
    const std::size_t path = host == std::string::npos ? 0 : url.find_first_of("/?#", host + 3);
    if (path == std::string::npos) return message;
    for (std::string secret :
         {url.substr(path), url.substr(path, url.find_first_of("?#", path) - path)}) {
        if (secret.size() < 2) continue;
        for (std::size_t at = 0; (at = message.find(secret, at)) != std::string::npos;) {
            message.replace(at, secret.size(), "/...");
        }
    }
    return message;
}

// DingTalk answers 200 and says in the body what was wrong.
Result<void> check_body(const HttpResponse& response) {
    const auto body = json::parse(response.body);
    if (!body || !body->is_object()) return {};
    const auto* const code = body->as_object().if_contains("errcode");
    if (code == nullptr || !code->is_int64() || code->as_int64() == 0) return {};
    return failure(ErrorCode::Invalid,
                   "the address answered errcode " + std::to_string(code->as_int64()));
}

class WebhookNotifier final : public Notifier {
public:
    WebhookNotifier(WebhookOptions options, const NotifierParts& parts)
        : options_(std::move(options)), directory_(parts.directory), make_http_(parts.http) {}

    Result<void> notify(const Notification& notification, std::stop_token stop) override {
        auto url = read_secret(directory_, options_.url_file, options_.url_env, options_.url);
        if (!url) return Failure(url.error());
        const auto token = read_secret(directory_, options_.token_file, options_.token_env, "");
        if (!token) return Failure(token.error());
        if (!http_) {
            auto made = make_http_();
            if (!made) return Failure(made.error());
            http_ = std::move(*made);
        }
        HttpRequest request{.method = "POST", .url = *url};
        request.headers.push_back({"Content-Type", "application/json"});
        if (!token->empty() && options_.format == WebhookOptions::Format::DingTalk) {
            request.url +=
                (url->find('?') == std::string::npos ? "?access_token=" : "&access_token=") +
                *token;
        } else if (!token->empty()) {
            request.headers.push_back({"Authorization", "Bearer " + *token, true});
        }
        request.body = webhook_body(options_.format, notification);
        request.longest_response = std::size_t{64} << 10U;
        request.stop = std::move(stop);
        auto sent = send(request);
        if (!sent) sent.error().message = without_path(sent.error().message, request.url);
        return sent;
    }

private:
    Result<void> send(const HttpRequest& request) {
        const auto response = http_->send(request);
        if (!response) return Failure(response.error());
        const int status = response->status;
        if (status >= 200 && status < 300) return check_body(*response);
        const bool may_pass = status >= 500 || status == 408 || status == 429;
        return failure(may_pass ? ErrorCode::Io : ErrorCode::Invalid,
                       "the address answered " + std::to_string(status));
    }

    WebhookOptions options_;
    std::string directory_;
    std::function<Result<std::shared_ptr<HttpClient>>()> make_http_;
    std::shared_ptr<HttpClient> http_{};
};

}  // namespace

std::unique_ptr<Notifier> make_webhook_notifier(WebhookOptions options,
                                                const NotifierParts& parts) {
    return std::make_unique<WebhookNotifier>(std::move(options), parts);
}

}  // namespace periodic
