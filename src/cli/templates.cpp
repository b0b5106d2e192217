#include "cli/templates.hpp"

namespace periodic::cli {

const std::string_view kConfigurationTemplate = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- The settings of this home. All are optional: what stands in comments is the default. -->
<periodic>
  <!-- Paths are relative to this directory. -->
  <!-- <state>var</state> -->
  <!-- <crontab>crontab</crontab>  may stand several times; a directory's files are all read -->
  <!-- <tasks>tasks</tasks> -->

  <!-- The time zone of the crontab; else that of TZ, else the system's. Name it if this home is
       used both from a shell and from cron. -->
  <!-- <timeZone>Europe/Berlin</timeZone> -->

  <!-- What Periodic itself says, in the state directory; each job has a log of its own besides. -->
  <log file="periodic.log" level="info" format="text" maxSize="10M" keep="5"/>

  <!-- How long ended jobs are kept, for each task: the age, and how many. 0 is no limit. -->
  <retention age="180d" jobs="1000"/>

  <!-- A command line under a name of your own: 'periodic do 12' is 'periodic job run 12'. -->
  <!-- <alias name="do">job run</alias> -->

  <!-- What 'periodic job reset' asks for, a password; its help says how the hash is made. -->
  <!-- <reset hash="$y$..."/> -->
</periodic>
)";

const std::string_view kCrontabTemplate =
    R"(# When the tasks of this home run. 'periodic check' finds mistakes, 'periodic next' shows what is to come.
#
# minute hour day-of-month month day-of-week   [group:]task   [key=value ...]
#
# Jobs of one group never run at the same time. The file tasks/TASK.xml says what a task does.
# Some schedules:
#   */15 * * * *         every 15 minutes
#   30 2 * * MON-FRI     at 02:30 from Monday to Friday
#   0 0 L * *            at midnight, on the last day of the month
#   @daily  @hourly  @every 90m  @reboot
# Times are those of the zone of periodic.xml, or of a line such as this, for the lines below it:
#   CRON_TZ=Europe/Berlin

@hourly   hello   name=World
)";

const std::string_view kHelloTemplate = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- Try it: periodic run hello name=World -->
<task>
  <description>Says hello</description>
  <parameters>
    <parameter name="name" default="World"/>
  </parameters>
  <!-- Parameters reach a program through its environment, never through its command line. -->
  <command type="shell">echo "Hello, $PERIODIC_PARAM_NAME."</command>
</task>
)";

std::string task_template(std::string_view name) {
    static constexpr std::string_view kTemplate = R"xml(<?xml version="1.0" encoding="UTF-8"?>
<!-- Try it:      periodic run NAME
     Schedule it: a line such as "30 2 * * *  NAME" in the crontab -->
<task>
  <description>What NAME is for</description>

  <config>
    <!-- How long one attempt may take; 0 is no limit. -->
    <timeout>1h</timeout>

    <!-- After a failure it is tried again so many times; the delay doubles each time. -->
    <!-- <retries max="3" delay="30s" backoff="exponential" maxDelay="1h" jitter="0.1"/> -->

    <!-- What happens with times that passed while nothing ran here: once, all or none. -->
    <!-- <catchUp>once</catchUp> -->

    <!-- What happens when it is due while it still runs: skip, wait, allow or replace. -->
    <!-- <overlap>skip</overlap> -->

    <!-- What happens when the machine died under it: fail, or retry if it may safely run twice. -->
    <!-- <onLost>fail</onLost> -->

    <!-- Where its programs run, and with which variables besides Periodic's own. -->
    <!-- <directory>/srv/app</directory> -->
    <!-- <environment><variable name="LANG">C.UTF-8</variable></environment> -->
  </config>

  <!-- Parameters that a crontab line or 'periodic run NAME key=value' may give. Where they are
       declared, others are refused; a task without this takes any. -->
  <!-- <parameters>
    <parameter name="list" required="true" pattern="[a-z]+"/>
    <parameter name="batch" type="integer" default="100"/>
  </parameters> -->

  <!-- The commands run in order until one fails; 'periodic commands' lists all kinds. A program's
       parameters are in its environment: PERIODIC_PARAM_LIST. In CDATA every character stands for
       itself, also & and <. -->
  <command type="shell"><![CDATA[
    echo "NAME works"
  ]]></command>
  <!-- <command type="log" when="always">whatever happened</command> -->
</task>
)xml";
    std::string text;
    std::string_view rest = kTemplate;
    for (auto at = rest.find("NAME"); at != std::string_view::npos; at = rest.find("NAME")) {
        text.append(rest.substr(0, at)).append(name);
        rest.remove_prefix(at + 4);
    }
    return text.append(rest);
}

}  // namespace periodic::cli
