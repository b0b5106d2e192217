#pragma once

/// @file
/// A small HTTP server on the loopback interface, with bounds on everything that a caller controls.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "hook.hpp"
#include "secret.hpp"

namespace webhook {

/// What a caller may take.
struct Limits {
    std::uint32_t header_bytes = 8 * 1024;
    std::uint64_t body_bytes = std::uint64_t{64} * 1024;
    std::chrono::seconds request{10};  ///< from the connection to the end of the answer
    std::size_t connections = 64;
};

/// Answers one request a connection. Runs on the thread that runs the io_context.
class Server {
public:
    using Handler = std::function<Response(const Request&)>;

    /// Listens on 127.0.0.1; port 0 picks a free one. Throws boost::system::system_error if it
    /// can't. The io_context outlives the server, and runs no longer than it lives.
    Server(boost::asio::io_context& io, std::uint16_t port, Secret secret, Handler handler,
           Limits limits = {});

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);

    boost::asio::ip::tcp::acceptor acceptor_;
    Secret secret_;
    Handler handler_;
    Limits limits_;
    std::size_t connections_ = 0;
};

}  // namespace webhook
