// The reader of periodic.xml and its schema look at the same texts, and agree but for what only the
// reader can know.

#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "periodic/configuration.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

// A configuration's inside, and who takes it.
struct Case {
    std::string name;
    std::string inside;
    bool reader = true;
    bool schema = true;
};

bool schema_takes(const std::string& xml) {
    const TemporaryDirectory directory;
    const std::string file = directory.write("periodic.xml", xml);
    const std::string command = "xmllint --noout --nonet --schema '" PERIODIC_SOURCE_DIR
                                "/share/periodic/periodic.xsd' '" +
                                file + "' >/dev/null 2>&1";
    const int status = std::system(command.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    // 3: not valid by the schema. Else xmllint itself is missing or broken.
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    EXPECT_TRUE(code == 0 || code == 3) << command << " exits with " << code;
    return code == 0;
}

std::string name_of(const ::testing::TestParamInfo<Case>& info) {
    return info.param.name;
}

class ConfigurationText : public ::testing::TestWithParam<Case> {};

TEST_P(ConfigurationText, IsTakenOrRefusedByBoth) {
    const std::string xml = "<periodic>" + GetParam().inside + "</periodic>";
    const auto reading = read_configuration(xml, "periodic.xml");
    EXPECT_EQ(reading.problems.empty(), GetParam().reader);
    EXPECT_EQ(schema_takes(xml), GetParam().schema);
}

INSTANTIATE_TEST_SUITE_P(
    Sound, ConfigurationText,
    ::testing::Values(
        Case{"Nothing", ""},
        Case{"Paths",
             "<state>var</state><crontab>a</crontab><crontab>b</crontab><tasks>jobs</tasks>"
             "<timeZone>Europe/Berlin</timeZone>"},
        Case{"LockAndStore",
             "<lock releaseAfter='10m'/><store url='sqlite:a.db' journal='delete'/>"},
        Case{"Log", "<log file='a.log' level='debug' format='json' maxSize='1M' keep='9'/>"},
        Case{"Retention", "<retention age='90d' jobs='0'/>"},
        Case{"Pools",
             "<workers><pool topic='mail' static='3' dynamic='0' slots='2' growAt='5' alertAt='6' "
             "recycleJobs='7' recycleAfter='2h' maxMemory='1G' idle='5m'/><pool/></workers>"},
        Case{"Notifiers",
             "<notify on='failed  lost crash-loop' task='mail*' after='3' every='15m'><exec>mail x"
             "</exec><webhook url='https://a.org/b' format='slack' tokenEnv='A'/></notify>"},
        Case{"NotifyByMail",
             "<notify on='lost' group='g' topic='t*' prefix='web1'><email to='a@b, c@d' from='e@f' "
             "server='smtp://h:587' user='u' passwordEnv='P'/><webhook urlFile='f'/>"
             "<webhook urlEnv='E'/></notify>"},
        Case{"Alias", "<alias name='do'>job run</alias><alias name='2'>job list</alias>"},
        Case{"Reset", "<reset hash='$y$j9T$a./$b-c=,D'/>"}),
    &name_of);

INSTANTIATE_TEST_SUITE_P(
    Wrong, ConfigurationText,
    ::testing::Values(
        Case{"Element", "<stat>var</stat>", false, false},
        Case{"Attribute", "<lock releaseAfer='1m'/>", false, false},
        Case{"EmptyPath", "<tasks> </tasks>", false, false},
        Case{"Duration", "<lock releaseAfter='soon'/>", false, false},
        Case{"Store", "<store url='postgres://x'/>", false, false},
        Case{"Journal", "<store journal='memory'/>", false, false},
        Case{"Level", "<log level='loud'/>", false, false},
        Case{"Keep", "<log keep='101'/>", false, false},
        Case{"Number", "<retention jobs='-1'/>", false, false},
        Case{"Pool", "<workers><pool static='0'/></workers>", false, false},
        Case{"PoolTwice", "<workers><pool topic='a'/><pool topic='a'/></workers>", false, false},
        Case{"Event", "<notify on='exploded'><exec>x</exec></notify>", false, false},
        Case{"NobodyTold", "<notify on='lost'/>", false, false},
        Case{"Address", "<notify on='lost'><webhook url='chat'/></notify>", false, false},
        Case{"MailServer", "<notify on='lost'><email to='a@b' server='http://x'/></notify>", false,
             false},
        Case{"MailToNobody", "<notify on='lost'><email/></notify>", false, false},
        Case{"AliasName", "<alias name='Do it'>job run</alias>", false, false},
        Case{"AliasOfNothing", "<alias name='do'/>", false, false},
        Case{"AliasTwice", "<alias name='do'>a</alias><alias name='do'>b</alias>", false, false},
        Case{"Hash", "<reset hash='sesame'/>", false, false},
        Case{"HashWithoutEnd", "<reset hash='$y$j9T$'/>", false, false},
        Case{"ResetWithoutHash", "<reset/>", false, false}),
    &name_of);

// What a schema can't say.
INSTANTIATE_TEST_SUITE_P(
    ForTheReaderAlone, ConfigurationText,
    ::testing::Values(Case{"GivenTwice", "<state>a</state><state>b</state>", false, true},
                      Case{"LogThatRotatesAlways", "<log maxSize='1'/>", false, true},
                      Case{"DurationTooLong", "<lock releaseAfter='99999999999d'/>", false, true},
                      Case{"TwoTokens",
                           "<notify on='lost'><webhook url='https://a.org/b' tokenFile='a' "
                           "tokenEnv='b'/></notify>",
                           false, true}),
    &name_of);

}  // namespace
}  // namespace periodic
