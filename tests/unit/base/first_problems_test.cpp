#include "base/first_problems.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace periodic {
namespace {

using ::testing::ElementsAre;

Problem problem(const std::string& message, Severity severity = Severity::Error) {
    return {severity, {.message = message, .file = "crontab", .line = 1, .column = 1}};
}

std::vector<std::string> messages(const std::vector<Problem>& problems) {
    std::vector<std::string> texts;
    for (const Problem& each : problems) texts.push_back(each.error.message);
    return texts;
}

TEST(FirstProblems, AreAllWhereThereIsRoom) {
    const std::vector<Problem> two{problem("a"), problem("b")};
    EXPECT_EQ(first_problems(two, 2), two);
}

TEST(FirstProblems, EndWithTheNumberOfTheOthers) {
    EXPECT_THAT(messages(first_problems({problem("a"), problem("b"), problem("c")}, 1)),
                ElementsAre("a", "and 2 more problems; mend those above first"));
}

TEST(FirstProblems, AreErrorsRatherThanWarningsInTheOrderThatTheyHad) {
    const auto warning = [](const char* text) { return problem(text, Severity::Warning); };
    EXPECT_THAT(messages(first_problems(
                    {warning("a"), problem("b"), warning("c"), problem("d"), warning("e")}, 3)),
                ElementsAre("a", "b", "d", "and 2 more problems; mend those above first"));
}

TEST(FirstProblems, CountWhatAFileLeftOut) {
    std::vector<Problem> problems{problem("a"), problem("b"), more_problems(40, "crontab"),
                                  problem("c")};
    EXPECT_EQ(count_mistakes(problems), 43U);
    EXPECT_THAT(messages(first_problems(problems, 2)),
                ElementsAre("a", "b", "and 41 more problems; mend those above first"));
    EXPECT_EQ(count_mistakes(first_problems(problems, 2)), 43U) << "also when they are cut already";
}

TEST(FirstProblems, SayHowManyTheyStandFor) {
    EXPECT_EQ(problem("a").left_out, 0U) << "a finding of its own";
    EXPECT_EQ(more_problems(40, "crontab").left_out, 40U);
    EXPECT_EQ(more_problems(1, "crontab").error.message, "and 1 more problem");
    EXPECT_EQ(first_problems({problem("a"), problem("b"), problem("c")}, 1).back().left_out, 2U);
}

TEST(FirstProblems, ShowWhatAFileLeftOutAsNoneOfTheFirst) {
    EXPECT_THAT(messages(first_problems({more_problems(1, "f"), problem("a"), problem("b")}, 1)),
                ElementsAre("a", "and 2 more problems; mend those above first"));
}

TEST(FirstProblems, AreNotMistakenForANumberByTheirText) {
    const Error error{.message = "and 5 more problems", .file = "f"};
    EXPECT_EQ(count_mistakes({{Severity::Error, error}}), 1U);
}

}  // namespace
}  // namespace periodic
