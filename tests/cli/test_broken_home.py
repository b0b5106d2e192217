"""Jobs are looked at and stopped while somebody edits the home, as far as they can be found."""

import os
import unittest

from home import shell
from test_daemon import DaemonTest

LOOKS = (("job", "list"), ("job", "list", "long"), ("job", "show", "1"), ("job", "show", "long"), ("job", "log", "1"),
         ("job", "log", "long"), ("job", "log"), ("job", "response", "1"), ("pause",))
STOPS = (("job", "stop", "long", "--dry-run"), ("job", "kill", "--all", "--dry-run"), ("job", "stop", "2"),
         ("job", "kill", "3"))


class BrokenHome(DaemonTest):
    def setUp(self):
        super().setUp()
        self.task("long", shell("sleep 600"))
        for _ in range(3):
            self.ok("job", "add", "long", "--in", "1h")

    def assert_works(self, told=""):
        for words in LOOKS + STOPS:
            answer = self.periodic(*words)
            self.assertEqual(answer.code, 0, (words, answer))
            self.assertIn(told, answer.err, words)
            self.assertEqual(answer.err == "", told == "", (words, answer))
        self.assertEqual([job["state"] for job in self.json("job", "list")["jobs"]], ["stopped", "stopped", "queued"])

    def test_with_a_broken_crontab(self):
        self.crontab("61 * * * * long\n")
        self.assert_works()

    def test_without_a_crontab(self):
        (self.home / "crontab").unlink()
        self.assert_works()

    def test_with_a_broken_task(self):
        self.write("tasks/long.xml", "<task><comand/></task>")
        self.assert_works()

    def test_without_any_tasks(self):
        for file in (self.home / "tasks").iterdir():
            file.unlink()
        (self.home / "tasks").rmdir()
        self.assert_works()
        answer = self.periodic("job", "list", "never-there")
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("tasks: can't list it", answer.err)

    @unittest.skipIf(os.geteuid() != 0, "only root has to trust")
    def test_with_a_crontab_that_others_may_write(self):
        os.chmod(self.home / "crontab", 0o666)
        self.assert_works()
        self.assertEqual(self.periodic("run").code, 78)

    def test_with_a_broken_configuration(self):
        self.write("periodic.xml", "<periodic>\n<broken/></periodic>")
        self.assert_works(told="periodic.xml:2:1: unknown element <broken>")

    def test_with_a_zone_that_does_not_load(self):
        self.write("periodic.xml", "<periodic><timeZone>Mars/Olympus</timeZone></periodic>")
        answer = self.periodic("job", "show", "1")
        self.assertEqual(answer.code, 0, answer)
        self.assertIn("there is no time zone 'Mars/Olympus'", answer.err)
        self.assertIn("periodic: times are in UTC\n", answer.err)
        self.assertRegex(answer.out, r"(?m)^created .*\+00:00$")
        self.assertEqual(self.periodic("job", "stop", "1").code, 0)

    def test_in_the_state_that_a_broken_configuration_names(self):
        (self.home / "var").rename(self.home / "elsewhere")
        self.write("periodic.xml", "<periodic><broken/><state>elsewhere</state></periodic>")
        self.assert_works(told="unknown element <broken>")
        self.assertFalse((self.home / "var").exists())

    def test_but_not_where_nobody_can_tell_where_they_are(self):
        for text in ("<periodic><state>var</state>", "<periodic><sate>var</sate></periodic>",
                     "<periodic><state>var</state><state>other</state></periodic>"):
            self.write("periodic.xml", text)
            for words in LOOKS + STOPS:
                answer = self.periodic(*words)
                self.assertEqual((answer.code, answer.out), (78, ""), (words, answer))
                self.assertIn("periodic.xml:1:", answer.err)
                self.assertIn("where the jobs are can't be told, as <state> and <store> can't be read", answer.err)

    def test_and_all_else_wants_it_mended(self):
        self.write("periodic.xml", "<periodic><broken/></periodic>")
        for words in (("run",), ("job", "add", "long"), ("job", "retry", "1"), ("job", "delete", "1"),
                      ("job", "edit", "1", "--comment=x"), ("job", "reset", "--yes"), ("job", "log", "1", "--append=x")):
            answer = self.periodic(*words)
            self.assertEqual(answer.code, 78, (words, answer))
            self.assertEqual(answer.err.count("unknown element <broken>"), 2 if "--append=x" in words else 1, words)

    def test_a_running_job_is_stopped(self):
        self.ok("start")
        number = self.ok("job", "add", "long").strip()
        self.until(lambda: self.json("job", "show", number)["state"] == "running")
        self.write("periodic.xml", "<periodic><broken/></periodic>")
        self.crontab("61 * * * * long\n")
        self.write("tasks/long.xml", "<task>")
        self.assertIn("was asked to end", self.ok("job", "stop", number))
        self.until(lambda: self.json("job", "show", number)["state"] == "stopped")
        self.write("periodic.xml", "<periodic")
        answer = self.periodic("stop")
        self.assertEqual(answer.code, 0, answer)
        self.assertIn(f"<state> and <store> can't be read; looks in {self.home}/var\n", answer.err)
        self.assertEqual(self.daemons(), [])


if __name__ == "__main__":
    unittest.main()
