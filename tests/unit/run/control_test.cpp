#include "run/control.hpp"

#include <atomic>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/descriptor.hpp"
#include "run/append_request.hpp"
#include "support/temporary_home.hpp"

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;

TEST(Control, AnswersARequest) {
    const TemporaryHome home;
    ControlServer server(home.path(), [](std::string_view request) {
        return std::optional<std::string>("heard " + std::string(request));
    });
    server.start();
    EXPECT_EQ(ask_holder(home.path(), "wake", 5s), "heard wake");
}

TEST(Control, IsForItsOwnerAlone) {
    const TemporaryHome home;
    ControlServer server(home.path(), [](std::string_view) { return std::string(); });
    server.start();
    struct stat status {};
    ASSERT_EQ(::stat(home.path("control").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Control, SendsAwayWhoComesTooLate) {
    const TemporaryHome home;
    {
        ControlServer server(home.path(), [](std::string_view) -> std::optional<std::string> {
            return std::nullopt;
        });
        server.start();
        EXPECT_EQ(ask_holder(home.path(), "wake", 5s), std::nullopt);
    }
    EXPECT_EQ(ask_holder(home.path(), "wake", 5s), std::nullopt);
    EXPECT_FALSE(std::filesystem::exists(home.path("control")));
}

/// No descriptor can be opened while it lives.
class NoDescriptors {
public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit none = before_;
        none.rlim_cur = 4;  // those are taken; poll() wants no more
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

std::chrono::nanoseconds processor_time() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

TEST(Control, WaitsInPeaceForADescriptorAndThenAnswers) {
    const TemporaryHome home;
    ControlServer server(home.path(), [](std::string_view) { return std::string("here"); });
    server.start();
    const Descriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = home.path("control");
    ASSERT_LT(path.size(), sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    {
        const NoDescriptors none;
        const auto before = processor_time();
        ASSERT_EQ(
            ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            0);
        std::this_thread::sleep_for(300ms);
        EXPECT_LT(processor_time() - before, 20ms) << "it tries without a pause";
    }
    EXPECT_EQ(ask_holder(home.path(), "wake", 5s), "here");
}

TEST(Control, ReachesPathsLongerThanASocketAddress) {
    const TemporaryHome home;
    const std::string deep = home.path(std::string(200, 'd'));
    std::filesystem::create_directory(deep);
    ControlServer server(deep, [](std::string_view) { return std::string("here"); });
    server.start();
    EXPECT_EQ(ask_holder(deep, "wake", 5s), "here");
}

TEST(Control, IsMadeAnewAfterACleanerRemovedIt) {
    const TemporaryHome home;
    ControlServer server(home.path(), [](std::string_view) { return std::string("here"); });
    server.start();
    std::filesystem::remove(home.path("control"));
    EXPECT_EQ(ask_holder(home.path(), "wake", 5s), std::nullopt);
    server.heal();
    EXPECT_EQ(ask_holder(home.path(), "wake", 5s), "here");
}

TEST(Control, SendsAwayWhoWaitedForAServerThatEndedBeforeItBegan) {
    const TemporaryHome home;
    std::optional<ControlServer> server(std::in_place, home.path(),
                                        [](std::string_view) { return std::string("here"); });
    std::optional<std::string> answer("none yet");
    std::jthread client([&] { answer = ask_holder(home.path(), "wake", 60s); });
    server.reset();
    client.join();
    EXPECT_EQ(answer, std::nullopt);
    EXPECT_FALSE(std::filesystem::exists(home.path("control")));
}

TEST(Control, SurvivesALineThatIsTooLong) {
    const TemporaryHome home;
    ControlServer server(home.path(), [](std::string_view) { return std::string("here"); });
    server.start();
    EXPECT_EQ(ask_holder(home.path(), std::string(200'000, 'x'), 5s), std::nullopt);
    EXPECT_EQ(ask_holder(home.path(), "wake", 5s), "here");
}

TEST(Control, HearsWhoComesWhileManySayNothing) {
    const TemporaryHome home;
    ControlServer server(home.path(), [](std::string_view) { return std::string("here"); });
    server.start();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    home.path("control").copy(address.sun_path, sizeof address.sun_path - 1);
    std::vector<Descriptor> silent;
    for (std::size_t i = 0; i < 200; ++i) {
        silent.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto* generic = reinterpret_cast<const sockaddr*>(&address);
        ASSERT_EQ(::connect(silent.back().get(), generic, sizeof address), 0);
        ASSERT_EQ(::send(silent.back().get(), "wak", i % 4, MSG_NOSIGNAL),
                  static_cast<ssize_t>(i % 4));
        EXPECT_EQ(ask_holder(home.path(), "wake", 60s), "here");
    }
}

TEST(Control, TakesALineOfSixtyFourKibibytesOfWhichEachByteIsEscaped) {
    const TemporaryHome home;
    ControlServer server(home.path(), [](std::string_view request) {
        return std::optional(std::to_string(request.size()));
    });
    server.start();
    const std::string line = to_line({.id = 1234567, .text = std::string(kLongestAddition, '\n')});
    EXPECT_EQ(ask_holder(home.path(), line, 5s), std::to_string(line.size()));
}

TEST(AppendRequest, ComesBackAsItWas) {
    const AppendRequest log{.id = 7, .level = LogLevel::Warning, .text = "a\\n\n b \\ \xff"};
    const AppendRequest response{.id = 8, .text = " two\nlines\n"};
    for (const AppendRequest& request : {log, response}) {
        const std::string line = to_line(request);
        EXPECT_EQ(line.find('\n'), std::string::npos);
        const auto back = append_request_from(line);
        ASSERT_TRUE(back.has_value());
        EXPECT_EQ(back->id, request.id);
        EXPECT_EQ(back->level, request.level);
        EXPECT_EQ(back->text, request.text);
    }
}

TEST(AppendRequest, IsNothingElse) {
    for (const char* line : {"wake", "log", "log x info text", "log 7 loud text", "response 7x a"})
        EXPECT_FALSE(append_request_from(line).has_value()) << line;
}

TEST(Control, AnswersManyAtOnce) {
    const TemporaryHome home;
    ControlServer server(home.path(), [](std::string_view) { return std::string("here"); });
    server.start();
    std::atomic<int> answered = 0;
    {
        std::vector<std::jthread> clients;
        for (int i = 0; i < 20; ++i) {
            clients.emplace_back(
                [&] { answered += ask_holder(home.path(), "wake", 30s) == "here"; });
        }
    }
    EXPECT_EQ(answered, 20);
}

}  // namespace
}  // namespace periodic::testing
