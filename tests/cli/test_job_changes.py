"""job start, stop, kill, retry, edit and delete, and what selects jobs."""

import os
import signal
import time
import unittest

from home import PATIENCE_SECONDS, shell
from jobs_by_hand import JobsTest
from test_run_task import JOB_MEMBERS

ACTIONS = ("start", "stop", "kill", "retry", "delete")


class Selectors(JobsTest):
    def setUp(self):
        super().setUp()
        for words in (["good", "--group", "a"], ["good", "--key", "k"], ["bad", "--idle"], ["long", "--group", "a"]):
            self.add(*words)

    def selected(self, *words):
        """What a dry run says it would stop; nothing is changed by it."""
        before = self.states()
        document = self.changes("job", "stop", *words, "--dry-run")
        self.assertEqual(self.states(), before)
        self.assertEqual(document["matched"], document["changed"])
        return document["ids"]

    def test_select_the_same_for_what_shows_and_what_changes(self):
        later = str(int(time.time()) + 3600)
        for words, ids in ((["1"], [1]), (["3", "1"], [1, 3]), (["2-3"], [2, 3]), (["3-9"], [3, 4]), (["good"], [1, 2]),
                           (["--task", "good"], [1, 2]), (["--state", "idle"], [3]),
                           (["--state", "idle,queued"], [1, 2, 3, 4]), (["--group", "a"], [1, 4]),
                           (["--key", "k"], [2]), (["--topic", "default"], [1, 2, 3, 4]), (["--topic", "x"], []),
                           (["--phase", "x"], []), (["--above", "2"], [3, 4]), (["--below", "2"], [1]),
                           (["--above", "1", "--below", "4", "--not-id", "2"], [3]),
                           (["--not-id", "1,3-9"], [2]), (["--not-id", "1", "--not-id", "2", "--below", "4"], [3]),
                           (["good", "--group", "a"], [1]), (["1-4", "--state", "idle"], [3]),
                           (["--older-than", "1h"], []), (["--older-than", "-1h"], []),
                           (["--older-than", f"@{later}"], [1, 2, 3, 4]), (["--newer-than", "1h"], [1, 2, 3, 4]),
                           (["--newer-than", f"@{later}"], []), (["--newer-than", "2000-01-01T00:00:00Z"], [1, 2, 3, 4])):
            with self.subTest(words):
                self.assertEqual(self.selected(*words), ids)
                listed = self.json("job", "list", *words)["jobs"]
                self.assertEqual(sorted(job["id"] for job in listed), ids)

    def test_never_mean_all_by_accident(self):
        for action in (*ACTIONS, "edit"):
            extra = ["--priority", "1"] if action == "edit" else []
            for words in ([], ["--dry-run"], [""], ["--task", ""], ["--state", ""], ["--key", ""], ["--group", ""],
                          ["--all", "--state", "idle"], ["--all", "1"]):
                answer = self.periodic("job", action, *words, *extra)
                self.assertEqual((answer.code, answer.out), (2, ""), (action, words, answer))
        self.assertEqual(self.selected("--all"), [1, 2, 3, 4])

    def test_that_are_none_are_wrong_usage(self):
        for words in (["--state", "broken"], ["9-2"], ["0"], ["1-99999999"], ["a", "b"], ["--above", "x"],
                      ["--below", "0"], ["--not-id", "x"], ["--not-id", "1,,2"], ["--older-than", "yesterday"],
                      ["--newer-than", ""]):
            for command in ("list", "stop"):
                answer = self.periodic("job", command, *words)
                self.assertEqual((answer.code, answer.out), (2, ""), (command, words, answer))


class Changes(JobsTest):
    def test_say_how_many(self):
        for _ in range(3):
            self.add("good")
        self.assertEqual(self.ok("job", "stop", "good", "--dry-run"), "3 jobs would be stopped.\n")
        self.assertEqual(self.ok("job", "stop", "1"), "1 job stopped.\n")
        answer = self.periodic("job", "stop", "1-2")
        self.assertEqual((answer.code, answer.out), (1, "1 of 2 jobs stopped.\n"), answer)
        self.assertIn("job 1 is stopped", answer.err)
        self.assertEqual(self.ok("job", "stop", "good"), "1 job stopped.\n")
        self.assertEqual(self.ok("job", "stop", "--state", "queued"), "No job matches.\n")
        self.assertEqual(self.ok("job", "delete", "good", "-q"), "")

    def test_tell_stopped_from_asked_to_end(self):
        self.task("deaf", shell('trap "" TERM; touch "$PERIODIC_HOME/begun.$PERIODIC_JOB_ID"; '
                                'until [ -e "$PERIODIC_HOME/go" ]; do sleep 0.02; done'))
        number, other = self.start_long("deaf")
        self.assertEqual(self.ok("job", "stop", str(number)), "1 job was asked to end and still runs.\n")
        self.let_go(other)

    def test_are_on_record(self):
        self.add("good", "--idle")
        for action in ("start", "stop", "retry"):
            self.ok("job", action, "1")
        self.ok("job", "edit", "1", "--priority", "3")
        events = self.job(1)["events"]
        self.assertEqual(len(events), 5, events)
        self.assertTrue(all(event["by"] for event in events), events)

    def test_of_ids_that_are_not_there_are_an_error(self):
        self.add("good")
        for action in ACTIONS:
            answer = self.periodic("job", action, "99")
            self.assertEqual((answer.code, answer.out), (1, ""), answer)
            self.assertIn("there is no job 99", answer.err)
        document = self.changes("job", "stop", "1", "99", code=1)
        self.assertEqual((document["matched"], document["changed"], document["ids"]), (1, 1, [1]))
        self.assertEqual([(each["id"], each["state"]) for each in document["refused"]], [(99, None)])
        self.assertEqual(self.changes("job", "delete", "1-50")["changed"], 1)

    def test_that_went_well_are_retried_only_for_who_says_so(self):
        self.add("good")
        self.add("bad")
        self.periodic("run")
        self.assertEqual(self.changes("job", "retry", "--all")["ids"], [2])
        self.assertEqual(self.changes("job", "retry", "good")["matched"], 0)
        self.assertEqual(self.changes("job", "retry", "good", "--state", "succeeded")["ids"], [1])

    def test_of_a_task_that_is_nowhere_are_an_error_with_the_nearest_one(self):
        self.add("good")
        for words in (["job", "list", "godo"], ["job", "retry", "godo"], ["job", "delete", "--task", "godo"]):
            answer = self.periodic(*words)
            self.assertEqual((answer.code, answer.out), (1, ""), answer)
            self.assertIn("did you mean 'good'?", answer.err)
        for words in (["job", "delete", "1,2"], ["job", "list", "1-2x!"]):
            self.assertEqual(self.periodic(*words).code, 2, words)
        (self.home / "tasks/good.xml").unlink()
        self.assertEqual(len(self.json("job", "list", "good")["jobs"]), 1)  # it has a history

    def test_that_a_state_forbids_are_an_error_for_an_id_and_none_for_a_filter(self):
        self.add("good")
        self.ok("run")
        for action in ("start", "stop", "kill"):
            answer = self.periodic("job", action, "1")
            self.assertEqual((answer.code, answer.out), (1, ""), answer)
            self.assertIn("job 1 is succeeded", answer.err)
            document = self.changes("job", action, "--task", "good", "--state", "succeeded")
            self.assertEqual(self.changes("job", action, "--task", "good")["matched"], 0)
            self.assertEqual((document["matched"], document["changed"], document["ids"]), (1, 0, []))
            self.assertEqual([(each["id"], each["state"]) for each in document["refused"]], [(1, "succeeded")])


class Start(JobsTest):
    def test_queues_idle_jobs(self):
        self.add("good", "--idle")
        self.ok("run")
        self.assertEqual(self.state(1), "idle")
        self.assertEqual(self.ok("job", "start", "1"), "1 job queued.\n")
        self.ok("run")
        self.assertEqual(self.state(1), "succeeded")

    def test_of_one_is_the_job_in_json_and_of_several_their_number(self):
        for _ in range(3):
            self.add("good", "--idle")
        job = self.json("job", "start", "1")
        self.assertEqual((set(job), job["state"]), (JOB_MEMBERS, "queued"))
        self.assertEqual(self.changes("job", "start", "2", "3")["ids"], [2, 3])
        self.assertEqual(self.periodic("job", "start", "1", "--output", "json").code, 1)

    def test_wakes_who_executes(self):
        _, other = self.start_long()
        number = self.add("good", "--idle")
        self.ok("job", "start", str(number))
        self.until(lambda: self.state(number) == "succeeded")
        self.let_go(other)


class Stop(JobsTest):
    def test_of_a_job_that_waits_is_at_once(self):
        for words in ([], ["--idle"]):
            number = self.add("good", *words)
            self.ok("job", "stop", str(number))
            job = self.job(number)
            self.assertEqual((job["state"], job["reason"]), ("stopped", "stopped"))
        self.ok("run")
        self.assertEqual(set(self.states().values()), {"stopped"})

    def test_ends_what_another_process_runs(self):
        number, other = self.start_long()
        self.assertIn("asked to end", self.ok("job", "stop", str(number)))
        other.communicate(timeout=PATIENCE_SECONDS)
        job = self.job(number)
        self.assertEqual((other.returncode, job["state"], job["reason"]), (1, "stopped", "stopped"))

    def test_lets_a_program_end_in_its_own_way_and_runs_what_always_runs(self):
        self.task("polite", shell("trap 'echo bye; exit 0' TERM; touch \"$PERIODIC_HOME/begun\"; "
                                  "while :; do sleep 0.02; done")
                  + "<command type='log' when='always'>swept</command>")
        number = self.add("polite")
        other = self.start("run")
        self.until((self.home / "begun").exists)
        self.ok("job", "stop", "polite")
        other.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(self.state(number), "stopped")
        said = self.ok("job", "log", str(number), "--raw").splitlines()
        self.assertIn("bye", said)
        self.assertIn("swept", said)

    def test_says_who_wanted_it(self):
        number, other = self.start_long()
        self.ok("job", "stop", str(number))
        other.communicate(timeout=PATIENCE_SECONDS)
        events = self.job(number)["events"]
        name = events[0]["by"]
        self.assertIn("state         stopped\n", self.ok("job", "show", str(number)))
        self.assertIn(f"  stopped by {name}\n", self.ok("job", "list", str(number)))
        self.assertTrue(any(event["event"] == "stopped" and name in (event["by"] or "") + (event["detail"] or "")
                            for event in events), events)


class Kill(JobsTest):
    def test_ends_a_group_of_processes_that_ignores_signals(self):
        self.task("stubborn", shell("trap '' TERM INT; sleep 1000 & echo $! > \"$PERIODIC_HOME/child\"; "
                                    "mv \"$PERIODIC_HOME/child\" \"$PERIODIC_HOME/pid\"; wait")
                  + "<command type='log' when='always'>swept</command>")
        number = self.add("stubborn")
        other = self.start("run")
        self.until((self.home / "pid").exists)
        self.ok("job", "kill", str(number))
        other.communicate(timeout=PATIENCE_SECONDS)
        job = self.job(number)
        self.assertEqual((job["state"], job["reason"]), ("stopped", "killed"))
        self.assertNotIn("swept", self.ok("job", "log", str(number), "--raw"))
        with self.assertRaises(ProcessLookupError):
            os.kill(int((self.home / "pid").read_text()), 0)

    def test_of_a_job_that_waits_is_at_once(self):
        self.add("good")
        self.ok("job", "kill", "1")
        self.assertEqual(self.state(1), "stopped")


class Retry(JobsTest):
    def test_queues_the_same_job_from_its_first_attempt(self):
        self.task("once", shell('[ -e "$PERIODIC_HOME/mended" ]'), config="<retries max='1' delay='0s'/>")
        number = self.add("once", "x=1")
        self.periodic("run")
        before = self.job(number)
        self.assertEqual((before["state"], before["attempt"]), ("failed", 2))
        self.write("mended", "")
        self.assertEqual(self.ok("job", "retry", str(number)), "1 job queued again.\n")
        self.assertEqual((self.state(number), self.job(number)["attempt"]), ("queued", 1))
        self.ok("run")
        after = self.job(number)
        self.assertEqual((after["state"], after["parameters"]), ("succeeded", {"x": "1"}))
        self.assertIsNotNone(after["first_failed_epoch"])
        self.assertGreater(after["claim"], before["claim"])

    def test_selects_what_failed(self):
        for name in ("good", "bad", "bad"):
            self.add(name)
        self.periodic("run")
        self.assertEqual(self.changes("job", "retry", "--state", "failed")["ids"], [2, 3])

    def test_of_what_has_not_ended_is_an_error(self):
        self.add("good")
        self.assertEqual(self.periodic("job", "retry", "1").code, 1)


class Edit(JobsTest):
    def test_changes_what_is_named_and_nothing_else(self):
        self.add("good", "a=1", "b=2", "--comment", "old", "--attribute", "x=1")
        self.assertEqual(self.ok("job", "edit", "1", "--priority", "5", "--set", "b=3", "--set", "c=4",
                                 "--attribute", "y=2", "--interval", "2m"), "1 job changed.\n")
        job = self.job(1)
        self.assertEqual((job["priority"], job["parameters"], job["attributes"], job["interval_seconds"], job["comment"]),
                         (5, {"a": "1", "b": "3", "c": "4"}, {"x": "1", "y": "2"}, 120, "old"))
        self.ok("job", "edit", "1", "--comment", "")
        self.assertIsNone(self.job(1)["comment"])

    def test_moves_its_time(self):
        self.add("good")
        self.ok("job", "edit", "1", "--at", "1h")
        self.ok("run")
        self.assertEqual((self.state(1), self.job(1)["waiting_for"]), ("queued", "time"))
        self.ok("job", "edit", "1", "--at", "@1")
        self.ok("run")
        self.assertEqual(self.state(1), "succeeded")

    def test_moves_its_phase(self):
        self.task("sliced", "".join(f"<phase name='{name}'><command type='log'>in {name}</command>"
                                    "<next phase='terminated'/></phase>" for name in ("registered", "late")))
        self.add("sliced")
        self.assertEqual(self.changes("job", "edit", "--in-phase", "registered", "--phase", "late")["ids"], [1])
        self.ok("run")
        self.assertIn("in late", self.ok("job", "log", "1", "--raw").splitlines())

    def test_refuses_what_is_wrong(self):
        self.task("strict", shell("true"), extra="<parameters><parameter name='n' type='integer'/></parameters>")
        self.add("strict")
        for words in ([], ["--set", "n=x"], ["--set", "m=1"], ["--set", "n"], ["--priority", "x"], ["--at", "soon"],
                      ["--phase", "sending"], ["--attribute", "=1"]):
            answer = self.periodic("job", "edit", "1", *words)
            self.assertEqual((answer.code, answer.out), (2, ""), (words, answer))
        self.assertEqual(self.periodic("job", "edit", "9", "--priority", "1").code, 1)
        self.assertEqual(self.job(1)["parameters"], {})

    def test_of_several_says_what_was_refused(self):
        self.add("good")
        self.add("good")
        document = self.changes("job", "edit", "good", "--phase", "sending")
        self.assertEqual((document["matched"], document["changed"]), (2, 0))
        self.assertEqual(len(document["refused"]), 2)

    def test_of_a_running_job_is_an_error(self):
        number, other = self.start_long()
        self.assertEqual(self.periodic("job", "edit", str(number), "--priority", "1").code, 1)
        self.let_go(other)


class Delete(JobsTest):
    def test_leaves_nothing(self):
        self.add("good")
        self.ok("run")
        self.assertEqual(self.ok("job", "delete", "1"), "1 job deleted.\n")
        for command in ("show", "log", "response"):
            self.assertEqual(self.periodic("job", command, "1").code, 1)
        self.assertEqual(self.add("good"), 2)

    def test_of_a_running_job_is_an_error(self):
        number, other = self.start_long()
        answer = self.periodic("job", "delete", str(number))
        self.assertEqual((answer.code, answer.out), (1, ""), answer)
        self.assertEqual(self.state(number), "running")
        self.let_go(other)


if __name__ == "__main__":
    unittest.main()
