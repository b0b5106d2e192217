"""job add: one job by hand, and waiting for its end."""

import datetime
import signal
import subprocess
import unittest

from home import PATIENCE_SECONDS, shell
from jobs_by_hand import JobsTest
from test_run_task import JOB_MEMBERS


class JobAdd(JobsTest):
    def test_prints_the_bare_id_and_runs_nothing(self):
        self.assertEqual(self.ok("job", "add", "good"), "1\n")
        self.assertEqual(self.ok("job", "add", "good"), "2\n")
        self.assertEqual(self.states(), {1: "queued", 2: "queued"})
        self.ok("run")
        self.assertEqual(self.states(), {1: "succeeded", 2: "succeeded"})

    def test_is_the_job_in_json(self):
        job = self.json("job", "add", "good", "x=1", "--comment", "for Ada", "--priority", "-7", "--key", "k",
                        "--group", "night", "--interval", "90s", "--attribute", "a=b", "--attribute", "c=d=e",
                        "--idle")
        self.assertEqual(set(job), JOB_MEMBERS)
        self.assertEqual((job["id"], job["task"], job["state"], job["parameters"], job["comment"], job["priority"],
                          job["key"], job["group"], job["interval_seconds"], job["attributes"]),
                         (1, "good", "idle", {"x": "1"}, "for Ada", -7, "k", "night", 90, {"a": "b", "c": "d=e"}))

    def test_says_who_added_it(self):
        self.add("good")
        event = self.job(1)["events"][0]
        self.assertEqual(event["event"], "created")
        self.assertTrue(event["by"])

    def test_with_a_key_that_is_taken_says_that_nothing_was_added(self):
        self.assertEqual(self.periodic("job", "add", "good", "--key", "k").err, "")
        answer = self.periodic("job", "add", "bad", "--key", "k")
        self.assertEqual((answer.code, answer.out), (0, "1\n"), answer)
        self.assertIn("nothing was added: job 1 (good, queued) has the key 'k'", answer.err)
        self.assertEqual(self.periodic("job", "add", "good", "--key", "").code, 2)

    def test_with_a_key_that_is_taken_answers_the_job_that_has_it(self):
        self.assertEqual(self.add("good", "--key", "k"), 1)
        self.assertEqual(self.add("good", "--key", "k"), 1)
        self.assertEqual(self.add("good", "--key", "other"), 2)
        self.ok("run")
        self.assertEqual(self.add("good", "--key", "k"), 3)

    def test_knows_times(self):
        at = datetime.datetime(2099, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
        for text in ("2099-01-02T03:04:05Z", "2099-01-02T04:04:05+01:00", f"@{int(at.timestamp())}"):
            job = self.json("job", "add", "good", "--at", text)
            self.assertEqual(job["available_epoch"], at.timestamp())
        job = self.json("job", "add", "good", "--in", "2h")
        self.assertAlmostEqual(job["available_epoch"] - job["created_epoch"], 7200, delta=60)
        self.ok("run")
        self.assertEqual(set(self.states().values()), {"queued"})

    def test_refuses_what_is_wrong(self):
        self.task("strict", shell("true"), extra="<parameters><parameter name='n' type='integer'/></parameters>")
        self.write("tasks/broken.xml", "<task><comand/></task>")
        for words, code in ((["strict", "n=x"], 2), (["strict", "m=1"], 2), (["good", "x"], 2), (["good", "=x"], 2),
                            (["good", "--at", "soon"], 2), (["good", "--at", "@1", "--in", "1s"], 2),
                            (["good", "--in", "-1s"], 2), (["good", "--priority", "high"], 2),
                            (["good", "--attribute", "x"], 2), (["good", "--group", "a b"], 2),
                            (["good", "--idle", "--wait"], 2), ([], 2), (["godo"], 1), (["../good"], 1),
                            (["broken"], 78)):
            answer = self.periodic("job", "add", *words)
            self.assertEqual((answer.code, answer.out), (code, ""), (words, answer))
            self.assertTrue(answer.err)
        self.assertIn("good", self.periodic("job", "add", "godo").err)
        self.assertEqual(self.json("job", "list")["jobs"], [])


class Waiting(JobsTest):
    def test_runs_it_here_where_nobody_executes_and_exits_with_its_result(self):
        cases = [("good", 0, "succeeded"), ("bad", 1, "failed")]
        for number, (name, code, state) in enumerate(cases, 1):
            answer = self.periodic("job", "add", name, "--wait")
            self.assertEqual((answer.code, answer.out), (code, f"{number}\n"), answer)
            self.assertEqual(self.state(number), state)
        self.assertIn("job 2 (bad) failed", self.periodic("job", "add", "bad", "--wait").err.replace("job 3", "job 2"))

    def test_is_the_job_as_it_ended_in_json(self):
        self.assertEqual(self.json("job", "add", "good", "--wait")["state"], "succeeded")
        self.assertEqual(self.json("job", "add", "bad", "--wait", code=1)["state"], "failed")

    def test_calls_an_abort_fine(self):
        self.task("none", "<command type='abort'>nothing to do</command>")
        self.assertEqual(self.json("job", "add", "none", "--wait")["state"], "aborted")

    def test_calls_a_job_that_deletes_itself_fine(self):
        self.task("gone", shell('echo delete=true >> "$PERIODIC_OUTPUT"'))
        self.assertIsNone(self.json("job", "add", "gone", "--wait"))

    def test_goes_through_retries(self):
        self.task("third", shell('echo x >> "$PERIODIC_HOME/tries"; [ "$PERIODIC_ATTEMPT" = 3 ]'),
                  config="<retries max='2' delay='1s' backoff='constant' jitter='0'/>")
        job = self.json("job", "add", "third", "--wait")
        self.assertEqual((job["state"], job["attempt"]), ("succeeded", 3))
        self.assertEqual((self.home / "tries").read_text(), "x\nx\nx\n")

    def test_goes_through_phases(self):
        self.task("sliced", f"<phase name='registered'>{shell('echo 1')}<next phase='sending'/></phase>"
                            f"<phase name='sending'>{shell('echo 2')}<next phase='terminated'/></phase>")
        job = self.json("job", "add", "sliced", "--wait")
        self.assertEqual((job["state"], job["phase"], job["claim"]), ("succeeded", "terminated", 2))

    def test_waits_for_its_time(self):
        job = self.json("job", "add", "good", "--in", "2s", "--wait")
        self.assertEqual(job["state"], "succeeded")
        self.assertGreaterEqual(job["started_epoch"], job["available_epoch"])

    def test_is_over_when_the_job_is_stopped(self):
        process = self.start("job", "add", "good", "--in", "1h", "--wait")
        self.until(lambda: self.states() == {1: "queued"})
        self.ok("job", "stop", "1")
        out, _ = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual((process.returncode, out), (1, b"1\n"))

    def test_is_given_up_by_a_signal_and_the_job_stays(self):
        process = self.start("job", "add", "good", "--in", "1h", "--wait")
        self.until(lambda: self.states() == {1: "queued"})
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual((process.returncode, self.state(1)), (1, "queued"))

    def test_respects_a_pause(self):
        self.ok("pause", "--task", "good")
        process = self.start("job", "add", "good", "--wait")
        self.until(lambda: self.states() == {1: "queued"})
        self.assertEqual(self.job(1)["waiting_for"], "paused")
        self.assertIsNone(process.poll())
        self.ok("resume", "--task", "good")
        process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual((process.returncode, self.state(1)), (0, "succeeded"))

    def test_is_for_the_executor_that_is_at_work(self):
        _, other = self.start_long()
        job = self.json("job", "add", "good", "--wait")
        self.assertEqual((job["state"], job["worker"]), ("succeeded", other.pid))
        self.assertEqual(self.json("job", "add", "bad", "--wait", code=1)["worker"], other.pid)
        self.let_go(other)

    def test_works_for_many_at_once(self):
        self.task("one", shell('[ "$PERIODIC_PARAM_N" != 3 ]; code=$?; sleep 0.1; exit $code'), config="<concurrency>1</concurrency>")
        waiting = [self.start("job", "add", "one", f"n={n % 4}", "--wait") for n in range(12)]
        for n, process in enumerate(waiting):
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
            self.assertEqual(process.returncode, 1 if n % 4 == 3 else 0, (n, out, err))
            self.assertEqual(self.json("job", "show", out.decode().strip())["parameters"], {"n": str(n % 4)})
        self.assertEqual({job["claim"] for job in self.json("job", "list")["jobs"]}, {1})

    def test_takes_over_from_an_executor_that_died(self):
        self.task("twice", shell('echo x >> "$PERIODIC_HOME/tries"; '
                                 '[ $(wc -l < "$PERIODIC_HOME/tries") = 2 ] || sleep 1000'),
                  config="<onLost>retry</onLost>")
        _, other = self.start_long()
        waiting = self.start("job", "add", "twice", "--wait")
        self.until((self.home / "tries").exists)
        self.write("go", "")
        other.kill()
        out, _ = waiting.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual((waiting.returncode, self.state(int(out))), (0, "succeeded"))


if __name__ == "__main__":
    unittest.main()
