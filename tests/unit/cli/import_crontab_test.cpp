// The system's crontabs, as entries and tasks of ours.

#include "cli/import_crontab.hpp"

#include <array>
#include <chrono>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "cli/task_naming.hpp"
#include "cli/vixie_crontab.hpp"
#include "cli/vixie_schedule.hpp"

namespace periodic::cli {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_seconds;

// A slow reading of a crontab's five fields by the words of crontab(5), to compare with.
class SlowCron {
public:
    explicit SlowCron(const std::string& when) {
        std::size_t at = 0;
        for (std::size_t i = 0; i < 5; ++i) {
            const std::size_t end = std::min(when.find(' ', at), when.size());
            read(i, when.substr(at, end - at));
            at = end + 1;
        }
    }

    [[nodiscard]] bool fires(sys_seconds time) const {
        const auto day = std::chrono::floor<std::chrono::days>(time);
        const std::chrono::year_month_day date(day);
        const auto minutes = (time - day) / 1min;
        const int weekday = static_cast<int>(std::chrono::weekday(day).c_encoding());
        const bool dom = sets_[2].contains(static_cast<int>(unsigned{date.day()}));
        const bool dow = sets_[4].contains(weekday) || (weekday == 0 && sets_[4].contains(7));
        return sets_[0].contains(static_cast<int>(minutes % 60)) &&
               sets_[1].contains(static_cast<int>(minutes / 60)) &&
               sets_[3].contains(static_cast<int>(unsigned{date.month()})) &&
               (stars_[2] || stars_[4] ? dom && dow : dom || dow);
    }

private:
    static int number(std::size_t field, std::string word) {
        static const std::map<std::string, int> kNames{
            {"jan", 1}, {"feb", 2}, {"mar", 3},  {"apr", 4},  {"may", 5},  {"jun", 6}, {"jul", 7},
            {"aug", 8}, {"sep", 9}, {"oct", 10}, {"nov", 11}, {"dec", 12}, {"sun", 0}, {"mon", 1},
            {"tue", 2}, {"wed", 3}, {"thu", 4},  {"fri", 5},  {"sat", 6}};
        for (char& c : word) c = static_cast<char>(std::tolower(c));
        return field >= 3 && kNames.contains(word) ? kNames.at(word) : std::stoi(word);
    }

    void read(std::size_t field, const std::string& text) {
        static constexpr std::array<std::pair<int, int>, 5> kRanges{
            {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}}};
        stars_[field] = text.front() == '*';
        std::size_t at = 0;
        while (at <= text.size()) {
            const std::size_t end = std::min(text.find(',', at), text.size());
            std::string item = text.substr(at, end - at);
            at = end + 1;
            int step = 1;
            if (const auto slash = item.find('/'); slash != std::string::npos) {
                step = std::stoi(item.substr(slash + 1));
                item.resize(slash);
            }
            auto [low, high] = kRanges[field];
            if (item != "*") {
                const auto dash = item.find('-');
                low = number(field, item.substr(0, dash));
                high = dash == std::string::npos ? low : number(field, item.substr(dash + 1));
            }
            for (int value = low; value <= high; value += step) sets_[field].insert(value);
        }
    }

    std::array<std::set<int>, 5> sets_{};
    std::array<bool, 5> stars_{};
};

class ImportedSchedule : public ::testing::TestWithParam<const char*> {};

TEST_P(ImportedSchedule, HasTheOccurrencesThatCronHas) {
    const auto schedule = schedule_from_vixie(GetParam());
    ASSERT_TRUE(schedule) << schedule.error().message;
    const auto expression = CronExpression::parse(*schedule);
    ASSERT_TRUE(expression) << *schedule << ": " << expression.error().message;
    const SlowCron slow(GetParam());
    const sys_seconds start = std::chrono::sys_days(std::chrono::year(2027) / 12 / 20);
    // A leap year with every date and weekday, minute by minute.
    std::size_t count = 0;
    for (sys_seconds time = start; time < start + std::chrono::days(400); time += 1min) {
        ASSERT_EQ(expression->matches(time), slow.fires(time))
            << *schedule << " at " << time.time_since_epoch().count();
        count += slow.fires(time) ? 1U : 0U;
    }
    EXPECT_GT(count, 0U);
}

INSTANTIATE_TEST_SUITE_P(Crontabs, ImportedSchedule,
                         ::testing::Values("* * * * *", "*/5 * * * *", "0 2 * * *", "30 4 1,15 * 5",
                                           "0 0 */2 * 1", "0 0 *,13 * 5", "0 0 1-31 * 4",
                                           "23 0-23/2 * * *", "5 4 * * sun", "0 9-17 * * MON-FRI",
                                           "0 0 * jan-Mar,dec *", "15 3 * * 5-7", "0 0 * * 0-7",
                                           "0 0 * * 7", "007 03 * * *", "*/90 * * * *",
                                           "0 */24 * * *", "0 0 1 */13 *", "0 0 */40 * 1",
                                           "0 0 * * */8", "0 0 */31 * */7", "10-30/50 1-3/9 * * *",
                                           "*/7 */5 */3 */2 */2", "1-59/2 0 * * 1-7/3",
                                           "0 0 29 2 *", "0,30 8,20 1-7 * 1", "0 0 1 1 0"));

struct RefusedCase {
    const char* when;
    const char* says;
};

class RefusedSchedule : public ::testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedSchedule, SaysWhy) {
    const auto schedule = schedule_from_vixie(GetParam().when);
    ASSERT_FALSE(schedule) << *schedule;
    EXPECT_NE(schedule.error().message.find(GetParam().says), std::string::npos)
        << schedule.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Crontabs, RefusedSchedule,
    ::testing::Values(
        RefusedCase{"22-2 * * * *", "runs backward"},
        RefusedCase{"0 0 * * sat-sun", "runs backward"},
        RefusedCase{"5/15 * * * *", "has a step, but no range"},
        RefusedCase{"*/0 * * * *", "a step that cron does not read"},
        RefusedCase{"*/5-7 * * * *", "a step that cron does not read"},
        RefusedCase{"*-5 * * * *", "nothing that cron reads"},
        RefusedCase{"60 * * * *", "minute: '60'"}, RefusedCase{"0 0 0 * *", "day of month: '0'"},
        RefusedCase{"0 0 * january *", "month: 'january'"},
        RefusedCase{"mon * * * *", "minute: 'mon'"}, RefusedCase{"1,,2 * * * *", "minute: ''"},
        RefusedCase{"0 0 L * *", "day of month: 'L'"}, RefusedCase{"H * * * *", "minute: 'H'"},
        RefusedCase{"* * * *", "no five fields"}, RefusedCase{"@every", "cron has no '@every'"},
        RefusedCase{"@Daily", "cron has no '@Daily'"}));

TEST(VixieCrontab, AppliesSettingsToTheLinesBelowThem) {
    const auto crontab = read_vixie_crontab(
        "0 1 * * * first\n"
        "A = 'quoted value'\n"
        "  B=plain with blanks  \n"
        "\"C\"=\"x\"\n"
        "0 2 * * * second\n"
        "A=\n"
        "CRON_TZ=Europe/Berlin\n"
        "\t0\t3 * *  * third\n",
        "t", false);
    ASSERT_TRUE(crontab.problems.empty()) << crontab.problems.front().error.message;
    ASSERT_EQ(crontab.entries.size(), 3U);
    using Variables = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(crontab.entries[0].environment, Variables{});
    EXPECT_EQ(crontab.entries[1].environment,
              (Variables{{"A", "quoted value"}, {"B", "plain with blanks"}, {"C", "x"}}));
    EXPECT_EQ(crontab.entries[1].zone, "");
    EXPECT_EQ(crontab.entries[2].environment.front().second, "");
    EXPECT_EQ(crontab.entries[2].zone, "Europe/Berlin");
    EXPECT_EQ(crontab.entries[2].when, "0 3 * * *");
    EXPECT_EQ(crontab.entries[2].line, 8U);
}

struct CommandCase {
    const char* line;
    const char* command;
    std::optional<std::string> input;
};

class CronCommand : public ::testing::TestWithParam<CommandCase> {};

// The last column is what cron's own loops over the bytes give.
TEST_P(CronCommand, IsCutAtItsFirstPercentSign) {
    const auto crontab =
        read_vixie_crontab(std::string("@daily ") + GetParam().line + "\n", "t", false);
    ASSERT_EQ(crontab.entries.size(), 1U);
    EXPECT_EQ(crontab.entries[0].command, GetParam().command);
    EXPECT_EQ(crontab.entries[0].input, GetParam().input);
}

INSTANTIATE_TEST_SUITE_P(
    Crontabs, CronCommand,
    ::testing::Values(CommandCase{"mail joe%Joe,%%Where?%", "mail joe", "Joe,\n\nWhere?\n"},
                      // As Debian's cron 3.0pl1-162 printed them.
                      CommandCase{R"(printf '[\%s]' 'a\\b' 'c\%d' 'e\\\%f' "g\\\\h")",
                                  R"(printf '[%s]' 'a\b' 'c%d' 'e\%f' "g\\h")", std::nullopt},
                      CommandCase{"date +\\%s", "date +%s", std::nullopt},
                      CommandCase{"cat%100\\% of it", "cat", "100% of it\n"},
                      CommandCase{"cat%a\\b\\\\%c", "cat", "a\\b\\%c\n"},
                      CommandCase{"cat%end\\", "cat", "end\\\n"}, CommandCase{"cat%", "cat", ""},
                      CommandCase{"echo \"a%b\"", "echo \"a", "b\"\n"},
                      CommandCase{"echo a # b", "echo a # b", std::nullopt},
                      CommandCase{"printf 'x\\ny'", "printf 'x\\ny'", std::nullopt}));

TEST(VixieCrontab, ReadsTheUserColumnAndTheMinusOfTheSystemsFiles) {
    const auto crontab = read_vixie_crontab("17 * * * *\twww-data  cd / && true\n-@hourly root x\n",
                                            "/etc/crontab", true);
    ASSERT_EQ(crontab.entries.size(), 2U);
    EXPECT_EQ(crontab.entries[0].user, "www-data");
    EXPECT_EQ(crontab.entries[0].command, "cd / && true");
    EXPECT_EQ(crontab.entries[1].when, "@hourly");
}

TEST(VixieCrontab, KeepsProseAboveALineAndNothingElse) {
    const auto crontab = read_vixie_crontab(
        "# The system's own\n"
        "\n"
        "# .---- minute\n"
        "# *  *  *  *  * user-name command\n"
        "0 1 * * * a\n"
        "# Backs up\n"
        "#   the database\n"
        "0 2 * * * b\n"
        "0 3 * * * c\n"
        "# what is out of use:\n"
        "#0 4 * * * old\n"
        "0 5 * * * d\n"
        "#X=1\n"
        "0 6 * * * e\n",
        "t", false);
    ASSERT_EQ(crontab.entries.size(), 5U);
    EXPECT_EQ(crontab.entries[0].comment, "");
    EXPECT_EQ(crontab.entries[1].comment, "Backs up the database");
    EXPECT_EQ(crontab.entries[2].comment, "");
    EXPECT_EQ(crontab.entries[3].comment, "");
    EXPECT_EQ(crontab.entries[4].comment, "");
}

TEST(VixieCrontab, TellsWhatIsLost) {
    const auto crontab = read_vixie_crontab(
        "MAILTO=ops@example.org\n"
        "MAILTO=\"\"\n"
        "RANDOM_DELAY=30\n"
        "PERIODIC_HOME=/x\n"
        "CRON_TZ=Nowhere/Land\n"
        "0 1 * * * lost\n"
        "CRON_TZ=UTC\n"
        "0 1 * * *\n"
        "0 1 * * * a\x01"
        "b\n"
        "0 1 * * * caf\xE9\n",
        "t", false);
    EXPECT_TRUE(crontab.entries.empty());
    std::vector<std::pair<int, Severity>> found;
    for (const auto& problem : crontab.problems) {
        found.emplace_back(problem.error.line, problem.severity);
    }
    EXPECT_EQ(found, (std::vector<std::pair<int, Severity>>{{1, Severity::Warning},
                                                            {3, Severity::Warning},
                                                            {4, Severity::Warning},
                                                            {5, Severity::Error},
                                                            {8, Severity::Error},
                                                            {9, Severity::Error},
                                                            {10, Severity::Error}}));
    EXPECT_NE(crontab.problems[0].error.hint.find("<email to=\"ops@example.org\"/>"),
              std::string::npos);
}

TEST(VixieCrontab, KnowsTheNamesThatCronReads) {
    EXPECT_TRUE(is_system_crontab_name("e2scrub_all"));
    EXPECT_TRUE(is_system_crontab_name("php8-2"));
    EXPECT_FALSE(is_system_crontab_name("backup.sh"));
    EXPECT_FALSE(is_system_crontab_name("backup~"));
    EXPECT_FALSE(is_system_crontab_name(""));
}

struct NameCase {
    const char* command;
    const char* name;
};

class TaskName : public ::testing::TestWithParam<NameCase> {};

TEST_P(TaskName, IsWhatAPersonWouldCallIt) {
    EXPECT_EQ(task_name_for(GetParam().command), GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(
    Commands, TaskName,
    ::testing::Values(
        NameCase{"/usr/local/bin/backup.sh --all > /dev/null 2>&1", "backup"},
        NameCase{"cd /srv/app && php artisan schedule:run >> /dev/null", "php-artisan-schedule"},
        NameCase{"test -x /usr/bin/certbot && perl -e 'sleep int(rand(43200))' ; certbot -q renew",
                 "certbot-renew"},
        NameCase{"perl -e 'print 1'", "perl"},
        NameCase{"/usr/bin/certbot renew --quiet", "certbot-renew"},
        NameCase{"cd / && run-parts --report /etc/cron.hourly", "cron-hourly"},
        NameCase{"test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }",
                 "cron-daily"},
        NameCase{"[ -x /usr/lib/php/sessionclean ] && /usr/lib/php/sessionclean", "sessionclean"},
        NameCase{"FOO=bar nice -n 19 ionice -c 3 /opt/x/sync.py a b", "sync"},
        NameCase{"flock -n /tmp/lock sudo -u www-data php /srv/cron.php", "cron"},
        NameCase{"flock -w 5 /tmp/lock timeout -k 5 10 rsync -a /a /b", "rsync"},
        NameCase{"bash -lc 'cd /srv && bundle exec rake stats'", "bundle-exec"},
        NameCase{"python3 -m http.server", "http-server"},
        NameCase{"curl -fsS https://u:p@example.org/x?y=1 | cat", "curl-example-org"},
        NameCase{"> /dev/null", "cron-job"}, NameCase{"/opt/.../", "cron-job"},
        NameCase{"'a b'/\xC3\xA4.sh", "cron-job"}, NameCase{"7z", "7z"},
        NameCase{"cd /tmp", "cron-job"}));

// Options without anything around them: home directories are /home/USER, but for 'nobody-here'.
ImportOptions options_of(const std::map<std::string, std::string>& files = {},
                         const Crontab* crontab = nullptr) {
    ImportOptions options;
    options.user = "me";
    options.zone = "UTC";
    options.last_zone = "UTC";
    options.home_of = [](const std::string& user) {
        return user == "nobody-here" ? std::nullopt : std::optional("/home/" + user);
    };
    options.task_file = [files](const std::string& name) {
        const auto found = files.find(name);
        return found == files.end() ? std::nullopt : std::optional(found->second);
    };
    options.crontab = crontab;
    return options;
}

TEST(Import, SharesATaskAmongEqualCommandsAndKeepsOthersApart) {
    const auto result = import_crontabs({{"t",
                                          "0 1 * * * backup\n"
                                          "0 2 * * * backup\n"
                                          "A=1\n"
                                          "0 3 * * * backup\n"}},
                                        options_of());
    EXPECT_EQ(result.crontab,
              "# from t\n0 1 * * *  backup\n0 2 * * *  backup\n0 3 * * *  backup-2\n");
    ASSERT_EQ(result.tasks.size(), 2U);
    EXPECT_TRUE(result.problems.empty());
}

TEST(Import, WritesTheZonesThatTheCrontabDoesNotHave) {
    auto options = options_of();
    options.last_zone = "Asia/Tokyo";
    const auto result = import_crontabs({{"t",
                                          "0 1 * * * a\n"
                                          "CRON_TZ=Europe/Berlin\n"
                                          "0 2 * * * b\n"
                                          "0 3 * * * c\n"}},
                                        options);
    EXPECT_EQ(result.crontab,
              "# from t\nCRON_TZ=UTC\n0 1 * * *  a\nCRON_TZ=Europe/Berlin\n0 2 * * *  b\n"
              "0 3 * * *  c\n");
}

TEST(Import, ChangesNothingTheSecondTime) {
    const std::vector<ImportSource> sources{{"t", "0 1 * * * a\nCRON_TZ=Asia/Tokyo\n@reboot b\n"}};
    const auto first = import_crontabs(sources, options_of());
    std::map<std::string, std::string> files;
    for (const auto& task : first.tasks) files.emplace(task.name, task.content);
    Crontab crontab;
    crontab.add(first.crontab, "crontab", TimeZone::utc());
    ASSERT_TRUE(crontab.problems().empty());
    const auto second = import_crontabs(sources, options_of(files, &crontab));
    EXPECT_EQ(second.crontab, "");
    for (const auto& task : second.tasks) EXPECT_FALSE(task.is_new);
    for (const auto& entry : second.entries) EXPECT_FALSE(entry.is_new);
    EXPECT_EQ(second.entries.size(), 2U);
}

TEST(Import, LeavesATaskThatIsThereAlone) {
    const auto result =
        import_crontabs({{"t", "0 1 * * * a\n"}}, options_of({{"a", "mine"}, {"a-2", "mine too"}}));
    ASSERT_EQ(result.tasks.size(), 1U);
    EXPECT_EQ(result.tasks[0].name, "a-3");
}

TEST(Import, TellsWhatCanNotBeRun) {
    auto options = options_of();
    options.runs_as_others = false;
    const auto result = import_crontabs(
        {{"/etc/cron.d/x", "@daily nobody-here a\n@daily other b\n@daily me c\n@daily me c\n",
          true}},
        options);
    EXPECT_EQ(result.crontab, "# from /etc/cron.d/x\n@daily  c\n");
    ASSERT_EQ(result.problems.size(), 3U);
    EXPECT_EQ(result.problems[0].error.message, "there is no user 'nobody-here'");
    EXPECT_EQ(result.problems[1].error.message, "it runs as other, which only root can do");
    EXPECT_EQ(result.problems[2].error.message, "this line stands there twice");
}

TEST(Import, HintsAtAForgottenUserColumn) {
    const auto result = import_crontabs({{"t", "@daily root a\n@daily root b\n"}}, options_of());
    ASSERT_EQ(result.problems.size(), 1U);
    EXPECT_EQ(result.problems[0].severity, Severity::Warning);
    EXPECT_NE(result.problems[0].error.hint.find("--user-column"), std::string::npos);
}

}  // namespace
}  // namespace periodic::cli
