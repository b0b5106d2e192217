// A store that is slow, or that breaks for good.

#include "executor_fixture.hpp"
#include "support/forwarding_store.hpp"

namespace periodic::testing {
namespace {

/// Takes what a job says only once a file is there (or ten seconds have passed).
class SlowStore final : public ForwardingStore {
public:
    SlowStore(std::shared_ptr<JobStore> inner, std::string file)
        : ForwardingStore(std::move(inner)), file_(std::move(file)) {}

    TurnResult turn(const Turn& turn) override {
        if (!turn.updates.empty()) {
            for (int i = 0; i < 1000 && !std::filesystem::exists(file_); ++i)
                std::this_thread::sleep_for(10ms);
        }
        return ForwardingStore::turn(turn);
    }

private:
    std::string file_;
};

/// Can read no entries.
class BrokenStore final : public ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;

    std::vector<EntryMark> entry_marks() override {
        throw StorageError(StorageError::Kind::Busy, "the disk has gone");
    }
};

class SlowStoreTest : public ExecutorTest {};
class BrokenStoreTest : public ExecutorTest {};

TEST_F(SlowStoreTest, DelaysNoTimeoutAndNoCleanup) {
    home_.task("slow",
               "<config><timeout>1</timeout></config><command type=\"shell\">echo x; sleep 60"
               "</command><command type=\"shell\" when=\"always\">sleep 0.3; touch cleaned"
               "</command>");
    std::filesystem::create_directory(home_.path("var"));
    auto made = executor(1, std::make_shared<SlowStore>(store(), home_.path("cleaned")));
    const JobId id = made.jobs().add("slow").value();
    EXPECT_EQ(made.run()->failed, 1);
    EXPECT_EQ(store()->find(id, Time())->reason, Reason::Timeout);
    EXPECT_TRUE(std::filesystem::exists(home_.path("cleaned")));
}

TEST_F(BrokenStoreTest, LeavesTheHomeToOthers) {
    home_.write("crontab", "@hourly work\n");
    home_.task("work", "<command type=\"log\">x</command>");
    std::filesystem::create_directory(home_.path("var"));
    auto made = executor(1, std::make_shared<BrokenStore>(store()));
    EXPECT_THROW((void)made.run(), StorageError);
    const auto report = executor().run().value();
    EXPECT_FALSE(report.locked) << report.holder;
    EXPECT_TRUE(store()->find_generation(1)->ended.has_value());
}

}  // namespace
}  // namespace periodic::testing
