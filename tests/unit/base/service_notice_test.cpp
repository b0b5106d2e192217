#include "base/service_notice.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

class ServiceNoticeTest : public ::testing::Test {
protected:
    void SetUp() override {
        path_ = directory_.file("notify");
        socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        ASSERT_LT(path_.size(), sizeof address.sun_path);
        std::memcpy(address.sun_path, path_.data(), path_.size());
        ASSERT_EQ(
            ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    void TearDown() override {
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
            ::unsetenv(name);
    }

    [[nodiscard]] std::string heard() const {
        std::array<char, 200> buffer{};
        const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        return size < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(size));
    }

    TemporaryDirectory directory_;
    std::string path_;
    Descriptor socket_;
};

TEST_F(ServiceNoticeTest, IsToldWhereItAskedTo) {
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    const ServiceNotice manager = ServiceNotice::from_environment();
    EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
    manager.tell_ready();
    EXPECT_EQ(heard(), "READY=1");
    manager.tell_reloading();
    EXPECT_TRUE(heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
}

TEST_F(ServiceNoticeTest, WantsASignOfLifeTwiceInItsPeriod) {
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    EXPECT_EQ(ServiceNotice::from_environment().watchdog(), std::chrono::seconds(15));
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    EXPECT_EQ(ServiceNotice::from_environment().watchdog(), std::chrono::seconds(15));
}

TEST_F(ServiceNoticeTest, IsAnotherProcessesOrNone) {
    EXPECT_EQ(ServiceNotice::from_environment().watchdog(), std::nullopt);
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_EQ(ServiceNotice::from_environment().watchdog(), std::nullopt);
    ::setenv("WATCHDOG_USEC", "soon", 1);
    EXPECT_EQ(ServiceNotice::from_environment().watchdog(), std::nullopt);
    const ServiceNotice nobody = ServiceNotice::from_environment();
    nobody.tell_ready();
    EXPECT_EQ(heard(), "");
}

TEST_F(ServiceNoticeTest, MayBeGone) {
    for (const std::string& path : {std::string("relative"), path_ + "-gone", std::string("@")}) {
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
        ServiceNotice::from_environment().tell_ready();
    }
    EXPECT_EQ(heard(), "");
}

}  // namespace
}  // namespace periodic
