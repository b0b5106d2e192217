/// http.request: sends a request, and takes the answer as the job's response.

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <fstream>

#include "periodic/command.hpp"
#include "periodic/duration.hpp"
#include "periodic/http_client.hpp"
#include "periodic/value.hpp"

namespace periodic::commands {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kUsualTimeout{30};
constexpr std::size_t kLongestSecret = std::size_t{64} << 10U;
constexpr std::int64_t kMostRedirects = 20;

/// A header as the task file has it: its value is there, or where to find it.
struct WantedHeader {
    std::string name{};
    std::string value{};
    std::string environment{};
    std::string file{};
};

/// What its element says.
struct Wanted {
    HttpRequest request{};
    std::vector<WantedHeader> headers{};
    bool send_parameters = false;
    std::vector<std::pair<int, int>> expected{};  // status codes, inclusive
    std::string expected_text{};
};

Failure mistake(const ConfigElement& where, std::string message, std::string hint = {}) {
    return Failure(CommandConfig::error_at(where, std::move(message), std::move(hint)));
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20U; });
}

// RFC 9110's token.
bool is_token(std::string_view text) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
        return (c < 0x80U && std::isalnum(c) != 0) ||
               kMarks.find(static_cast<char>(c)) != std::string_view::npos;
    });
}

Result<std::string> read_url(const CommandConfig& config) {
    auto url = config.required("url");
    if (!url) return url;
    std::string scheme = url->substr(0, url->find("://"));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool fine = (scheme == "http" || scheme == "https") && url->size() > scheme.size() + 3;
    if (fine && !has_control(*url) && url->find(' ') == std::string::npos) return url;
    return mistake(*config.element().child("url"), "<url> is no http or https URL",
                   "write https://HOST/PATH, blanks as %20");
}

Result<WantedHeader> read_header(const ConfigElement& element) {
    WantedHeader header;
    const auto take = [&element](const char* name, std::string& value) {
        const std::string* const given = element.attribute(name);
        if (given != nullptr) value = *given;
        return given != nullptr;
    };
    take("name", header.name);
    if (!is_token(header.name)) {
        return mistake(element, "<header> needs a name",
                       "<header name=\"Accept\">text/csv</header>");
    }
    header.value = trimmed(element.text);
    const int sources = int{take("fromEnv", header.environment)} +
                        int{take("fromFile", header.file)} + int{!header.value.empty()};
    if (sources > 1) {
        return mistake(element, "the header " + header.name + " has several values",
                       "write its text, fromEnv= or fromFile=");
    }
    if (has_control(header.value)) {
        return mistake(element, "the header " + header.name + " has a line end in it");
    }
    return header;
}

Result<int> read_code(const ConfigElement& where, std::string_view text) {
    int code = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, code);
    if (error == std::errc{} && stopped == end && code >= 100 && code <= 599) return code;
    return mistake(where, "<status>: '" + std::string(text) + "' is no status code",
                   "200-299, or 200,204,404");
}

// `200-299,404`
Result<std::vector<std::pair<int, int>>> read_status(const ConfigElement& where,
                                                     std::string_view text) {
    std::vector<std::pair<int, int>> ranges;
    while (true) {
        const std::string item = trimmed(text.substr(0, text.find(',')));
        const std::size_t dash = item.find('-');
        const auto first = read_code(where, std::string_view(item).substr(0, dash));
        if (!first) return Failure(first.error());
        auto last = first;
        if (dash != std::string::npos) {
            last = read_code(where, std::string_view(item).substr(dash + 1));
            if (!last) return Failure(last.error());
        }
        if (*last < *first) return mistake(where, "<status>: " + item + " is empty");
        ranges.emplace_back(*first, *last);
        if (text.find(',') == std::string_view::npos) return ranges;
        text.remove_prefix(text.find(',') + 1);
    }
}

Result<void> read_body(const CommandConfig& config, Wanted& wanted) {
    const ConfigElement* const body = config.element().child("body");
    if (body == nullptr) return {};
    const std::string* const send = body->attribute("send");
    if (send == nullptr) {
        wanted.request.body = body->text;
        return {};
    }
    if (*send != "parameters") {
        return mistake(*body, "send=: '" + *send + "' is not known here", "write parameters");
    }
    if (!trimmed(body->text).empty()) {
        return mistake(*body, "<body> has a text and send=", "keep one of them");
    }
    wanted.send_parameters = true;
    return {};
}

Result<void> read_limits(const CommandConfig& config, Wanted& wanted) {
    const auto timeout = config.duration("timeout", kUsualTimeout);
    if (!timeout) return Failure(timeout.error());
    wanted.request.timeout = *timeout;
    const auto redirects = config.integer("redirects", wanted.request.redirects);
    if (!redirects) return Failure(redirects.error());
    if (*redirects < 0 || *redirects > kMostRedirects) {
        return mistake(*config.element().child("redirects"), "<redirects> is out of range",
                       "0 to 20");
    }
    wanted.request.redirects = static_cast<int>(*redirects);
    auto status = config.optional("status", "200-299");
    if (!status) return Failure(status.error());
    const ConfigElement* const where = config.element().child("status");
    auto expected = read_status(where == nullptr ? config.element() : *where, *status);
    if (!expected) return Failure(expected.error());
    wanted.expected = std::move(*expected);
    wanted.expected_text = std::move(*status);
    return {};
}

Result<Wanted> read(const CommandConfig& config) {
    Wanted wanted;
    auto url = read_url(config);
    if (!url) return Failure(url.error());
    wanted.request.url = std::move(*url);
    for (const ConfigElement& child : config.element().children) {
        if (child.name != "header") continue;
        auto header = read_header(child);
        if (!header) return Failure(header.error());
        wanted.headers.push_back(std::move(*header));
    }
    if (auto body = read_body(config, wanted); !body) return Failure(body.error());
    const bool sends = wanted.send_parameters || !wanted.request.body.empty();
    auto method = config.optional("method", sends ? "POST" : "GET");
    if (!method) return Failure(method.error());
    if (!is_token(*method)) {
        return mistake(*config.element().child("method"),
                       "<method>: '" + *method + "' is no method",
                       "GET, POST, PUT, PATCH, DELETE, HEAD ...");
    }
    wanted.request.method = std::move(*method);
    if (auto limits = read_limits(config, wanted); !limits) return Failure(limits.error());
    return wanted;
}

// The text of a secret's file, without the line end at its end.
Result<std::string> read_secret(CommandContext& context, const std::string& path) {
    const std::string whole = path.front() == '/' ? path : context.directory() + '/' + path;
    std::string text;
    bool read = false;
    context.as_user([&] {
        std::ifstream file(whole, std::ios::binary);
        text.resize(kLongestSecret + 1);
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        read = file.gcount() > 0 && !file.bad();
        text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    });
    if (!read || text.size() > kLongestSecret) {
        return failure(ErrorCode::Io, "can't read a header from " + whole);
    }
    return trimmed(text);
}

class SendRequest final : public Command {
public:
    explicit SendRequest(Wanted wanted) : wanted_(std::move(wanted)) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        auto wanted = read(config);
        if (!wanted) return Failure(wanted.error());
        return std::make_unique<SendRequest>(std::move(*wanted));
    }

    Outcome execute(CommandContext& context) override {
        const auto client = make_http_client();
        if (!client) return fail(context, client.error().message + "; " + client.error().hint);
        HttpRequest request = wanted_.request;
        request.stop = context.stop_token();
        if (auto ready = fill(context, request); !ready)
            return fail(context, ready.error().message);
        const std::string name = request.method + ' ' + shown_url(request.url);
        const auto response = (*client)->send(request);
        if (!response) return fail(context, name + ": " + response.error().message);
        return take(context, name, *response);
    }

private:
    // What is known only now: secrets, parameters, and how much time there is.
    [[nodiscard]] Result<void> fill(CommandContext& context, HttpRequest& request) const {
        for (const WantedHeader& header : wanted_.headers) {
            auto value = value_of(context, header);
            if (!value) return Failure(value.error());
            const bool secret = !header.environment.empty() || !header.file.empty();
            request.headers.push_back(
                {.name = header.name, .value = std::move(*value), .secret = secret});
        }
        if (wanted_.send_parameters) {
            request.body = to_json(context.parameters());
            request.headers.push_back({.name = "Content-Type", .value = "application/json"});
        }
        if (const auto deadline = context.deadline()) {
            const auto left = std::max(*deadline - context.clock().now(), milliseconds(1));
            const bool unlimited = request.timeout.count() == 0;
            request.timeout = unlimited ? left : std::min(request.timeout, left);
        }
        return {};
    }

    static Result<std::string> value_of(CommandContext& context, const WantedHeader& header) {
        std::string value = header.value;
        if (!header.environment.empty()) {
            const char* const found = std::getenv(header.environment.c_str());
            if (found == nullptr) {
                return failure(ErrorCode::NotFound, "the environment has no " + header.environment +
                                                        " for the header " + header.name);
            }
            value = found;
        } else if (!header.file.empty()) {
            auto read = read_secret(context, header.file);
            if (!read) return read;
            value = std::move(*read);
        }
        if (!has_control(value)) return value;
        return failure(ErrorCode::Invalid, "the header " + header.name + " has a line end in it");
    }

    [[nodiscard]] Outcome take(CommandContext& context, const std::string& name,
                               const HttpResponse& response) const {
        context.respond(response.body);
        const std::string status = std::to_string(response.status);
        context.set_attribute("status", Value(status, Value::Kind::Integer));
        const bool expected = std::any_of(
            wanted_.expected.begin(), wanted_.expected.end(), [&response](const auto& range) {
                return response.status >= range.first && response.status <= range.second;
            });
        const std::string text = name + ": " + status;
        if (!expected) return fail(context, text + ", " + wanted_.expected_text + " was expected");
        context.log(LogLevel::Info, text + ", " + std::to_string(response.body.size()) + " bytes");
        context.set_message(text);
        return Outcome::Success;
    }

    static Outcome fail(CommandContext& context, const std::string& text) {
        context.log(LogLevel::Error, text);
        context.set_message(text);
        return Outcome::Fail;
    }

    Wanted wanted_;
};

}  // namespace

CommandType http_request() {
    return {
        .name = "http.request",
        .summary = "Sends an HTTP request; the answer's body becomes the job's response",
        .children =
            {{.name = "url",
              .required = true,
              .doc = "Where to: http or https. User, password and query never reach a log."},
             {.name = "method", .default_value = "GET, or POST with a body", .doc = "The method."},
             {.name = "header",
              .doc = "A header: its text, or a secret from an environment variable of the executor "
                     "(fromEnv=) or from a file (fromFile=), which goes to no other host.",
              .repeatable = true,
              .attributes = {"name", "fromEnv", "fromFile"}},
             {.name = "body",
              .doc = "What is sent, as it is written; send=\"parameters\" sends the job's "
                     "parameters as JSON.",
              .attributes = {"send"}},
             {.name = "timeout",
              .default_value = "30s",
              .doc = "For the whole exchange; 0: until the job's deadline."},
             {.name = "redirects",
              .default_value = "5",
              .doc = "How many redirects are followed, 0 to 20."},
             {.name = "status",
              .default_value = "200-299",
              .doc = "The status codes of a success: 200-299, or 200,204,404."}},
        .examples =
            {R"(<command type="http.request"><url>https://example.org/ping</url></command>)",
             R"(<command type="http.request"><url>https://example.org/hook</url>)"
             R"(<header name="Authorization" fromFile="token"/><body send="parameters"/>)"
             R"(<status>200-299,409</status></command>)"},
        .create = &SendRequest::create};
}

}  // namespace periodic::commands
