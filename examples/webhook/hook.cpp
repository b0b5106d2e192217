#include "hook.hpp"

#include <charconv>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

namespace webhook {

namespace http = boost::beast::http;
using periodic::Value;

namespace {

http::status status_of(periodic::ErrorCode code) {
    switch (code) {
        case periodic::ErrorCode::NotFound:
            return http::status::not_found;
        case periodic::ErrorCode::Usage:
            return http::status::bad_request;
        case periodic::ErrorCode::Conflict:
            return http::status::conflict;
        default:
            return http::status::internal_server_error;
    }
}

Response refusal(const periodic::Error& error) {
    return answer(status_of(error.code), "error", error.message);
}

Response not_allowed(std::string_view allowed) {
    Response response = answer(http::status::method_not_allowed, "error", "use another method");
    response.set(http::field::allow, allowed);
    return response;
}

}  // namespace

Response answer(http::status status, std::string_view name, Value value) {
    Response response(status, 11);
    response.set(http::field::content_type, "application/json");
    response.body() = periodic::to_json({{std::string(name), std::move(value)}}) + '\n';
    return response;
}

Response Hook::handle(const Request& request) {
    constexpr std::string_view kTasks = "/tasks/";
    constexpr std::string_view kJobs = "/jobs/";
    const std::string_view target(request.target().data(), request.target().size());
    const bool post = request.method() == http::verb::post;
    try {
        if (target == "/run") return post ? run() : not_allowed("POST");
        if (target.starts_with(kTasks)) {
            return post ? add_job(target.substr(kTasks.size()), request.body())
                        : not_allowed("POST");
        }
        if (target.starts_with(kJobs)) {
            const bool get = request.method() == http::verb::get;
            return get ? show_job(target.substr(kJobs.size())) : not_allowed("GET");
        }
    } catch (const periodic::StorageError& error) {
        std::cerr << error.what() << '\n';
        return answer(http::status::service_unavailable, "error", "the store is out of order");
    }
    return answer(http::status::not_found, "error", "there is nothing here");
}

Response Hook::run() {
    runner_.ask();
    return answer(http::status::accepted, "accepted", Value("true", Value::Kind::Boolean));
}

Response Hook::add_job(std::string_view task, const std::string& body) {
    if (!periodic::is_task_name(task))
        return answer(http::status::not_found, "error", "this is no task's name");
    auto parameters = periodic::values_from_json(body.empty() ? "{}" : body);
    if (!parameters) return refusal(parameters.error());
    const auto id = jobs_.add(task, std::move(*parameters), {.by = "web hook"});
    if (!id) return refusal(id.error());
    runner_.ask();
    return answer(http::status::created, "id", Value(std::to_string(*id), Value::Kind::Integer));
}

Response Hook::show_job(std::string_view id) {
    periodic::JobId number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (error != std::errc() || end != id.data() + id.size() || number < 1) {
        return answer(http::status::bad_request, "error", "a job's id is a number from 1");
    }
    const auto job = jobs_.find(number);
    if (!job) return answer(http::status::not_found, "error", "there is no such job");
    return answer(http::status::ok, "state", Value(to_string(job->state)));
}

}  // namespace webhook
