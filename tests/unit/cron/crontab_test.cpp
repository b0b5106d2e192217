#include "periodic/crontab.hpp"

#include <gtest/gtest.h>

namespace periodic {
namespace {

TEST(Crontab, ReadsEntriesWithGroupAndParameters) {
    Crontab crontab;
    crontab.add(
        "# a comment\n"
        "CRON_TZ=Europe/Berlin\n"
        "*/15 * * * *  backup:db-dump\n"
        "@daily report to=boss@example.org note=\"two words\" raw='no $escapes' ; comment\n",
        "crontab", TimeZone::utc());
    ASSERT_TRUE(crontab.problems().empty()) << to_string(crontab.problems().front().error);
    ASSERT_EQ(crontab.entries().size(), 2U);
    const CrontabEntry& first = crontab.entries()[0];
    EXPECT_EQ(first.when(), "*/15 * * * *");
    EXPECT_EQ(first.group(), "backup");
    EXPECT_EQ(first.task(), "db-dump");
    EXPECT_EQ(first.line(), 3U);
    EXPECT_EQ(first.column(), 22U);
    EXPECT_EQ(first.zone().name(), "Europe/Berlin");
    const Values parameters = crontab.entries()[1].parameters();
    EXPECT_EQ(parameters.at("note").text, "two words");
    EXPECT_EQ(parameters.at("raw").text, "no $escapes");
    EXPECT_EQ(crontab.entries()[1].definition(),
              "CRON_TZ=Europe/Berlin\n@daily report note=\"two words\" raw=\"no $escapes\" "
              "to=\"boss@example.org\"");
}

TEST(Crontab, ReadsADefinitionBackToTheSameId) {
    Crontab crontab;
    crontab.add("\"0 */10 8-18 * * mon-fri\"\tx:tick a='\"' b=\"\\\\\"\n", "crontab",
                TimeZone::utc());
    ASSERT_EQ(crontab.entries().size(), 1U);
    Crontab again;
    again.add(crontab.entries()[0].definition(), "copy", TimeZone::utc());
    ASSERT_EQ(again.entries().size(), 1U);
    EXPECT_EQ(again.entries()[0].id(), crontab.entries()[0].id());
    EXPECT_EQ(again.entries()[0].definition(), crontab.entries()[0].definition());
}

}  // namespace
}  // namespace periodic
