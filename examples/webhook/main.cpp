// A web hook: a request with the shared secret runs what is due, or queues a job.
//
//     WEBHOOK_TOKEN_FILE=secret periodic_webhook HOME [PORT]
//
// It listens on 127.0.0.1 alone (port 8377; 0 picks a free one): a web server before it brings TLS.

#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <exception>
#include <iostream>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "hook.hpp"
#include "periodic/command_registry.hpp"
#include "periodic/executor.hpp"
#include "runner.hpp"
#include "secret.hpp"
#include "server.hpp"

namespace {

constexpr int kUsage = 2;
constexpr int kBroken = 74;

int complain(const periodic::Error& error) {
    std::cerr << to_string(error) << '\n';
    return error.code == periodic::ErrorCode::Usage ? kUsage : 1;
}

int serve(const char* home, std::uint16_t port) {
    auto secret = webhook::Secret::from_environment();
    if (!secret) return complain(secret.error());
    auto executor =
        periodic::Executor::create({.home = home, .commands = periodic::builtin_commands()});
    if (!executor) return complain(executor.error());

    boost::asio::io_context io(1);
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&io](const auto&, int) { io.stop(); });
    webhook::Runner runner(*executor);
    webhook::Hook hook(executor->jobs(), runner);
    const webhook::Server server(
        io, port, std::move(*secret),
        [&hook](const webhook::Request& request) { return hook.handle(request); });
    std::cout << "listening on http://127.0.0.1:" << server.port() << std::endl;
    io.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 8377;
    if (argc == 3) {
        const char* end = argv[2] + std::strlen(argv[2]);
        if (std::from_chars(argv[2], end, port).ptr != end) argc = 0;
    }
    if (argc != 2 && argc != 3) {
        std::cerr << "usage: periodic_webhook HOME [PORT]\n";
        return kUsage;
    }
    try {
        return serve(argv[1], port);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return kBroken;
    }
}
