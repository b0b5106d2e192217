#include "periodic/crontab.hpp"

#include <fstream>
#include <ostream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temporary_directory.hpp"

namespace periodic {
namespace {

Crontab read(std::string_view text) {
    Crontab crontab;
    crontab.add(text, "crontab", TimeZone::utc());
    return crontab;
}

TEST(Crontab, ReadsEntriesWithGroupAndParameters) {
    const Crontab crontab = read(
        "# a comment\n"
        "CRON_TZ=Europe/Berlin\n"
        "*/15 * * * *  backup:db-dump\n"
        "@daily report to=boss@example.org note=\"two words\" raw='no $escapes' ; comment\n");
    ASSERT_TRUE(crontab.problems().empty()) << to_string(crontab.problems().front().error);
    EXPECT_TRUE(crontab.complete());
    ASSERT_EQ(crontab.entries().size(), 2U);
    const CrontabEntry& first = crontab.entries()[0];
    EXPECT_EQ(first.when(), "*/15 * * * *");
    EXPECT_EQ(first.group(), "backup");
    EXPECT_EQ(first.task(), "db-dump");
    EXPECT_EQ(first.arguments(), "");
    EXPECT_EQ(first.line(), 3U);
    EXPECT_EQ(first.column(), 22U);
    EXPECT_EQ(first.zone().name(), "Europe/Berlin");
    const CrontabEntry& second = crontab.entries()[1];
    EXPECT_EQ(second.group(), "");
    EXPECT_EQ(second.arguments(), "to=boss@example.org note=\"two words\" raw='no $escapes'");
    const Values parameters = second.parameters();
    EXPECT_EQ(parameters.size(), 3U);
    EXPECT_EQ(parameters.at("to").text, "boss@example.org");
    EXPECT_EQ(parameters.at("note").text, "two words");
    EXPECT_EQ(parameters.at("raw").text, "no $escapes");
    EXPECT_EQ(second.definition(),
              "CRON_TZ=Europe/Berlin\n@daily report note=\"two words\" raw=\"no $escapes\" "
              "to=\"boss@example.org\"");
}

TEST(Crontab, TakesAllFormsOfASchedule) {
    const Crontab crontab = read(
        "@every 1h30m poll\n"
        "@REBOOT warm-up\n"
        "\"0 */10 8-18 * * MON-FRI\" tick\n"
        "'0 0 0 1 1 * 2030' year\n"
        "\"* * * * *\" five\n"
        "\t 0  5 * *\t* blanks\n");
    EXPECT_TRUE(crontab.problems().empty());
    ASSERT_EQ(crontab.entries().size(), 6U);
    EXPECT_EQ(crontab.entries()[0].when(), "@every 1h30m");
    EXPECT_TRUE(crontab.entries()[1].expression().is_reboot());
    EXPECT_EQ(crontab.entries()[2].when(), "0 */10 8-18 * * MON-FRI");
    EXPECT_EQ(crontab.entries()[3].definition(), "CRON_TZ=UTC\n\"0 0 0 1 1 * 2030\" year");
    EXPECT_EQ(crontab.entries()[4].definition(), "CRON_TZ=UTC\n* * * * * five");
    EXPECT_EQ(crontab.entries()[5].definition(), "CRON_TZ=UTC\n0 5 * * * blanks");
}

TEST(Crontab, LinesEndInThreeWays) {
    const Crontab crontab = read("* * * * * a\r\n* * * * * b\r* * * * * c\n\r\n* * * * * d");
    ASSERT_EQ(crontab.entries().size(), 4U);
    EXPECT_EQ(crontab.entries()[0].line(), 1U);
    EXPECT_EQ(crontab.entries()[1].line(), 2U);
    EXPECT_EQ(crontab.entries()[2].line(), 3U);
    EXPECT_EQ(crontab.entries()[3].line(), 5U);
    EXPECT_EQ(crontab.entries()[3].task(), "d");
}

TEST(Crontab, CommentsBeginAtALinesStartOrAfterABlank) {
    const Crontab crontab = read(
        "  ; a comment\n"
        "#\n"
        "* * * * * a k=v#1 # comment \"\n"
        "* * * * FRI#2 b k=\"# no comment\" ;comment\n");
    EXPECT_TRUE(crontab.problems().empty());
    ASSERT_EQ(crontab.entries().size(), 2U);
    EXPECT_EQ(crontab.entries()[0].parameters().at("k").text, "v#1");
    EXPECT_EQ(crontab.entries()[1].parameters().at("k").text, "# no comment");
}

TEST(Crontab, ZonesApplyToWhatIsBelow) {
    const Crontab crontab = read(
        "* * * * * a\n"
        "CRON_TZ = \"Asia/Tokyo\"   # east\n"
        "* * * * * a\n"
        "CRON_TZ=UTC\n"
        "1 * * * * a\n");
    EXPECT_TRUE(crontab.problems().empty());
    ASSERT_EQ(crontab.entries().size(), 3U) << "the same entry in another zone is another entry";
    EXPECT_EQ(crontab.entries()[1].zone().name(), "Asia/Tokyo");
    EXPECT_EQ(crontab.entries()[2].zone(), TimeZone::utc());
    EXPECT_NE(crontab.entries()[0].id(), crontab.entries()[1].id());
}

TEST(Crontab, EqualEntriesHaveEqualDefinitionsHoweverTheyAreWritten) {
    const Crontab one = read("0 5 * * mon g:t b=\"x\\ty\" a='\"'\n");
    const Crontab other = read("\n\"0  5\t* * MON\"  g:t   a=\"\\\"\" b='x\ty' # same\n");
    ASSERT_EQ(one.entries().size(), 1U);
    ASSERT_EQ(other.entries().size(), 1U) << to_string(other.problems().front().error);
    EXPECT_EQ(one.entries()[0].definition(), other.entries()[0].definition());
    EXPECT_EQ(one.entries()[0].id(), other.entries()[0].id());
    EXPECT_EQ(one.entries()[0].parameters(), other.entries()[0].parameters());
}

TEST(Crontab, IdsNeverChange) {
    // They are keys in people's stores.
    EXPECT_EQ(read("0 5 * * * g:t a=1\n").entries()[0].id(), -3209665643784132824LL);
}

TEST(Crontab, ReadsADefinitionBackToTheSameEntry) {
    const Crontab crontab = read(
        "CRON_TZ=Europe/Berlin\n"
        "\"0 */10 8-18 * * mon-fri\"\tx:tick a='\"' b=\"\\\\\" c= d=\"\\n\"\n"
        "H H(2-4) * * * hashed k=v\n"
        "@every 90s poll\n");
    ASSERT_EQ(crontab.entries().size(), 3U);
    for (const CrontabEntry& entry : crontab.entries()) {
        const Crontab again = read(entry.definition());
        ASSERT_EQ(again.entries().size(), 1U) << entry.definition();
        EXPECT_EQ(again.entries()[0].id(), entry.id());
        EXPECT_EQ(again.entries()[0].definition(), entry.definition());
        EXPECT_EQ(again.entries()[0].expression(), entry.expression());
        EXPECT_EQ(again.entries()[0].parameters(), entry.parameters());
    }
}

TEST(Crontab, HashesByGroupTaskAndParameters) {
    const Crontab crontab = read(
        "H H * * * a\n"
        "H H * * 1 a\n"
        "H H * * * b:a\n"
        "H H * * * a x=1\n");
    ASSERT_EQ(crontab.entries().size(), 4U);
    const auto time = [&](std::size_t i) {
        const CronFields& fields = crontab.entries()[i].expression().fields();
        return std::pair(fields.minutes, fields.hours);
    };
    EXPECT_EQ(time(0), time(1)) << "the schedule is not part of it";
    EXPECT_NE(time(0), time(2));
    EXPECT_NE(time(0), time(3));
}

TEST(Crontab, SharesExpressions) {
    const Crontab crontab = read("0 5 * * * a\n0 5 * * * b\nH * * * * c\n");
    EXPECT_EQ(&crontab.entries()[0].expression(), &crontab.entries()[1].expression());
    static_assert(sizeof(CrontabEntry) <= 64);
}

TEST(Crontab, MovingLeavesEntriesValid) {
    Crontab first = read("0 5 * * * a k=v\n");
    const CrontabEntry* entry = &first.entries()[0];
    Crontab second = std::move(first);
    EXPECT_EQ(&second.entries()[0], entry);
    EXPECT_EQ(entry->task(), "a");
    EXPECT_EQ(entry->parameters().at("k").text, "v");
    first = Crontab();
    first.add("* * * * * b\n", "again", TimeZone::utc());
    EXPECT_EQ(first.entries().size(), 1U);
}

TEST(Crontab, ABiggestValueFitsAndALongerOneDoesNot) {
    EXPECT_TRUE(read("* * * * * a k=" + std::string(65'536, 'x') + "\n").problems().empty());
    const Crontab crontab = read("* * * * * a k=" + std::string(65'537, 'x') + "\n");
    ASSERT_EQ(crontab.problems().size(), 1U);
    EXPECT_EQ(crontab.problems()[0].error.message, "the value of 'k' is longer than 64 KiB");
}

struct ProblemCase {
    const char* line;
    std::uint32_t column;
    const char* message;
    const char* hint;
    bool complete = false;
};

void PrintTo(const ProblemCase& value, std::ostream* stream) {
    *stream << value.line;
}

class CrontabProblems : public ::testing::TestWithParam<ProblemCase> {};

TEST_P(CrontabProblems, SayWhereAndWhatToDo) {
    const Crontab crontab = read("* * * * * sound\n" + std::string(GetParam().line) + "\n");
    ASSERT_EQ(crontab.problems().size(), 1U);
    const Error& error = crontab.problems()[0].error;
    EXPECT_EQ(error.code, ErrorCode::Invalid);
    EXPECT_EQ(error.file, "crontab");
    EXPECT_EQ(error.line, 2U);
    EXPECT_EQ(error.column, GetParam().column);
    EXPECT_EQ(error.message, GetParam().message);
    EXPECT_NE(error.hint.find(GetParam().hint), std::string::npos) << error.hint;
    EXPECT_EQ(error.excerpt, GetParam().line);
    EXPECT_EQ(crontab.complete(), GetParam().complete);
    EXPECT_EQ(crontab.entries().size(), 1U) << "the sound line is read";
}

INSTANTIATE_TEST_SUITE_P(
    Schedules, CrontabProblems,
    ::testing::Values(
        ProblemCase{"0 24 * * * a", 3, "hour: '24' is out of range", "0 to 23"},
        ProblemCase{"  0 0 * * MONDAY a", 11, "day-of-week: unknown name 'MONDAY'", "MON"},
        ProblemCase{"\"0 0 24 * * *\" a", 6, "hour: '24' is out of range", "0 to 23"},
        ProblemCase{"0 0 30 2 * a", 1, "no date ever matches this schedule", "day and month", true},
        ProblemCase{"* * * * * sound", 1, "this entry equals the one of crontab:1, which runs",
                    "remove one", true},
        ProblemCase{"* * *", 6, "the line ends after 3 fields", "minute hour"},
        ProblemCase{"hello", 6, "the line ends after 1 field", "minute hour"},
        ProblemCase{"@every", 7, "@every needs a duration and a task", "@every 15m TASK"},
        ProblemCase{"\"* * * * * a", 1, "the schedule's quote is not closed", "same quote"},
        ProblemCase{"\"* * * * *\"a", 12, "a blank is missing after the quoted schedule", ""},
        ProblemCase{"@dayly a", 1, "there is no '@dayly'", "@daily"}));

INSTANTIATE_TEST_SUITE_P(
    Targets, CrontabProblems,
    ::testing::Values(
        ProblemCase{"@daily", 7, "the task's name is missing", "TASK"},
        ProblemCase{"* * * * * # none", 11, "the task's name is missing", "TASK"},
        ProblemCase{"0 */10 8-18 * * * tick", 17, "'*' is not a task's name",
                    "six or seven fields stands in quotes"},
        ProblemCase{"* * * * * /bin/true", 11, "'/bin/true' is not a task's name",
                    "tasks/NAME.xml"},
        ProblemCase{"* * * * * :a", 11, "'' is not a group's name", "128 at most"},
        ProblemCase{"* * * * * g:", 13, "'' is not a task's name", "128 at most"},
        ProblemCase{"* * * * * root run", 16, "'run' is not a parameter", "key=value"},
        ProblemCase{"* * * * * a 1x=2", 13, "'1x' is not a parameter's name", "letter"},
        ProblemCase{"* * * * * a k=\"x", 15, "the quote is not closed", "on the line"},
        ProblemCase{"* * * * * a k=\"x\\q\"", 17, "unknown escape in a quoted value", "\\n"},
        ProblemCase{"* * * * * a k=\"x\"y", 18, "a blank is missing after the quoted value",
                    "whole value"},
        ProblemCase{"* * * * * a k=1 k=2", 17, "the parameter 'k' is given twice", "one"}));

INSTANTIATE_TEST_SUITE_P(
    Settings, CrontabProblems,
    ::testing::Values(
        ProblemCase{"PATH=/bin", 1, "there is no setting 'PATH'", "<environment>", true},
        ProblemCase{"MAILTO=\"\"", 1, "there is no setting 'MAILTO'", "<notify>", true},
        ProblemCase{"TZ=UTC", 1, "there is no setting 'TZ'", "CRON_TZ", true},
        ProblemCase{"CRONTZ=UTC", 1, "there is no setting 'CRONTZ'", "CRON_TZ", true},
        ProblemCase{"CRON_TZ=Europe/Berln", 9,
                    "there is no time zone 'Europe/Berln'; the entries below it do not run",
                    "Europe/Berlin"},
        ProblemCase{"CRON_TZ=", 9, "there is no time zone ''; the entries below it do not run",
                    "Europe/Berlin"}));

TEST(CrontabProblem, AllMistakesOfAFileComeInOneGo) {
    const Crontab crontab = read("60 * * * * a\n0 24 * * * a b\n\n* * * * * b x\n");
    ASSERT_EQ(crontab.problems().size(), 4U) << "two of them in one line";
    EXPECT_EQ(crontab.problems()[3].error.line, 4U);
    EXPECT_FALSE(crontab.complete());
}

TEST(CrontabProblem, BelowAnUnknownZoneNothingRuns) {
    const Crontab crontab =
        read("CRON_TZ=X\n* * * * * a\n60 * * * * b\nCRON_TZ=UTC\n* * * * * c\n");
    EXPECT_EQ(crontab.problems().size(), 2U) << "mistakes below it are still found";
    ASSERT_EQ(crontab.entries().size(), 1U);
    EXPECT_EQ(crontab.entries()[0].task(), "c");
}

TEST(CrontabProblem, BytesThatAreNoText) {
    EXPECT_EQ(read("* * * * * a k=\xFF\n").problems().at(0).error.message, "the line is not UTF-8");
    EXPECT_EQ(read(std::string_view("* * * * * a\0b\n", 14)).problems().at(0).error.message,
              "the line holds a NUL byte");
    const Crontab sound = read("\xEF\xBB\xBF* * * * * a k=\xC3\xA9\n");
    EXPECT_TRUE(sound.problems().empty()) << "a byte order mark is skipped";
    EXPECT_EQ(sound.entries().at(0).parameters().at("k").text, "\xC3\xA9");
}

TEST(CrontabProblem, AreAtMostFiveHundredAndACount) {
    std::string text;
    for (int i = 0; i < 3'000; ++i) text += "x\n";
    const Crontab crontab = read(text);
    ASSERT_EQ(crontab.problems().size(), 501U);
    EXPECT_EQ(crontab.problems().back().error.message, "and 2500 more problems");
}

TEST(CrontabFiles, ADirectoryIsReadInOrderOfNameWithoutLeftovers) {
    const TemporaryDirectory directory;
    const auto write = [&](const std::string& name, const char* text) {
        std::ofstream(directory.path() / name) << text;
    };
    write("20-b", "* * * * * b\n");
    write("10-a", "* * * * * a\n");
    for (const char* name : {".hidden", "10-a~", "10-a.bak", "10-a.dpkg-old"}) {
        write(name, "* * * * * leftover\n");
    }
    const Crontab crontab = Crontab::read({directory.path().string()}, TimeZone::utc());
    ASSERT_EQ(crontab.entries().size(), 2U);
    EXPECT_EQ(crontab.entries()[0].task(), "a");
    EXPECT_EQ(crontab.entries()[1].task(), "b");
    EXPECT_EQ(crontab.files()[crontab.entries()[1].file()], (directory.path() / "20-b").string());
}

TEST(CrontabFiles, RootReadsNoneThatSomebodyElseCouldChange) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root has to trust";
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path() / "d");
    const auto write = [&](const std::string& name, mode_t mode, uid_t owner) {
        const std::string file = directory.write(name, "* * * * * a file=" + name + '\n');
        EXPECT_EQ(::chmod(file.c_str(), mode), 0);
        EXPECT_EQ(::chown(file.c_str(), owner, owner), 0);
    };
    write("d/1-nobodys", 0644, 65534);
    write("d/2-open", 0666, 0);
    write("d/3-sound", 0644, 0);
    write("target", 0644, 65534);
    std::filesystem::create_symlink("../target", directory.path() / "d/4-link");
    const Crontab crontab = Crontab::read({directory.file("d")}, TimeZone::utc());
    ASSERT_EQ(crontab.entries().size(), 1U);
    EXPECT_EQ(crontab.entries()[0].arguments(), "file=d/3-sound");
    EXPECT_FALSE(crontab.complete());
    ASSERT_EQ(crontab.problems().size(), 3U);
    for (const Problem& problem : crontab.problems())
        EXPECT_EQ(problem.error.code, ErrorCode::Unsafe) << to_string(problem.error);
}

TEST(CrontabFiles, AMissingOneIsAProblemAndNotAnEmptyCrontab) {
    const TemporaryDirectory directory;
    const std::string path = (directory.path() / "crontab").string();
    const Crontab crontab = Crontab::read({path}, TimeZone::utc());
    EXPECT_FALSE(crontab.complete());
    ASSERT_EQ(crontab.problems().size(), 1U);
    EXPECT_EQ(crontab.problems()[0].error.code, ErrorCode::Io);
    EXPECT_EQ(crontab.problems()[0].error.file, path);
    EXPECT_EQ(crontab.problems()[0].error.message, "there is no such crontab");
}

}  // namespace
}  // namespace periodic
