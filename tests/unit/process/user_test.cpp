#include <thread>

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process_driver.hpp"

namespace periodic {
namespace {

class User : public ::testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    }
    ProcessSpec as_nobody(std::string script) const {
        ProcessSpec spec = shell_spec(std::move(script));
        spec.user = find_user("nobody").value();
        return spec;
    }
    std::unique_ptr<ProcessLauncher> launcher_ = make_process_launcher();
};

TEST(FindUser, KnowsRoot) {
    const auto root = find_user("root");
    ASSERT_TRUE(root);
    EXPECT_EQ(root->uid, 0U);
    EXPECT_EQ(root->gid, 0U);
    EXPECT_EQ(root->home, "/root");
    EXPECT_FALSE(root->groups.empty());
}

TEST(FindUser, SaysWhoIsMissing) {
    const auto user = find_user("no-such-user");
    ASSERT_FALSE(user);
    EXPECT_EQ(user.error().message, "there is no user no-such-user");
}

TEST_F(User, HasItsIdsAndGroupsAndNothingElse) {
    const ProcessUser nobody = find_user("nobody").value();
    ProcessSpec spec = as_nobody("id -u; id -g; id -G");
    spec.user->groups = {nobody.gid, 4};
    EXPECT_EQ(run_to_end(*launcher_, spec).out, std::to_string(nobody.uid) + '\n' +
                                                    std::to_string(nobody.gid) + '\n' +
                                                    std::to_string(nobody.gid) + " 4\n");
}

TEST_F(User, HasNoCapabilitiesAndNoNewPrivileges) {
    const Ended ended =
        run_to_end(*launcher_, as_nobody("grep -E '^(Cap|NoNewPrivs)' /proc/self/status"));
    const std::string none = ":\t0000000000000000\n";
    EXPECT_EQ(ended.out, "CapInh" + none + "CapPrm" + none + "CapEff" + none + "CapBnd" + none +
                             "CapAmb" + none + "NoNewPrivs:\t1\n");
}

TEST_F(User, CannotGoBack) {
    EXPECT_NE(run_to_end(*launcher_, as_nobody("setpriv --reuid 0 true 2>/dev/null")).exit.code, 0);
}

TEST_F(User, LeadsAGroupAndASessionOfItsOwn) {
    const std::string script =
        "read p c s pp group session rest < /proc/$$/stat; [ $group = $$ ] && [ $session = $$ ]";
    EXPECT_EQ(run_to_end(*launcher_, as_nobody(script)).exit.code, 0);
}

TEST_F(User, CannotOpenTheTerminalOfItsHost) {
    constexpr const char* open_terminal = ": 2>/dev/null <>/dev/tty";
    int terminal = -1;
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    if (child == 0) {
        const bool host_can = run_to_end(*launcher_, shell_spec(open_terminal)).exit.code == 0;
        const bool user_can = run_to_end(*launcher_, as_nobody(open_terminal)).exit.code == 0;
        ::_exit(host_can && !user_can ? 0 : 1 + (host_can ? 0 : 1) + (user_can ? 2 : 0));
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0) << "1, 2: the host can't open it; 3: the user can";
    ::close(terminal);
}

TEST_F(User, LeavesTheHostAsItWas) {
    ASSERT_EQ(::prctl(PR_SET_DUMPABLE, 1), 0);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 10; ++n) run_to_end(*launcher_, as_nobody("true"));
            });
    }
    EXPECT_EQ(::geteuid(), 0U);
    EXPECT_EQ(::prctl(PR_GET_DUMPABLE), 1);
}

TEST_F(User, MustBeAbleToEnterTheDirectory) {
    ProcessSpec spec = as_nobody("true");
    spec.directory = "/root";
    const auto started = launcher_->start(spec);
    ASSERT_FALSE(started) << "nobody can enter /root here";
    EXPECT_NE(started.error().message.find("cannot enter the directory /root: Permission denied"),
              std::string::npos);
}

TEST_F(User, NeedsRoot) {
    ProcessSpec spec = as_nobody("true");
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setuid(65534) != 0) ::_exit(3);
        spec.user->uid = 1;
        const auto started = launcher_->start(spec);
        const bool told = !started && started.error().hint.find("root") != std::string::npos;
        ::_exit(told ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace periodic
