#pragma once

/// @file
/// What the requests mean.
///
///     POST /run           runs what is due and queued; 202
///     POST /tasks/NAME    queues a job, its parameters a JSON object in the body; 201
///     GET  /jobs/ID       the state of a job; 200

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "periodic/jobs.hpp"
#include "runner.hpp"

namespace webhook {

using Request = boost::beast::http::request<boost::beast::http::string_body>;
using Response = boost::beast::http::response<boost::beast::http::string_body>;

/// An answer with a JSON document that has one member.
Response answer(boost::beast::http::status status, std::string_view name, periodic::Value value);

/// Answers requests that the server let in. Used by one thread.
class Hook {
public:
    /// Both outlive the hook.
    Hook(periodic::Jobs& jobs, Runner& runner) : jobs_(jobs), runner_(runner) {}

    Response handle(const Request& request);

private:
    Response run();
    Response add_job(std::string_view task, const std::string& body);
    Response show_job(std::string_view id);

    periodic::Jobs& jobs_;
    Runner& runner_;
};

}  // namespace webhook
