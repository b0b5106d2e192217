#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "periodic/task.hpp"

namespace periodic {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

TaskReading read(std::string_view xml) {
    return read_task(xml, "mail", "tasks/mail.xml", builtin_commands());
}

// The messages, each with its place.
std::vector<std::string> messages(const TaskReading& reading) {
    std::vector<std::string> all;
    for (const auto& problem : reading.problems) {
        all.push_back(std::to_string(problem.error.line) + ':' +
                      std::to_string(problem.error.column) + ' ' + problem.error.message +
                      (problem.error.hint.empty() ? "" : " | " + problem.error.hint));
    }
    return all;
}

TEST(ReadTask, FillsInTheDefaults) {
    const auto reading = read("<task><command type='log'>hello</command></task>");
    ASSERT_THAT(messages(reading), IsEmpty());
    const Task& task = reading.task.value();
    EXPECT_EQ(task.name, "mail");
    EXPECT_EQ(task.reschedule_time, 300s);
    EXPECT_EQ(task.timeout, 3600s);
    EXPECT_EQ(task.kill_after, 10s);
    EXPECT_EQ(task.retries.max, 0);
    EXPECT_EQ(task.catch_up.kind, CatchUpPolicy::Kind::Once);
    EXPECT_EQ(task.overlap, Overlap::Skip);
    EXPECT_EQ(task.concurrency, 1);
    EXPECT_EQ(task.topic, "default");
    EXPECT_FALSE(task.retention.has_value());
    EXPECT_FALSE(task.declares_parameters);
    ASSERT_EQ(task.commands.size(), 1U);
    EXPECT_EQ(task.commands[0].type, "log");
    EXPECT_EQ(task.digest.size(), 64U);
}

TEST(ReadTask, ReadsEverySettingOfTheConfig) {
    const auto reading = read(R"(<?xml version="1.0" encoding="UTF-8"?>
<task>
  <description> Sends the newsletter </description>
  <config>
    <reScheduleTime>1m</reScheduleTime>
    <timeout>0</timeout>
    <killAfter>3s</killAfter>
    <retries max="3" delay="10s" backoff="linear" maxDelay="2h" jitter="0.25"/>
    <catchUp within="1d" limit="7">all</catchUp>
    <overlap>replace</overlap>
    <concurrency key="list">4</concurrency>
    <onLost>retry</onLost>
    <topic>mail</topic>
    <priority>-5</priority>
    <retention age="30d" jobs="10"/>
    <logLimit>1M</logLimit>
    <user>www-data</user>
    <directory>/srv/app</directory>
    <nice>10</nice>
    <environment><variable name="LANG">C.UTF-8</variable><variable name="EMPTY"/></environment>
    <heartbeat url="https://hc.example.org/ping/1"/>
    <onSuccess task="report"><parameter name="of">mail</parameter></onSuccess>
    <onSuccess task="clean"/>
    <onFailure task="alarm"/>
  </config>
  <command type="log">done</command>
</task>)");
    ASSERT_THAT(messages(reading), IsEmpty());
    const Task& task = reading.task.value();
    EXPECT_EQ(task.description, "Sends the newsletter");
    EXPECT_EQ(task.reschedule_time, 60s);
    EXPECT_EQ(task.timeout, 0s);
    EXPECT_EQ(task.kill_after, 3s);
    EXPECT_EQ(task.retries.max, 3);
    EXPECT_EQ(task.retries.delay, 10s);
    EXPECT_EQ(task.retries.backoff, Backoff::Linear);
    EXPECT_EQ(task.retries.max_delay, 2h);
    EXPECT_EQ(task.retries.jitter, 0.25);
    EXPECT_EQ(task.catch_up.kind, CatchUpPolicy::Kind::All);
    EXPECT_EQ(task.catch_up.limit, 7);
    EXPECT_EQ(task.catch_up.within, std::chrono::days(1));
    EXPECT_EQ(task.overlap, Overlap::Replace);
    EXPECT_EQ(task.concurrency, 4);
    EXPECT_EQ(task.concurrency_key, "list");
    EXPECT_EQ(task.on_lost, OnLost::Retry);
    EXPECT_EQ(task.topic, "mail");
    EXPECT_EQ(task.priority, -5);
    EXPECT_EQ(task.retention->age, std::chrono::days(30));
    EXPECT_EQ(task.retention->jobs, 10);
    EXPECT_EQ(task.log_limit, 1U << 20U);
    EXPECT_EQ(task.user, "www-data");
    EXPECT_EQ(task.directory, "/srv/app");
    EXPECT_EQ(task.nice, 10);
    EXPECT_THAT(task.environment,
                ElementsAre(std::pair<std::string, std::string>("LANG", "C.UTF-8"),
                            std::pair<std::string, std::string>("EMPTY", "")));
    EXPECT_EQ(task.heartbeat, "https://hc.example.org/ping/1");
    ASSERT_EQ(task.on_success.size(), 2U);
    EXPECT_EQ(task.on_success[0].task, "report");
    EXPECT_EQ(task.on_success[0].parameters.at("of").text, "mail");
    EXPECT_EQ(task.on_failure.at(0).task, "alarm");
}

TEST(ReadTask, FindsAllMistakesAtOnceWithTheirPlaces) {
    const auto reading = read(
        "<task>\n"
        "  <config>\n"
        "    <timout>5</timout>\n"
        "    <retries max='many' delai='3s'/>\n"
        "  </config>\n"
        "  <comand type='log'>x</comand>\n"
        "  <command type='lug'>x</command>\n"
        "</task>\n");
    EXPECT_FALSE(reading.task.has_value());
    EXPECT_THAT(
        messages(reading),
        ElementsAre("3:5 unknown element <timout> | did you mean <timeout>?",
                    "4:14 max=: 'many' is no whole number from 0 to 1000",
                    "4:25 unknown attribute delai of <retries> | did you mean delay=\"...\"?",
                    "6:3 unknown element <comand> | did you mean <command>?",
                    "7:12 there is no command 'lug' | did you mean 'log'?"));
    EXPECT_EQ(reading.problems[0].error.file, "tasks/mail.xml");
    EXPECT_EQ(reading.problems[0].error.excerpt, "    <timout>5</timout>");
}

TEST(ReadTask, UnderstandsTheOriginalsFormat) {
    const auto reading = read(
        "<?xml version=\"1.0\"?>\n"
        "<task>\n"
        "\t<config><reScheduleTime>92384032</reScheduleTime><timeout>92384032</timeout></config>\n"
        "\t<command type=\"log\" failOnError=\"false\">\n\t\tHello world\n\t</command>\n"
        "</task>\n");
    ASSERT_THAT(messages(reading), IsEmpty());
    EXPECT_EQ(reading.task->timeout, 92384032s);
    EXPECT_TRUE(reading.task->commands.at(0).continue_on_failure);
    EXPECT_EQ(reading.task->commands.at(0).config.text(), "Hello world");
}

}  // namespace
}  // namespace periodic
