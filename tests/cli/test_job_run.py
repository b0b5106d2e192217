"""job run and job auto: attempts by hand."""

import unittest

from home import PATIENCE_SECONDS, shell
from jobs_by_hand import JobsTest
from test_run_task import JOB_MEMBERS


def phases(*names):
    """Phases that follow each other, each of which says its name."""
    text = ""
    for name, following in zip(names, [*names[1:], "terminated"]):
        text += f"<phase name='{name}'><command type='log'>in {name}</command><next phase='{following}'/></phase>"
    return text


class JobRun(JobsTest):
    def test_shows_its_log_and_exits_with_the_result(self):
        self.add("good")
        answer = self.periodic("job", "run", "1")
        self.assertEqual((answer.code, answer.out, answer.err), (0, "one\n", ""), answer)
        self.add("bad")
        answer = self.periodic("job", "run", "2")
        self.assertEqual(answer.code, 1, answer)
        self.assertIn("job 2 (bad) failed", answer.err)

    def test_is_the_job_in_json(self):
        self.add("good")
        job = self.json("job", "run", "1")
        self.assertEqual((set(job), job["state"]), (JOB_MEMBERS, "succeeded"))

    def test_tells_the_message_and_the_result_code(self):
        self.task("told", shell('printf "code=already-exists\\nmessage=there were 5\\n" >> "$PERIODIC_OUTPUT"'))
        self.add("told")
        self.assertEqual(self.ok("job", "run", "1"), "already-exists: there were 5\n")
        self.assertEqual(self.ok("run", "told"), "already-exists: there were 5\n")
        self.assertEqual(self.ok("run", "told", "-q"), "")
        self.task("told", shell('echo "message=3 of 5 were sent" >> "$PERIODIC_OUTPUT"; exit 4'))
        answer = self.periodic("run", "told")
        self.assertEqual(answer.code, 1)
        self.assertIn("3 of 5 were sent\n", answer.out)
        self.assertIn("exit code 4", answer.err)

    def test_ignores_time_idleness_and_pauses(self):
        self.ok("pause", "--all")
        for words in (["--in", "1h"], ["--idle"], []):
            number = self.add("good", *words)
            self.assertEqual(self.json("job", "run", str(number))["state"], "succeeded")

    def test_of_a_task_points_at_run(self):
        answer = self.periodic("job", "run", "good")
        self.assertEqual((answer.code, answer.out), (2, ""), answer)
        self.assertIn("'periodic run good' runs a new job of a task", answer.err)
        for words in ("0", "../x"):
            self.assertNotIn("periodic run", self.periodic("job", "run", words).err)

    def test_does_one_attempt(self):
        self.task("again", shell("exit 7"), config="<retries max='1' delay='0s'/>")
        self.add("again")
        first = self.json("job", "run", "1", code=1)
        self.assertEqual((first["state"], first["attempt"]), ("queued", 2))
        self.assertEqual(self.json("job", "run", "1", code=1)["state"], "failed")

    def test_does_one_phase_and_shows_its_log_alone(self):
        self.task("sliced", phases("registered", "sending"))
        self.add("sliced", "--interval", "1h")
        self.assertEqual(self.ok("job", "run", "1"), "in registered\n")
        self.assertEqual((self.state(1), self.job(1)["phase"]), ("queued", "sending"))
        self.assertEqual(self.ok("job", "run", "1"), "in sending\n")
        self.assertEqual((self.state(1), self.job(1)["phase"]), ("succeeded", "terminated"))

    def test_of_a_terminated_job_runs_the_phase_of_that_name(self):
        self.task("sliced", phases("registered") + "<phase name='terminated'><command type='log'>after all</command></phase>")
        self.add("sliced")
        self.ok("job", "run", "1")
        self.assertEqual(self.ok("job", "run", "1"), "after all\n")
        self.assertEqual(self.state(1), "succeeded")

    def test_of_what_has_ended_or_does_not_exist_is_an_error(self):
        self.add("good")
        self.ok("run")
        for number in ("1", "9"):
            answer = self.periodic("job", "run", number)
            self.assertEqual((answer.code, answer.out), (1, ""), answer)
            self.assertIn(f"job {number}", answer.err)
        self.assertEqual(self.periodic("job", "run", "x").code, 2)

    def test_of_what_runs_already_follows_it_and_ends_as_it_does(self):
        self.task("long", shell('echo begun; touch "$PERIODIC_HOME/begun.$PERIODIC_JOB_ID"; '
                                'until [ -e "$PERIODIC_HOME/go" ]; do sleep 0.02; done; exit 3'))
        number, other = self.start_long()
        follower = self.start("job", "run", str(number))
        self.assertEqual(follower.stdout.readline(), b"begun\n")
        (self.home / "go").touch()
        self.assertEqual(follower.wait(PATIENCE_SECONDS), 1)
        self.assertEqual(other.wait(PATIENCE_SECONDS), 1)

    def test_goes_to_the_executor_that_is_at_work(self):
        _, other = self.start_long()
        number = self.add("good", "--in", "1h")
        job = self.json("job", "run", str(number))
        self.assertEqual((job["state"], job["worker"]), ("succeeded", other.pid))
        number = self.add("bad", "--idle")
        self.assertEqual(self.json("job", "run", str(number), code=1)["worker"], other.pid)
        self.let_go(other)

    def test_goes_to_the_other_executor_also_while_it_is_paused_and_in_its_last_phase(self):
        self.task("sliced", phases("registered") + "<phase name='terminated'><command type='log'>after all</command></phase>",
                  config="<concurrency>0</concurrency>")
        ended = self.add("sliced")
        self.ok("job", "run", str(ended))
        _, other = self.start_long()
        self.ok("pause", "--all")
        self.assertEqual(self.json("run", "good")["worker"], other.pid)
        number = self.add("good", "--idle")
        self.assertEqual(self.json("job", "run", str(number))["worker"], other.pid)
        self.assertEqual(self.ok("job", "run", str(ended)), "after all\n")
        self.assertEqual(self.job(ended)["worker"], other.pid)
        self.let_go(other)

    def test_of_a_retried_job_waits_for_its_new_attempt_elsewhere(self):
        _, other = self.start_long()
        number = self.add("bad")
        self.until(lambda: self.state(number) == "failed")
        self.task("bad", shell("echo better"))
        self.ok("job", "edit", str(number), "--comment", "mended")
        self.ok("job", "retry", str(number))
        answer = self.periodic("job", "run", str(number))
        # The other may have been faster: then there is nothing left to run.
        self.assertIn(answer.code, (0, 1), answer)
        self.until(lambda: self.state(number) == "succeeded")
        self.let_go(other)


class JobAuto(JobsTest):
    def ran(self):
        return [number for number, state in sorted(self.states().items()) if state != "queued" and state != "idle"]

    def test_runs_one_due_job_the_highest_priority_first_then_the_oldest(self):
        for words in ([], [], ["--priority", "5"], ["--in", "1h", "--priority", "9"]):
            self.add("good", *words)
        for expected in ([3], [1, 3], [1, 2, 3], [1, 2, 3]):
            answer = self.periodic("job", "auto")
            self.assertEqual((answer.code, answer.out, answer.err), (0, "", ""), answer)
            self.assertEqual(self.ran(), expected)

    def test_takes_idle_ones_too_and_plans_nothing(self):
        self.crontab("* * * * * good\n")
        self.add("good", "--idle")
        self.assertEqual(self.changes("job", "auto", "--execute", "5")["ids"], [1])
        self.assertEqual(self.states(), {1: "succeeded"})

    def test_takes_as_many_as_it_is_told_and_the_latest_first(self):
        for _ in range(4):
            self.add("good")
        self.assertEqual(self.changes("job", "auto", "--execute", "2", "--latest")["ids"], [4, 3])
        self.assertEqual(self.changes("job", "auto", "--execute", "9")["ids"], [1, 2])
        self.assertEqual(self.changes("job", "auto"), {"matched": 0, "changed": 0, "ids": [], "refused": []})

    def test_only_says_what_it_would_do(self):
        self.task("sliced", phases("registered", "sending"))
        self.add("sliced")
        self.assertEqual(self.changes("job", "auto", "--dry-run")["ids"], [1])
        self.assertEqual(self.ok("job", "auto", "--dry-run"), "1  sliced  registered\n")
        self.assertEqual(self.states(), {1: "queued"})

    def test_cuts_long_work_into_slices(self):
        self.task("sliced", phases("registered", "sending", "sweeping"))
        self.add("sliced")
        for phase, state in (("sending", "queued"), ("sweeping", "queued"), ("terminated", "succeeded")):
            self.ok("job", "auto")
            job = self.job(1)
            self.assertEqual((job["phase"], job["state"]), (phase, state))

    def test_follows_rules_by_phase(self):
        self.task("sliced", phases("registered", "sending"))
        for _ in range(3):
            self.add("sliced")
        self.ok("job", "run", "2")
        self.ok("job", "run", "3")
        rules = ["--rule", "none:oldest", "--rule", "sending:newest", "--rule", "registered:oldest"]
        self.assertEqual(self.changes("job", "auto", *rules)["ids"], [3])
        self.assertEqual(self.changes("job", "auto", *rules)["ids"], [2])
        self.assertEqual(self.changes("job", "auto", *rules)["ids"], [1])

    def test_tells_of_a_failure_as_run_does(self):
        self.add("bad")
        answer = self.periodic("job", "auto")
        self.assertEqual((answer.code, answer.out), (1, ""), answer)
        self.assertIn("job 1 (bad) failed", answer.err)

    def test_leaves_what_is_paused(self):
        self.add("good", "--idle")
        self.add("good")
        self.ok("pause", "--task", "good")
        self.assertEqual(self.changes("job", "auto", "--execute", "5")["matched"], 0)
        self.ok("resume", "--task", "good")
        self.assertEqual(self.changes("job", "auto", "--execute", "5")["ids"], [1, 2])

    def test_does_nothing_where_another_executor_is_at_work(self):
        self.task("alone", shell("true"), config="<concurrency>1</concurrency>")
        _, other = self.start_long()
        document = self.changes("job", "auto")
        self.assertEqual((document["changed"], document["ids"]), (0, []))
        self.let_go(other)

    def test_refuses_what_is_wrong(self):
        for words in (["--execute", "0"], ["--rule", "x"], ["--rule", "x:first"], ["--rule", ":oldest"], ["1"]):
            answer = self.periodic("job", "auto", *words)
            self.assertEqual((answer.code, answer.out), (2, ""), (words, answer))


if __name__ == "__main__":
    unittest.main()
