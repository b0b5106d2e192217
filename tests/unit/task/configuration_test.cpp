#include "periodic/configuration.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_directory.hpp"

namespace periodic {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

std::vector<std::string> messages(const ConfigurationReading& reading) {
    std::vector<std::string> all;
    for (const Problem& each : reading.problems) {
        const Error& error = each.error;
        all.push_back(std::to_string(error.line) + ':' + std::to_string(error.column) + ' ' +
                      error.message + (error.hint.empty() ? "" : " | " + error.hint));
    }
    return all;
}

struct PlaceCase {
    const char* why;
    const char* xml;
    bool found;
};

class ConfigurationFindsJobs : public ::testing::TestWithParam<PlaceCase> {};

TEST_P(ConfigurationFindsJobs, WhereStateAndStoreAreSound) {
    EXPECT_EQ(read_configuration(GetParam().xml, "f").finds_jobs, GetParam().found)
        << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(
    Places, ConfigurationFindsJobs,
    ::testing::Values(
        PlaceCase{"neither stands there", "<periodic/>", true},
        PlaceCase{"both are sound", "<periodic><state>v</state><store url='sqlite:x'/></periodic>",
                  true},
        PlaceCase{"mistakes elsewhere don't matter",
                  "<periodic>text<broken/><state>v</state><lock a='b'/><log/><log/></periodic>",
                  true},
        PlaceCase{"no XML", "<periodic><state>v</state>", false},
        PlaceCase{"a damaged attribute", "<periodic><store url='sqlite:x' url='y'/></periodic>",
                  false},
        PlaceCase{"another document", "<task/>", false},
        PlaceCase{"which of the two?", "<periodic><state>a</state><state>b</state></periodic>",
                  false},
        PlaceCase{"an empty one", "<periodic><state/></periodic>", false},
        PlaceCase{"no store", "<periodic><store url='other:x'/></periodic>", false},
        PlaceCase{"url= was meant", "<periodic><store uri='sqlite:x'/></periodic>", false},
        PlaceCase{"<state> was meant", "<periodic><sate>v</sate></periodic>", false},
        PlaceCase{"<store> was meant", "<periodic><stores url='sqlite:x'/></periodic>", false}));

TEST(ReadConfiguration, ReadsEveryElement) {
    const auto reading = read_configuration(R"(<?xml version="1.0" encoding="UTF-8"?>
<periodic>
  <state>/var/lib/app</state> <crontab>crontab</crontab> <crontab>crontab.d</crontab> <tasks>jobs</tasks>
  <timeZone>Europe/Berlin</timeZone>
  <lock releaseAfter="10m"/>
  <store url="sqlite:jobs.db" journal="delete"/>
  <log file="app.log" level="debug" format="json" maxSize="1M" keep="9"/>
  <retention age="90d" jobs="5"/>
  <workers>
    <pool topic="default" static="3" dynamic="0" slots="2" growAt="5" alertAt="6" recycleJobs="7"
          recycleAfter="2h" maxMemory="1G" idle="5m"/>
    <pool topic="mail"/>
  </workers>
  <notify on="failed  lost backlog" task="mail*" after="3" every="15m">
    <exec>mail -s "$PERIODIC_EVENT" ops@example.org</exec>
  </notify>
  <notify on="recovered"><webhook url="https://chat.example.org/hook" format="slack" tokenEnv="CHAT"/></notify>
  <alias name="do">job run</alias>
  <reset hash="$y$j9T$abc./$0123456789"/>
</periodic>)",
                                            "periodic.xml");
    EXPECT_THAT(messages(reading), IsEmpty());
    const Configuration& c = reading.configuration;
    EXPECT_EQ(c.file, "periodic.xml");
    EXPECT_EQ(c.state, "/var/lib/app");
    EXPECT_THAT(c.crontabs, ElementsAre("crontab", "crontab.d"));
    EXPECT_EQ(c.tasks, "jobs");
    EXPECT_EQ(c.time_zone, "Europe/Berlin");
    EXPECT_EQ(c.release_after, 10min);
    EXPECT_EQ(c.store_url, "sqlite:jobs.db");
    EXPECT_TRUE(c.delete_journal);
    EXPECT_EQ(c.log.file, "app.log");
    EXPECT_EQ(c.log.level, LogLevel::Debug);
    EXPECT_EQ(c.log.format, LogFormat::Json);
    EXPECT_EQ(c.log.max_size, 1U << 20U);
    EXPECT_EQ(c.log.keep, 9);
    EXPECT_EQ(c.retention.age, std::chrono::days(90));
    EXPECT_EQ(c.retention.jobs, 5);
    ASSERT_EQ(c.pools.size(), 2U);
    EXPECT_EQ(c.pools[0].static_workers, 3);
    EXPECT_EQ(c.pools[0].dynamic_workers, 0);
    EXPECT_EQ(c.pools[0].slots, 2);
    EXPECT_EQ(c.pools[0].grow_at, 5);
    EXPECT_EQ(c.pools[0].alert_at, 6);
    EXPECT_EQ(c.pools[0].recycle_jobs, 7);
    EXPECT_EQ(c.pools[0].recycle_after, 2h);
    EXPECT_EQ(c.pools[0].max_memory, 1U << 30U);
    EXPECT_EQ(c.pools[0].idle, 5min);
    EXPECT_EQ(c.pools[1].topic, "mail");
    ASSERT_EQ(c.notify.size(), 2U);
    EXPECT_THAT(c.notify[0].on, ElementsAre("failed", "lost", "backlog"));
    EXPECT_EQ(c.notify[0].task, "mail*");
    EXPECT_EQ(c.notify[0].after, 3);
    EXPECT_EQ(c.notify[0].every, 15min);
    EXPECT_THAT(c.notify[0].programs, ElementsAre("mail -s \"$PERIODIC_EVENT\" ops@example.org"));
    ASSERT_EQ(c.notify[1].webhooks.size(), 1U);
    EXPECT_EQ(c.notify[1].webhooks[0].url, "https://chat.example.org/hook");
    EXPECT_EQ(c.notify[1].webhooks[0].format, WebhookOptions::Format::Slack);
    EXPECT_EQ(c.notify[1].webhooks[0].token_env, "CHAT");
    ASSERT_EQ(c.aliases.size(), 1U);
    EXPECT_EQ(c.aliases[0].name, "do");
    EXPECT_EQ(c.aliases[0].command, "job run");
    EXPECT_EQ(c.aliases[0].line, 18U);
    EXPECT_EQ(c.reset_hash, "$y$j9T$abc./$0123456789");
}

TEST(ReadConfiguration, LeavesTheDefaultsOfWhatIsNotThere) {
    const auto reading = read_configuration("<periodic/>", "periodic.xml");
    EXPECT_THAT(messages(reading), IsEmpty());
    EXPECT_EQ(reading.configuration.state, "var");
    EXPECT_THAT(reading.configuration.crontabs, ElementsAre("crontab"));
    EXPECT_EQ(reading.configuration.release_after, 0s);
    EXPECT_EQ(reading.configuration.log.file, "periodic.log");
    EXPECT_FALSE(reading.configuration.delete_journal);
}

TEST(ReadConfiguration, TakesNothingForAHashThatIsNone) {
    for (const std::string_view text :
         {"sesame", "$y$", "$y$j9T$", "$y$j9T$salt$ha sh", "$y$j9T$salt$", "y$j9T$salt$hash"}) {
        const auto reading = read_configuration(
            "<periodic><reset hash='" + std::string(text) + "'/></periodic>", "periodic.xml");
        EXPECT_THAT(messages(reading), ElementsAre(HasSubstr("this is no hash"))) << text;
        EXPECT_EQ(reading.configuration.reset_hash, "");
    }
}

TEST(ReadConfiguration, FindsAllMistakesAndKeepsWhatIsSound) {
    const auto reading = read_configuration(R"(<periodic>
<stat>var</stat>
<lock releaseAfer="1m"/>
<store url="postgres://x" journal="memory"/>
<log level="loud" keep="101" maxSize="1"/>
<workers><pool topic="a" static="0"/><pool topic="a"/><pol/></workers>
<notify on="failed exploded"><webhook url="chat" tokenFile="a" tokenEnv="b"/></notify>
<notify on="lost"/>
<notify><exec/></notify>
<alias name="Do it">job run</alias>
<tasks>jobs</tasks>
<timeZone/>
</periodic>)",
                                            "periodic.xml");
    EXPECT_THAT(
        messages(reading),
        ElementsAre(
            "2:1 unknown element <stat> | did you mean <state>?",
            "3:7 unknown attribute releaseAfer of <lock> | did you mean releaseAfter=\"...\"?",
            HasSubstr("4:8 url=: 'postgres://x' names no store"),
            HasSubstr("4:27 journal=: 'memory' is not known here"),
            HasSubstr("5:6 level=: 'loud' is not known here"),
            HasSubstr("5:19 keep=: '101' is no whole number from 0 to 100"),
            HasSubstr("5:30 maxSize="),
            HasSubstr("6:26 static=: '0' is no whole number from 1 to 1024"),
            HasSubstr("6:44 there are two pools for the topic a"),
            HasSubstr("6:55 unknown element <pol>"),
            HasSubstr("7:9 on=: 'exploded' is not known here"),
            HasSubstr("7:39 url=: 'chat' is no web address"),
            HasSubstr("7:64 the token comes from"), HasSubstr("8:1 <notify> tells nobody"),
            HasSubstr("9:1 <notify> lacks the attribute on"), HasSubstr("9:9 <exec> is empty"),
            HasSubstr("10:8 name=: 'Do it' can't name a command"),
            HasSubstr("12:1 <timeZone> is empty")));
    EXPECT_EQ(reading.configuration.tasks, "jobs");
}

TEST(ReadConfiguration, RefusesAnotherDocument) {
    EXPECT_THAT(
        messages(read_configuration("<task/>", "periodic.xml")),
        ElementsAre(
            "1:1 this is no configuration: its element is <task> | it begins with <periodic>"));
}

TEST(ReadConfigurationFile, TakesAMissingFileForAnEmptyOne) {
    const TemporaryDirectory directory;
    const auto missing = read_configuration_file(directory.file("periodic.xml"));
    EXPECT_THAT(missing.problems, IsEmpty());
    EXPECT_EQ(missing.configuration.file, "");
    std::filesystem::create_directory(directory.file("periodic.xml"));
    const auto broken = read_configuration_file(directory.file("periodic.xml"));
    ASSERT_EQ(broken.problems.size(), 1U);
    EXPECT_EQ(broken.problems[0].error.code, ErrorCode::Invalid);
}

}  // namespace
}  // namespace periodic
