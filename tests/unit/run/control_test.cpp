#include "run/control.hpp"

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temporary_home.hpp"

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;

TEST(Control, AnswersARequest) {
    const TemporaryHome home;
    const ControlServer server(home.path(), [](std::string_view request) {
        return std::optional<std::string>("heard " + std::string(request));
    });
    EXPECT_EQ(ask_holder(home.path(), "wake", 5s), "heard wake");
}

TEST(Control, IsForItsOwnerAlone) {
    const TemporaryHome home;
    const ControlServer server(home.path(), [](std::string_view) { return std::string(); });
    struct stat status {};
    ASSERT_EQ(::stat(home.path("control").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Control, SendsAwayWhoComesTooLate) {
    const TemporaryHome home;
    {
        const ControlServer server(home.path(), [](std::string_view) -> std::optional<std::string> {
            return std::nullopt;
        });
        EXPECT_EQ(ask_holder(home.path(), "wake", 5s), std::nullopt);
    }
    EXPECT_EQ(ask_holder(home.path(), "wake", 5s), std::nullopt);
    EXPECT_FALSE(std::filesystem::exists(home.path("control")));
}

TEST(Control, ReachesPathsLongerThanASocketAddress) {
    const TemporaryHome home;
    const std::string deep = home.path(std::string(200, 'd'));
    std::filesystem::create_directory(deep);
    const ControlServer server(deep, [](std::string_view) { return std::string("here"); });
    EXPECT_EQ(ask_holder(deep, "wake", 5s), "here");
}

TEST(Control, IsMadeAnewAfterACleanerRemovedIt) {
    const TemporaryHome home;
    ControlServer server(home.path(), [](std::string_view) { return std::string("here"); });
    std::filesystem::remove(home.path("control"));
    EXPECT_EQ(ask_holder(home.path(), "wake", 5s), std::nullopt);
    server.heal();
    EXPECT_EQ(ask_holder(home.path(), "wake", 5s), "here");
}

TEST(Control, SurvivesALineThatIsTooLong) {
    const TemporaryHome home;
    const ControlServer server(home.path(), [](std::string_view) { return std::string("here"); });
    EXPECT_EQ(ask_holder(home.path(), std::string(100'000, 'x'), 5s), std::nullopt);
    EXPECT_EQ(ask_holder(home.path(), "wake", 5s), "here");
}

TEST(Control, AnswersManyAtOnce) {
    const TemporaryHome home;
    const ControlServer server(home.path(), [](std::string_view) { return std::string("here"); });
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
