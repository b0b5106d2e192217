#include "base/directory_watch.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "temporary_directory.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace fs = std::filesystem;

/// Counts what a watch tells.
class DirectoryWatchTest : public ::testing::Test {
protected:
    void begin(std::vector<std::string> directories, milliseconds quiet = milliseconds(20)) {
        watch_ = std::make_unique<DirectoryWatch>(
            std::move(directories),
            [](const std::string&, const std::string& name) { return name.ends_with(".xml"); },
            [this] {
                const std::lock_guard guard(mutex_);
                ++told_;
                changed_.notify_all();
            },
            quiet);
    }

    // Whether it tells more than `before` times, soon.
    bool tells(int before) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, seconds(30), [&] { return told_ > before; });
    }

    int told() {
        const std::lock_guard guard(mutex_);
        return told_;
    }

    void write(const std::string& name) const { std::ofstream(directory_.file(name)) << "text"; }

    TemporaryDirectory directory_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int told_ = 0;
    std::unique_ptr<DirectoryWatch> watch_;
};

TEST_F(DirectoryWatchTest, TellsOfAFileThatIsWrittenReplacedAndRemoved) {
    begin({directory_.path()});
    write("a.xml");
    EXPECT_TRUE(tells(0));
    const int written = told();
    write("b");
    fs::rename(directory_.file("b"), directory_.file("a.xml"));
    EXPECT_TRUE(tells(written));
    const int replaced = told();
    fs::remove(directory_.file("a.xml"));
    EXPECT_TRUE(tells(replaced));
}

TEST_F(DirectoryWatchTest, TellsNothingOfFilesThatAreOfNoInterest) {
    begin({directory_.path()});
    for (int i = 0; i < 50; ++i) write("notes.txt~");
    write("a.xml");
    EXPECT_TRUE(tells(0));
    EXPECT_EQ(told(), 1);
}

TEST_F(DirectoryWatchTest, NoticesADirectoryThatIsMadeAnew) {
    const std::string tasks = directory_.file("tasks");
    begin({tasks});
    fs::create_directory(tasks);
    EXPECT_TRUE(tells(0));
    int before = told();
    write("tasks/a.xml");
    EXPECT_TRUE(tells(before));
    before = told();
    fs::remove_all(tasks);
    EXPECT_TRUE(tells(before));
    before = told();
    fs::create_directory(tasks);
    EXPECT_TRUE(tells(before));
    before = told();
    write("tasks/b.xml");
    EXPECT_TRUE(tells(before));
}

TEST_F(DirectoryWatchTest, TellsAlsoWhileChangesNeverStop) {
    begin({directory_.path()}, milliseconds(50));
    std::atomic<bool> over = false;
    std::jthread writer([&] {
        while (!over) write("a.xml");
    });
    EXPECT_TRUE(tells(0));
    over = true;
}

}  // namespace
}  // namespace periodic
