"""What jobs say: show, log, response, and what is added to them from outside."""

import subprocess
import unittest

from home import PATIENCE_SECONDS, PROGRAM, environment, shell
from jobs_by_hand import JobsTest


class Show(JobsTest):
    def test_tells_all_that_there_is(self):
        self.task("bad", shell("exit 3"), config="<retries max='1' delay='0s'/>")
        number = self.add("bad", "x=1", "--comment", "for Ada", "--group", "night", "--attribute", "a=b", "--key", "k",
                          "--interval", "2m", "--priority", "4")
        self.periodic("run")
        text = self.ok("job", "show", str(number))
        for line in ("task          bad", "group         night", "state         failed: exit", "attempt       2 of 2",
                     "priority      4", "interval      2m", 'parameters    {"x":"1"}', 'attributes    {"a":"b"}',
                     "comment       for Ada", "key           k", "exit code     3"):
            self.assertIn(line + "\n", text)
        attempts, events = text.split("\nAttempts\n")[1].split("\nEvents\n")
        self.assertEqual([line.split()[0] for line in attempts.splitlines()], ["TRY", "1", "2"])
        self.assertIn("created", events)
        self.assertIn("failed", events)

    def test_says_why_a_job_waits(self):
        self.add("good", "--in", "1h")
        self.assertIn("state         queued, waits for its time\n", self.ok("job", "show", "1"))

    def test_takes_a_tasks_name_for_its_latest_job(self):
        self.add("good")
        self.add("bad")
        self.add("good")
        self.assertEqual(self.json("job", "show", "good")["id"], 3)
        self.assertEqual(self.json("job", "show", "bad")["id"], 2)
        self.assertEqual(self.json("job", "show")["id"], 3, "the latest of all")

    def test_of_a_task_without_jobs_or_of_none_is_an_error(self):
        for name, says in (("good", "has had no job"), ("godo", "did you mean 'good'")):
            for command in ("show", "log", "response"):
                answer = self.periodic("job", command, name)
                self.assertEqual((answer.code, answer.out), (1, ""), answer)
                self.assertIn(says, answer.err)


class Log(JobsTest):
    def test_of_a_task_is_its_latest_jobs(self):
        self.ok("run", "good")
        self.task("good", shell("echo two"))
        self.ok("run", "good")
        self.assertEqual(self.ok("job", "log", "good", "--raw"), "two\n")
        self.assertEqual(self.ok("job", "log", "--raw"), "two\n")

    def test_can_be_added_to_by_hand(self):
        self.ok("run", "good")
        self.assertEqual(self.ok("job", "log", "1", "--append", "by hand"), "")
        self.ok("job", "log", "good", "--append", "careful", "--level", "warning")
        self.assertEqual(self.ok("job", "log", "1", "--raw"), "one\nby hand\ncareful\n")
        self.assertEqual(self.json("job", "log", "1")[-1]["level"], "warning")

    def append_input(self, command, number, given, code=0):
        process = subprocess.run([PROGRAM, "-C", str(self.home), "job", command, str(number), "--append", "-"],
                                 input=given, env=environment(), capture_output=True, timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, code, process)

    def test_takes_standard_input_line_by_line(self):
        self.add("good")
        lines = [f"line {number}" for number in range(20_000)]
        self.append_input("log", 1, "\n".join(lines).encode() + b"\n")
        self.assertEqual(self.ok("job", "log", "1", "--raw").splitlines(), lines)

    def test_refuses_what_is_too_long(self):
        self.add("good")
        self.append_input("response", 1, b"x" * ((16 << 20) + 1), code=2)
        self.assertIsNone(self.json("job", "response", "1")["response"])

    def test_can_be_added_to_from_inside_a_running_task(self):
        self.task("talks", shell(f'echo before; "{PROGRAM}" job log --append "from inside" || exit 9; '
                                 f'echo x | "{PROGRAM}" job response --append - || exit 8; echo after'))
        answer = self.periodic("run", "talks")
        self.assertEqual(answer.code, 0, answer)
        lines = answer.out.splitlines()
        self.assertEqual(sorted(lines), ["after", "before", "from inside"])
        self.assertEqual(self.ok("job", "response", "talks"), "x\n")

    def test_can_be_added_to_while_another_process_runs_the_job(self):
        number, other = self.start_long()
        self.ok("job", "log", str(number), "--append", "from outside")
        self.ok("job", "response", str(number), "--append", "partly")
        self.until(lambda: "from outside" in self.ok("job", "log", str(number), "--raw"))
        self.let_go(other)
        self.assertEqual(self.ok("job", "response", str(number)), "partly")
        self.assertEqual(self.state(number), "succeeded")

    def test_is_followed_to_the_end_of_a_job_that_runs(self):
        self.task("counts", shell('echo 1; until [ -e "$PERIODIC_HOME/go" ]; do sleep 0.02; done; echo 2'))
        self.add("counts")
        following = self.start("job", "log", "-f", "counts", "--output", "json")
        plain = self.start("job", "log", "-f", "counts", "--raw")
        running = self.start("run")
        self.assertIn(b'"text":"1"', following.stdout.readline())
        self.write("go", "")
        running.communicate(timeout=PATIENCE_SECONDS)
        out, _ = following.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual((following.returncode, len(out.splitlines())), (0, 1))
        self.assertEqual(plain.communicate(timeout=PATIENCE_SECONDS)[0], b"1\n2\n")

    def test_that_is_followed_says_what_a_job_waits_for(self):
        self.add("good", "--in", "1h")
        following = self.start("job", "log", "-f", "1")
        self.assertIn(b"job 1 (good) is queued, waits for its time", following.stderr.readline())
        self.ok("job", "stop", "1")
        self.assertEqual(following.communicate(timeout=PATIENCE_SECONDS)[0], b"")
        self.assertEqual(self.start("job", "log", "-f", "1").communicate(timeout=PATIENCE_SECONDS)[1], b"")

    def test_refuses_what_does_not_go_together(self):
        self.add("good")
        for words in (["--append", "x", "-f"], ["--append", "x", "-n", "3"], ["--append", "x", "--raw"],
                      ["--level", "info"], ["--append", "x", "--level", "loud"]):
            answer = self.periodic("job", "log", "1", *words)
            self.assertEqual((answer.code, answer.out), (2, ""), (words, answer))

    def test_of_no_job_at_all_is_an_error(self):
        for command in ("log", "response"):
            self.assertEqual(self.periodic("job", command).code, 1)
            self.assertEqual(self.periodic("job", command, "9", "--append", "x").code, 1)


class Response(JobsTest):
    def test_can_be_added_to(self):
        self.ok("run", "good")
        self.ok("job", "response", "1", "--append", ", and more")
        self.assertEqual(self.ok("job", "response", "good"), "the answer, and more")


if __name__ == "__main__":
    unittest.main()
