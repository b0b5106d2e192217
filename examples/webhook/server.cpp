#include "server.hpp"

#include <string_view>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace webhook {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

// What to say about a request that could not be read; other errors have nobody left to be told.
Response complaint(const error_code& error) {
    if (error == http::error::body_limit)
        return answer(http::status::payload_too_large, "error", "the body is too long");
    if (error == http::error::header_limit)
        return answer(http::status::request_header_fields_too_large, "error",
                      "the header is too long");
    return answer(http::status::bad_request, "error", "this is no HTTP request");
}

Response unauthorized() {
    Response response =
        answer(http::status::unauthorized, "error", "the secret is wrong or missing");
    response.set(http::field::www_authenticate, "Bearer");
    return response;
}

bool can_be_told(const error_code& error) {
    return error.category() == make_error_code(http::error::bad_method).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

}  // namespace

Server::Server(asio::io_context& io, std::uint16_t port, Secret secret, Handler handler,
               Limits limits)
    : acceptor_(io, {asio::ip::address_v4::loopback(), port}),
      secret_(std::move(secret)),
      handler_(std::move(handler)),
      limits_(limits) {
    asio::co_spawn(io, accept(), asio::detached);
}

asio::awaitable<void> Server::accept() {
    for (;;) {
        error_code error;
        tcp::socket socket =
            co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted) co_return;
        if (error) {  // no descriptors left, say: let some connections end first
            asio::steady_timer pause(acceptor_.get_executor(), std::chrono::milliseconds(100));
            co_await pause.async_wait(asio::use_awaitable);
            continue;
        }
        if (connections_ == limits_.connections) continue;  // closes it
        ++connections_;
        asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)),
                       [this](const std::exception_ptr&) { --connections_; });
    }
}

asio::awaitable<void> Server::serve(tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    stream.expires_after(limits_.request);
    beast::flat_buffer buffer(kReadBytes);
    http::request_parser<http::string_body> parser;
    parser.header_limit(limits_.header_bytes);
    parser.body_limit(limits_.body_bytes);

    error_code error;
    auto outcome = asio::redirect_error(asio::use_awaitable, error);
    co_await http::async_read_header(stream, buffer, parser, outcome);
    Response response;
    // The secret comes first: who does not know it sends no body.
    const auto header = parser.get()[http::field::authorization];
    if (!error && !secret_.authorizes({header.data(), header.size()})) {
        response = unauthorized();
    } else {
        if (!error) co_await http::async_read(stream, buffer, parser, outcome);
        if (error && !can_be_told(error)) co_return;
        response = error ? complaint(error) : handler_(parser.get());
    }
    response.keep_alive(false);
    response.prepare_payload();
    co_await http::async_write(stream, response, outcome);
    if (!error) stream.socket().shutdown(tcp::socket::shutdown_send, error);
    // A caller that is still sending would lose the answer to a reset if we closed at once.
    while (!error) {
        buffer.clear();
        const auto space = buffer.prepare(kReadBytes);
        co_await stream.async_read_some(space, outcome);
    }
}

}  // namespace webhook
