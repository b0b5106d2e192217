"""run: the cron wrapper."""

import json
import os
import signal
import subprocess
import time
import unittest

from home import PROGRAM, HomeTest, environment, shell

MEMBERS = ["planned", "ran", "succeeded", "failed", "aborted", "stopped", "rescheduled", "retried",
           "phased", "skipped", "lost", "left", "seconds"]


class RunWhatIsDue(HomeTest):
    def test_with_nothing_due_is_silent(self):
        self.task("a", shell("echo out; echo err >&2"))
        self.crontab("@yearly a\n")
        answer = self.periodic("run")
        self.assertEqual((answer.code, answer.out, answer.err), (0, "", ""))

    def test_meets_what_came_due_since_a_line_was_written(self):
        self.task("a", shell("true"))
        self.json("run")  # one before, as each minute
        written = int(time.time())
        self.crontab('"* * * * * *" a\n')
        self.until(lambda: time.time() >= written + 2)
        self.assertEqual(self.json("run")["planned"], 1)
        job = self.json("job", "list")["jobs"][0]
        self.assertGreater(job["scheduled_epoch"] - job["missed"], written - 1)

    def test_begins_a_home_at_the_present(self):
        self.task("a", shell("true"))
        written = time.time()
        self.crontab('"* * * * * *" a\n')
        self.until(lambda: time.time() >= written + 2)
        self.assertEqual(self.json("run")["planned"], 0)

    def test_has_every_member_in_json(self):
        document = self.json("run")
        self.assertEqual(list(document), MEMBERS)
        seconds = document.pop("seconds")
        self.assertGreaterEqual(seconds, 0)
        self.assertEqual(set(document.values()), {0})

    def test_of_what_succeeds_is_silent_and_on_record(self):
        self.task("a", shell("echo out; echo err >&2"))
        self.make_due(["g:a key=value"])
        answer = self.periodic("run")
        self.assertEqual((answer.code, answer.out, answer.err), (0, "", ""))
        job = self.json("job", "list", "--state", "succeeded")["jobs"][-1]
        self.assertEqual((job["task"], job["group"], job["parameters"]), ("a", "g", {"key": "value"}))

    def test_counts_what_it_did(self):
        for name, body in (("good", shell("true")), ("bad", shell("exit 3")),
                           ("ugly", "<command type='abort'>no sense</command>"),
                           ("later", "<command type='reschedule'>not yet</command>")):
            self.task(name, body)
        self.task("again", shell("false"), config="<retries max='1'/>")
        self.make_due(["good", "bad", "ugly", "later", "again"])
        document = self.json("run", code=1)
        for member in ("succeeded", "failed", "aborted", "rescheduled", "retried"):
            self.assertGreaterEqual(document[member], 1, member)
        self.assertEqual(document["ran"], sum(document[member] for member in MEMBERS[2:9]))

    def test_tells_of_each_failed_job_with_the_end_of_its_log(self):
        self.task("bad", shell("for i in $(seq 30); do echo line $i; done; exit 3"))
        self.make_due(["g:bad"])
        answer = self.periodic("run")
        self.assertEqual((answer.code, answer.out), (1, ""), answer)
        self.assertRegex(answer.err, r"periodic: job \d+ \(g:bad\) failed: ")
        self.assertIn("line 30\n", answer.err)
        self.assertNotIn("line 5\n", answer.err)

    def test_of_a_job_that_will_be_retried_is_silent_and_fine(self):
        self.task("again", shell("false"), config="<retries max='3' delay='1h'/>")
        self.make_due(["again"])
        answer = self.periodic("run")
        self.assertEqual((answer.code, answer.out, answer.err), (0, "", ""))

    def test_starts_no_more_jobs_than_it_may(self):
        self.task("a", shell("true"))
        self.make_due(["one:a", "two:a x=1", "three:a x=2"])
        document = self.json("run", "--max-jobs", "1")
        self.assertEqual(document["ran"], 1)
        self.assertGreaterEqual(document["left"], 2)
        self.assertEqual(self.json("run", "--max-jobs", "0")["ran"], 0)
        document = self.json("run", "--budget", "0")
        self.assertEqual(document["ran"], 0)

    def test_logs_to_people_when_asked(self):
        self.task("a", shell("true"))
        self.make_due(["a"])
        answer = self.periodic("run", "--log-level", "info")
        self.assertEqual((answer.code, answer.out), (0, ""))
        self.assertRegex(answer.err, r"info: \[a job \d+\] attempt 1 of 1 begins\n")
        self.assertRegex(answer.err, r"info: \[a job \d+\] succeeded\n")

    def test_logs_to_its_file_alone_when_not_asked(self):
        self.task("bad", shell("false"))
        self.make_due(["bad"])
        answer = self.periodic("run", "--log-format", "json")
        self.assertNotIn("begins", answer.err)
        records = [json.loads(line) for line in (self.home / "var" / "periodic.log").read_text().splitlines()]
        self.assertEqual({(record["task"], record["level"]) for record in records},
                         {("bad", "info"), ("bad", "warning")})


class RunWithMistakes(HomeTest):
    def test_runs_what_is_sound_and_exits_78(self):
        self.task("a", shell("true"))
        self.make_due(["a"])
        self.crontab("nonsense here\n@every 1s a\n61 * * * * a\n")
        answer = self.periodic("run", "--output", "json")
        self.assertEqual(answer.code, 78, answer)
        self.assertGreaterEqual(answer.document["succeeded"], 1)
        self.assertIn("crontab:1:", answer.err)
        self.assertIn("crontab:3:", answer.err)

    def test_records_a_due_job_whose_task_is_missing_or_broken_as_invalid(self):
        self.write("tasks/broken.xml", "<task><comand/></task>")
        self.make_due(["broken", "missing"])
        answer = self.periodic("run")
        self.assertEqual((answer.code, answer.out), (78, ""), answer)
        jobs = self.json("job", "list", "--state", "failed")["jobs"]
        self.assertEqual({(job["task"], job["reason"]) for job in jobs},
                         {("broken", "invalid"), ("missing", "invalid")})

    def test_without_a_crontab_is_broken(self):
        (self.home / "crontab").unlink()
        answer = self.periodic("run")
        self.assertEqual((answer.code, answer.out), (78, ""), answer)
        self.assertIn("crontab", answer.err)

    def test_in_the_command_line_adds_nothing(self):
        for words in (["--budget", "-5s"], ["--budget", "soon"], ["--max-jobs", "-1"],
                      ["--concurrency", "0"]):
            self.assertEqual(self.periodic("run", *words).code, 2, words)
        self.assertFalse((self.home / "var").exists())


class RunWhileAnotherDoes(HomeTest):
    def setUp(self):
        super().setUp()
        self.task("long", shell('touch "$PERIODIC_HOME/begun"; until [ -e "$PERIODIC_HOME/go" ]; do sleep 0.02; done'))
        self.other = subprocess.Popen([PROGRAM, "-C", str(self.home), "run", "long"], env=environment(),
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end_other)
        self.until((self.home / "begun").exists)

    def end_other(self):
        self.write("go", "")
        self.other.communicate(timeout=60)

    def test_is_silent_and_fine(self):
        answer = self.periodic("run")
        self.assertEqual((answer.code, answer.out, answer.err), (0, "", ""))

    def test_prints_its_document_all_the_same(self):
        document = self.json("run")
        self.assertEqual(document["ran"], 0)
        self.assertEqual(list(document), MEMBERS)

    def test_is_an_error_when_asked_to_be_one(self):
        answer = self.periodic("run", "--fail-if-locked")
        self.assertEqual((answer.code, answer.out), (75, ""), answer)
        self.assertIn(str(self.other.pid), answer.err)
        self.assertEqual(self.periodic("run", "--fail-if-locked", "--output", "json").document["ran"], 0)

    def test_is_left_alone_by_unlock_while_it_answers(self):
        answer = self.periodic("unlock")
        self.assertEqual((answer.code, answer.out), (75, ""), answer)
        self.assertIn(f"run, pid {self.other.pid} on", answer.err)
        self.assertIn(f"kill {self.other.pid}", answer.err)
        self.assertIn("--force", answer.err)
        self.assertIsNone(self.other.poll())

    def test_is_ended_by_unlock_when_it_hangs(self):
        self.other.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.other.pid, os.WSTOPPED)
        answer = self.periodic("unlock")
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual(self.other.wait(timeout=60), -signal.SIGKILL)

    def test_is_ended_by_unlock_with_force(self):
        answer = self.periodic("unlock", "--force")
        self.assertEqual(answer.code, 0, answer)
        self.assertIn(str(self.other.pid), answer.out + answer.err)
        self.assertEqual(self.other.wait(timeout=60), -signal.SIGKILL)
        job = self.json("job", "list", "long")["jobs"][0]
        self.assertEqual((job["state"], job["reason"]), ("failed", "lost"))


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class OfSomebodyElse(HomeTest):
    """A home is another's: messages name the file, the reason and who owns it."""

    def as_nobody(self, *words):
        return self.periodic(*words, user=65534, group=65534, extra_groups=[])

    def setUp(self):
        super().setUp()
        os.chmod(self.home, 0o755)
        self.task("a", shell("true"))
        self.ok("run", "a")

    def test_state_directory_says_whose_it_is(self):
        for words in (["job", "list"], ["run"], ["job", "add", "a"], ["tasks"]):
            with self.subTest(words):
                answer = self.as_nobody(*words)
                self.assertEqual((answer.code, answer.out), (74, ""), answer)
                self.assertIn(f"{self.home}/var belongs to root", answer.err)
                self.assertIn("Permission denied", answer.err)

    def test_what_may_not_be_read_or_written_says_whose_it_is(self):
        for path in (self.home / "var", *(self.home / "var").iterdir()):
            os.chown(path, 65534, 65534)
        log = self.home / "var/periodic.log"
        os.chown(log, 0, 0)
        os.chmod(log, 0o600)
        self.assertIn(f"({log} belongs to root)", self.as_nobody("run").err)
        os.chmod(self.home / "tasks", 0o700)
        self.assertIn(f"({self.home}/tasks belongs to root)", self.as_nobody("tasks").err)
        os.chown(self.home / "var", 0, 0)
        self.assertIn(f"({self.home}/var belongs to root)", self.as_nobody("check").err)

    def test_store_that_may_only_be_read_says_so_without_its_sql(self):
        os.chmod(self.home / "var", 0o755)
        for path in (self.home / "var").iterdir():
            os.chmod(path, 0o644)
        for words in (["job", "list"], ["run"], ["check"]):
            with self.subTest(words):
                answer = self.as_nobody(*words)
                self.assertNotEqual(answer.code, 0)
                self.assertIn(str(self.home / "var"), answer.err)
                self.assertNotIn("PRAGMA", answer.err)

    def test_task_file_that_may_not_be_read_says_whose_it_is(self):
        for path in (self.home / "var", *(self.home / "var").iterdir()):
            os.chown(path, 65534, 65534)
        os.chmod(self.home / "tasks/a.xml", 0o600)
        answer = self.as_nobody("run", "a")
        self.assertIn(f"Permission denied ({self.home}/tasks/a.xml belongs to root)", answer.err)

    def test_home_is_not_to_be_given_to_root(self):
        os.chown(self.home, 65534, 65534)
        for words in (["check"], ["run"]):
            answer = self.periodic(*words)
            self.assertEqual(answer.code, 78, answer)
            self.assertEqual(answer.err.count("refused"), 1, answer)
            self.assertNotIn("chown", answer.err)
            self.assertIn("runuser -u nobody -- periodic", answer.err)


@unittest.skipUnless(os.geteuid() == 0, "only root has to trust")
class CrontabDirectory(HomeTest):
    def setUp(self):
        super().setUp()
        os.chmod(self.home, 0o755)
        self.task("a", shell("true"))
        self.write("periodic.xml", "<periodic><crontab>crontab.d</crontab></periodic>")
        (self.home / "crontab.d").mkdir(mode=0o755)
        self.write("crontab.d/sound", "@every 1h a x=sound\n")
        self.write("crontab.d/nobodys", "@every 1h a x=nobodys\n")
        os.chown(self.home / "crontab.d/nobodys", 65534, 65534)

    def test_file_of_another_in_it_is_refused(self):
        for words in (["run"], ["pending"], ["check"]):
            with self.subTest(words):
                answer = self.periodic(*words)
                self.assertEqual(answer.code, 78, answer)
                self.assertEqual(answer.err.count("crontab.d/nobodys belongs to nobody"), 1, answer)
        os.chown(self.home / "crontab.d/nobodys", 0, 0)
        self.assertEqual(self.periodic("check").code, 0)

    def test_link_to_a_file_of_another_in_it_is_refused(self):
        (self.home / "crontab.d/nobodys").rename(self.home / "target")
        (self.home / "crontab.d/link").symlink_to("../target")
        answer = self.periodic("run")
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("target belongs to nobody", answer.err)


class OwnLog(HomeTest):
    def ends(self):
        """What Periodic's own log says of each job's end."""
        text = (self.home / "var/periodic.log").read_text()
        return [line for line in text.splitlines() if "begins" not in line]

    def test_tells_of_a_job_whose_task_is_broken(self):
        self.make_due(["missing"])
        self.periodic("run")
        self.assertTrue(any("failed: invalid: " in line and "missing" in line for line in self.ends()),
                        self.ends())

    def test_tells_of_a_job_that_was_lost(self):
        self.task("long", shell('touch "$PERIODIC_HOME/begun"; sleep 1000'))
        run = subprocess.Popen([PROGRAM, "-C", str(self.home), "run", "long"], env=environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.until((self.home / "begun").exists)
        run.kill()
        run.wait()
        self.assertEqual(self.periodic("run").code, 1)
        self.assertTrue(any("lost: crash 1: its executor died" in line for line in self.ends()), self.ends())


class RunThatIsStopped(HomeTest):
    def test_stops_its_jobs_and_exits_1(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                self.task("long", shell('touch "$PERIODIC_HOME/begun"; sleep 1000'))
                begun = self.home / "begun"
                run = subprocess.Popen([PROGRAM, "-C", str(self.home), "run", "long"], env=environment(),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.until(begun.exists)
                begun.unlink()
                run.send_signal(number)
                run.communicate(timeout=60)
                self.assertEqual(run.returncode, 1)
                self.assertEqual(self.json("job", "list")["jobs"][0]["state"], "stopped")


class Unlock(HomeTest):
    def test_of_what_nobody_holds_is_fine(self):
        answer = self.periodic("unlock")
        self.assertEqual((answer.code, answer.err), (0, ""), answer)
        self.assertEqual(self.json("unlock"), {"holder": None, "settled": 0, "blocked": 0})


class Broken(HomeTest):
    def test_prints_its_document_in_json_all_the_same(self):
        self.write("var/periodic.db", "this is no database " * 1000)
        os.chmod(self.home / "var", 0o700)
        self.assertEqual(list(self.json("run", code=74)), MEMBERS)
        (self.home / "var/periodic.db").unlink()
        self.write("periodic.xml", "<periodic><nothing/></periodic>")
        self.assertEqual(list(self.json("run", code=78)), MEMBERS)

    def test_task_that_broke_after_its_job_was_added_is_78(self):
        self.task("a", shell("true"))
        for change in (lambda path: path.write_text("<task>"), lambda path: path.unlink()):
            with self.subTest(change=change):
                self.task("a", shell("true"))
                job = self.json("job", "add", "a")["id"]
                change(self.home / "tasks/a.xml")
                report = self.json("run", code=78)
                self.assertEqual((report["ran"], report["failed"]), (1, 1))
                job = self.json("job", "show", str(job))
                self.assertEqual((job["state"], job["reason"]), ("failed", "invalid"))

    def test_store_that_was_cut_is_74_and_not_a_new_one(self):
        self.task("a", shell("true"))
        self.ok("job", "add", "a")
        for size in (1, 0):
            with open(self.home / "var/periodic.db", "r+b") as store:
                store.truncate(size)
            for words in (["run"], ["job", "list"], ["job", "add", "a"]):
                answer = self.periodic(*words)
                self.assertEqual((answer.code, answer.out), (74, ""), answer)
                self.assertIn("has been cut", answer.err)

    def test_pipe_in_the_state_directory_holds_nobody_up(self):
        self.task("a", shell("true"))
        self.ok("job", "add", "a")
        os.mkfifo(self.home / "var/reserve")
        self.assertEqual(self.json("run")["succeeded"], 1)
        (self.home / "var/periodic.log").unlink()
        os.mkfifo(self.home / "var/periodic.log")
        self.assertIn("periodic.log", self.periodic("run").err)

    def test_journal_that_is_deleted_is_heeded(self):
        self.write("periodic.xml", "<periodic><store url='sqlite:periodic.db' journal='delete'/></periodic>")
        self.task("a", shell("true"))
        self.ok("job", "add", "a")
        self.assertEqual(self.json("run")["succeeded"], 1)
        self.assertEqual(self.json("job", "list")["jobs"][0]["state"], "succeeded")
        self.ok("check")
        # Bytes 18 and 19 of the file say which journal it has.
        self.assertEqual((self.home / "var/periodic.db").read_bytes()[18:20], b"\1\1")

    def test_store_is_74(self):
        self.write("var/periodic.db", "this is no database " * 1000)
        os.chmod(self.home / "var", 0o700)
        for words in (["run"], ["job", "list"], ["tasks"]):
            answer = self.periodic(*words)
            self.assertEqual((answer.code, answer.out), (74, ""), answer)
            self.assertIn("periodic.db", answer.err)

    def test_state_directory_is_74(self):
        self.write("var", "a file")
        answer = self.periodic("run")
        self.assertEqual((answer.code, answer.out), (74, ""), answer)
        self.assertIn("var", answer.err)


class Pending(HomeTest):
    def test_has_every_member_in_json(self):
        self.task("a", shell("true"))
        self.make_due(["g:a key=value"])
        pending = self.json("pending")[0]
        self.assertEqual(set(pending), {"task", "group", "scheduled_time", "scheduled_epoch", "reason",
                                        "parameters"})
        self.assertEqual((pending["task"], pending["group"], pending["parameters"]),
                         ("a", "g", {"key": "value"}))
        self.assertIn(pending["reason"], ("due", "missed"))
        self.assertIn("g", self.ok("pending"))

    def test_of_nothing_is_empty(self):
        self.assertEqual(self.json("pending"), [])
        self.assertEqual(self.ok("pending"), "")

    def test_changes_nothing(self):
        self.task("a", shell("true"))
        self.make_due(["a"])
        self.json("pending")
        self.assertEqual(self.json("job", "list")["jobs"], [])


if __name__ == "__main__":
    unittest.main()
