"""run TASK: one job, here and now."""

import signal
import subprocess
import unittest

from home import PROGRAM, HomeTest, environment, shell

JOB_MEMBERS = {
    "id", "task", "group", "topic", "state", "phase", "priority", "claim", "attempt", "max_attempts",
    "crashes", "missed", "progress", "parameters", "attributes", "comment", "key", "interval_seconds",
    "result_code", "message", "reason", "waiting_for", "error", "error_detail",
    "worker", "pid", "exit_code", "task_digest", "parent", "log_bytes", "response_bytes",
} | {f"{name}_{unit}" for unit in ("time", "epoch") for name in (
    "scheduled", "last_scheduled", "available", "created", "started", "finished", "first_failed",
    "last_failed")}


class RunTask(HomeTest):
    def test_shows_its_log(self):
        self.task("a", shell('echo "Hello, $PERIODIC_PARAM_NAME."; echo oops >&2'))
        answer = self.periodic("run", "a", "name=World")
        self.assertEqual((answer.code, answer.err), (0, ""), answer)
        self.assertIn("Hello, World.\n", answer.out)
        self.assertIn("oops\n", answer.out)

    def test_is_the_job_in_json(self):
        self.task("a", shell("exit 0"))
        job = self.json("run", "a", "x=1")
        self.assertEqual(set(job), JOB_MEMBERS)
        self.assertEqual((job["task"], job["state"], job["exit_code"], job["parameters"], job["group"]),
                         ("a", "succeeded", 0, {"x": "1"}, None))
        self.assertTrue(job["started_time"].endswith("+00:00"))
        self.assertIsInstance(job["started_epoch"], float)

    def test_says_by_its_exit_code_how_the_attempt_ended(self):
        cases = [("succeeds", shell("true"), "", 0, "succeeded"),
                 ("fails", shell("exit 7"), "", 1, "failed"),
                 ("aborts", "<command type='abort'>x</command>", "", 0, "aborted"),
                 ("waits", "<command type='reschedule'>x</command>", "", 0, "queued"),
                 ("retries", shell("exit 7"), "<retries max='2' delay='1h'/>", 1, "queued"),
                 ("times-out", shell("sleep 100"), "<timeout>1s</timeout>", 1, "failed")]
        for name, body, config, code, state in cases:
            with self.subTest(name):
                self.task(name, body, config)
                self.assertEqual(self.json("run", name, code=code)["state"], state)

    def test_of_a_job_that_deletes_itself_is_null_and_fine(self):
        self.task("gone", shell('echo delete=true >> "$PERIODIC_OUTPUT"'))
        self.assertIsNone(self.json("run", "gone"))
        self.assertEqual(self.json("job", "list")["jobs"], [])

    def test_tells_of_a_failure_in_one_line(self):
        self.task("bad", shell("exit 7"))
        answer = self.periodic("run", "bad", "--quiet")
        self.assertEqual((answer.code, answer.out), (1, ""))
        self.assertRegex(answer.err, r"^periodic: job 1 \(bad\) failed: .*7.*\n$")

    def test_tells_of_a_missing_program_on_one_line(self):
        self.task("bad", "<command type='exec'><program>no-such-program</program></command>")
        answer = self.periodic("run", "bad", "-q")
        self.assertEqual(answer.err, "periodic: job 1 (bad) failed: there is no program no-such-program; "
                                     "it was looked for in /usr/bin:/bin\n")

    def test_of_what_does_not_exist_is_an_error(self):
        self.task("backup", shell("true"))
        answer = self.periodic("run", "bakcup")
        self.assertEqual((answer.code, answer.out), (1, ""), answer)
        self.assertIn("backup", answer.err)

    def test_of_what_is_broken_is_78(self):
        self.write("tasks/bad.xml", "<task><command type='log'>x</command>\n<comand/></task>")
        answer = self.periodic("run", "bad")
        self.assertEqual((answer.code, answer.out), (78, ""), answer)
        self.assertIn("bad.xml:2:", answer.err)

    def test_refuses_parameters_that_the_task_refuses(self):
        self.task("strict", shell("true"), extra="<parameters><parameter name='list' required='true' "
                                                 "pattern='[a-z]+'/></parameters>")
        for words in ([], ["list=UPPER"], ["list=x", "more=1"], ["list"], ["=x"], ["list=x", "list=y"],
                      ["1st=x"]):
            answer = self.periodic("run", "strict", *words)
            self.assertEqual((answer.code, answer.out), (2, ""), answer)
        self.assertEqual(self.json("job", "list")["jobs"], [])
        self.assertEqual(self.periodic("run", "strict", "list=x").code, 0)

    def test_takes_what_is_said_of_its_job(self):
        self.task("a", shell("true"))
        job = self.json("run", "a", "x=1", "--comment", "for Ada", "--priority", "-7", "--key", "k", "--group", "g",
                        "--interval", "2m", "--attribute", "b=1", "--attribute", "c=2")
        self.assertEqual((job["comment"], job["priority"], job["key"], job["group"], job["interval_seconds"],
                          job["attributes"], job["parameters"], job["state"]),
                         ("for Ada", -7, "k", "g", 120, {"b": "1", "c": "2"}, {"x": "1"}, "succeeded"))

    def test_runs_the_job_that_has_the_key(self):
        self.task("a", shell("echo hello"), "<reScheduleTime>1h</reScheduleTime>")
        self.task("b", shell("true"))
        self.ok("job", "add", "a", "--key", "k", "--in", "1h")
        answer = self.periodic("run", "b", "--key", "k")
        self.assertEqual(answer.code, 1, answer)
        self.assertIn("the key 'k' is another task's", answer.err)
        answer = self.periodic("run", "a", "--key", "k")
        self.assertEqual((answer.code, answer.out), (0, "hello\n"), answer)
        self.assertEqual(answer.err, "periodic: nothing was added: job 1 (a, queued) has the key 'k'\n")
        self.assertEqual(self.json("run", "a", "--key", "k")["id"], 2, "the key was free again")

    def test_judges_the_new_attempt_of_the_job_that_has_the_key(self):
        self.task("a", shell('[ -e "$PERIODIC_HOME/good" ]'), "<retries max='3' delay='1h'/>")
        self.assertEqual(self.periodic("run", "a", "--key", "k").code, 1)
        self.write("good", "")
        self.assertEqual(self.periodic("run", "a", "--key", "k").code, 0)
        self.assertEqual([job["id"] for job in self.json("job", "list")["jobs"]], [1])

    def test_refuses_what_is_for_a_run_of_all(self):
        self.task("a", shell("true"))
        for words in (["a", "--budget", "5s"], ["a", "--max-jobs", "1"], ["a", "--fail-if-locked"], ["a", "--key", ""],
                      ["--key", "k"], ["--group", "g"], ["--priority", "1"],
                      ["--interval", "1m"], ["--comment", "x"], ["--attribute", "a=b"]):
            answer = self.periodic("run", *words)
            self.assertEqual((answer.code, answer.out), (2, ""), (words, answer))
            self.assertIn(words[-1] if words[-1] == "--fail-if-locked" else words[-2], answer.err, words)
        self.assertEqual(self.json("job", "list")["jobs"], [])

    def test_goes_to_the_executor_that_is_at_work(self):
        self.task("long", shell('touch "$PERIODIC_HOME/begun"; '
                                'until [ -e "$PERIODIC_HOME/go" ]; do sleep 0.02; done'))
        self.task("good", shell('echo from $PPID; touch "$PERIODIC_HOME/go"'))
        self.task("bad", shell("exit 3"))
        other = subprocess.Popen([PROGRAM, "-C", str(self.home), "run", "long"], env=environment(),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            self.until((self.home / "begun").exists)
            bad = self.json("run", "bad", code=1)
            self.assertEqual((bad["state"], bad["worker"]), ("failed", other.pid))
            answer = self.periodic("run", "good")
            self.assertEqual(answer.code, 0, answer)
            self.assertIn("from ", answer.out)
        finally:
            self.write("go", "")
            other.communicate(timeout=60)

    def test_says_how_the_job_goes_on(self):
        phases = ("<phase name='registered'>" + shell("echo interval=300 >> $PERIODIC_OUTPUT")
                  + "<next phase='sending'/></phase><phase name='sending'>" + shell("true") + "</phase>")
        cases = [("waits", shell("exit 75"), "", 0, "is tried again in 5m"),
                 ("retries", shell("exit 7"), "<retries max='2' delay='1h' jitter='0'/>", 1,
                  "failed and is tried again in 1h: sh ended with exit code 7"),
                 ("phased", phases, "", 0, "goes on with phase 'sending' in 5m")]
        for number, (name, body, config, code, words) in enumerate(cases, 1):
            with self.subTest(name):
                self.task(name, body, config)
                answer = self.periodic("run", name)
                self.assertEqual((answer.code, answer.err),
                                 (code, f"periodic: job {number} ({name}) {words}\n"))
        self.assertEqual(self.periodic("run", "waits", "-q").err, "")

    def test_keeps_the_exit_code_of_what_failed_the_job(self):
        self.task("cleaned", shell("exit 7") + "<command type='shell' when='failure'>exit 0</command>"
                  "<command type='shell' when='always'>exit 3</command>")
        self.task("over", shell("sleep 100") + "<command type='shell' when='always'>true</command>",
                  "<timeout>1s</timeout>")
        self.task("warned", "<command type='shell' onFailure='continue'>exit 4</command>" + shell("true"))
        for name, code, exit_code in (("cleaned", 1, 7), ("over", 1, 128 + signal.SIGTERM), ("warned", 0, 0)):
            with self.subTest(name):
                self.assertEqual(self.json("run", name, code=code)["exit_code"], exit_code)


class RunTaskWithTheLock(HomeTest):
    """One `run TASK` holds the lock while others want something done."""

    def setUp(self):
        super().setUp()
        self.task("long", shell('touch "$PERIODIC_HOME/begun"; '
                                'until [ -e "$PERIODIC_HOME/go" ]; do sleep 0.02; done'))

    def start(self, *words):
        process = subprocess.Popen([PROGRAM, "-C", str(self.home), *words], env=environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def start_long(self):
        process = self.start("run", "long")
        self.until((self.home / "begun").exists)
        return process

    def test_tells_of_the_others_that_failed_meanwhile(self):
        self.task("bad", shell("echo the reason; exit 3"))
        self.crontab("@every 1s bad\n")
        self.periodic("run")
        holder = self.start_long()
        self.crontab("@every 1s bad\n@every 1s missing\nnonsense\n")
        self.periodic("run")
        self.until(lambda: self.json("job", "list", "bad", "--state", "failed")["jobs"])
        self.crontab("")
        self.write("go", "")
        out, err = (text.decode() for text in holder.communicate(timeout=60))
        self.assertEqual(holder.returncode, 0, err)
        self.assertEqual(out, "")
        self.assertRegex(err, r"periodic: job \d+ \(bad\) failed: exit: sh ended with exit code 3\n    the reason\n")
        self.assertRegex(err, r"crontab:3:\d+: ")

    def test_that_is_no_longer_waited_for_stays_queued(self):
        self.stop_one_that_waits()

    def test_that_is_no_longer_waited_for_stays_queued_also_if_it_may_run_twice(self):
        self.task("long", shell('touch "$PERIODIC_HOME/begun"; '
                                'until [ -e "$PERIODIC_HOME/go" ]; do sleep 0.02; done'),
                  "<onLost>retry</onLost><retries max='2'/>")
        self.stop_one_that_waits()

    def stop_one_that_waits(self):
        holder = self.start_long()
        waiting = self.start("run", "long")
        self.until(lambda: len(self.json("job", "list", "long")["jobs"]) == 2)
        waiting.send_signal(signal.SIGTERM)
        err = waiting.communicate(timeout=60)[1].decode()
        self.assertEqual(waiting.returncode, 1)
        self.assertEqual(err, "periodic: job 2 (long) is no longer waited for: it is still queued, "
                              "and is run by the executor that has the home, or the next one\n")
        self.assertEqual(self.json("job", "show", "2")["state"], "queued")
        self.write("go", "")
        holder.communicate(timeout=60)
        self.assertEqual(self.json("job", "show", "2")["state"], "succeeded")


if __name__ == "__main__":
    unittest.main()
