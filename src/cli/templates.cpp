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

  <!-- The daemon's worker processes, for each topic: docs and 'man periodic-daemon' say more. -->
  <!-- <workers><pool topic="default" static="2" dynamic="30"/></workers> -->

  <!-- Who hears of it when something goes wrong. -->
  <!-- <notify on="failed lost" every="15m"><exec>logger "$PERIODIC_EVENT $PERIODIC_TASK"</exec></notify> -->

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

    <!-- What its programs get between SIGTERM and SIGKILL, when they are to end. -->
    <!-- <killAfter>10s</killAfter> -->

    <!-- After a failure it is tried again so many times; the delay doubles each time. -->
    <!-- <retries max="3" delay="30s" backoff="exponential" maxDelay="1h" jitter="0.1"/> -->

    <!-- After an exit code 75 it is done again, so much later. -->
    <!-- <reScheduleTime>5m</reScheduleTime> -->

    <!-- What happens with times that passed while nothing ran here: once, all or none. -->
    <!-- <catchUp>once</catchUp> -->

    <!-- What happens when it is due while it still runs: skip, wait, allow or replace. -->
    <!-- <overlap>skip</overlap> -->

    <!-- How many of its jobs run at once, however they came; 0 is no limit. -->
    <!-- <concurrency>1</concurrency> -->

    <!-- What happens when the machine died under it: fail, or retry if it may safely run twice. -->
    <!-- <onLost>fail</onLost> -->

    <!-- Which queue its jobs wait in, and which go first: those of the higher priority. -->
    <!-- <topic>default</topic> -->
    <!-- <priority>0</priority> -->

    <!-- How long its ended jobs are kept, and how many; how much of a log. -->
    <!-- <retention age="180d" jobs="1000"/> -->
    <!-- <logLimit>10M</logLimit> -->

    <!-- Other tasks that are queued when it has ended. -->
    <!-- <onSuccess task="report"/> -->
    <!-- <onFailure task="alarm"/> -->

    <!-- Who is pinged at its start, its success and its failure. -->
    <!-- <heartbeat url="https://hc.example.org/ping/secret"/> -->

    <!-- As whom its programs run (only root may say so), how nicely, where, and with which
         variables besides Periodic's own. -->
    <!-- <user>www-data</user> -->
    <!-- <nice>10</nice> -->
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

  <!-- What a program appends to the file $PERIODIC_RESPONSE is what the job answers. To the file
       $PERIODIC_OUTPUT it writes lines: message=42 sent, progress=50, code=already-exists. -->

  <!-- Long work in slices: instead of bare commands, phases. A job begins in 'registered', does one
       phase at a time, and has succeeded when it comes to 'terminated'. Without <next> it does
       the same phase again, a minute later; echo phase=terminated >> "$PERIODIC_OUTPUT" chooses another. -->
  <!-- <phase name="registered">
    <command type="shell">echo "one slice"</command>
    <next phase="terminated"/>
  </phase> -->
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
