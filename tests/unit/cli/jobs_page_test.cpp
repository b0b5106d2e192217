#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "cli/job_help.hpp"
#include "cli/subcommand.hpp"
#include "store/transitions.hpp"

namespace periodic::cli {
namespace {

constexpr std::array kStates{JobState::Idle,      JobState::Queued,  JobState::Running,
                             JobState::Succeeded, JobState::Aborted, JobState::Failed,
                             JobState::Stopped,   JobState::Skipped};
constexpr std::array kActions{JobAction::Start, JobAction::Stop, JobAction::Kill,
                              JobAction::Retry, JobAction::Edit, JobAction::Delete};

std::string page() {
    return read_file(std::string(PERIODIC_SOURCE_DIR) + "/docs/jobs.md", 1U << 20U).value();
}

std::string cell(JobAction action, JobState state) {
    const auto after = state_after(action, 1, state);
    if (!after) return "";
    return *after ? std::string(to_string(**after)) : "gone";
}

TEST(TheJobsPage, ShowsTheTableOfStatesAndActions) {
    const std::string text = page();
    for (const JobState state : kStates) {
        std::string row = "| " + std::string(to_string(state)) + " |";
        for (const JobAction action : kActions) {
            const std::string after = cell(action, state);
            row += after.empty() ? " |" : ' ' + after + " |";
        }
        EXPECT_THAT(text, ::testing::HasSubstr('\n' + row + '\n'));
    }
}

// From its title to the line that is not indented.
std::string picture(std::string_view text) {
    const auto begin = text.find("  job add --idle ");
    const auto end = text.find("paused\n", begin);
    return std::string(text.substr(begin, end - begin));
}

TEST(TheJobsPage, HasThePictureOfTheHelpText) {
    ASSERT_FALSE(picture(page()).empty());
    EXPECT_EQ(picture(page()), picture(job_help({})));
}

TEST(TheJobsPage, NamesEveryReasonAndWaitingFor) {
    const std::string text = page();
    for (int i = 1; i <= static_cast<int>(Reason::Removed); ++i)
        EXPECT_THAT(text, ::testing::HasSubstr(std::string(to_string(static_cast<Reason>(i)))));
    for (int i = 1; i <= static_cast<int>(WaitingFor::Paused); ++i) {
        const std::string word(to_string(static_cast<WaitingFor>(i)));
        EXPECT_THAT(text, ::testing::HasSubstr('`' + word + '`'));
    }
}

TEST(TheHelpOnJobs, NamesEveryCommandForThem) {
    for (const auto* type : subcommands()) {
        if (!type->name.starts_with("job ")) continue;
        EXPECT_THAT(job_help({}), ::testing::HasSubstr("  " + std::string(type->name) + ' '));
    }
}

}  // namespace
}  // namespace periodic::cli
