"""pause and resume."""

import unittest

from home import shell
from jobs_by_hand import JobsTest

MEMBERS = {"scope", "name", "since_time", "since_epoch", "until_time", "until_epoch", "reason", "by"}


class Pause(JobsTest):
    def pauses(self):
        return [(pause["scope"], pause["name"]) for pause in self.json("pause")]

    def test_alone_lists_what_is_paused(self):
        self.assertEqual(self.json("pause"), [])
        self.assertEqual(self.ok("pause"), "")
        self.ok("pause", "--task", "good", "--reason", "the disk", "--until", "2099-01-01T00:00:00Z")
        self.ok("pause", "--all")
        self.assertEqual(self.pauses(), [("task", "good"), ("all", None)])
        pause = self.json("pause")[0]
        self.assertEqual(set(pause), MEMBERS)
        self.assertEqual((pause["reason"], pause["until_time"]), ("the disk", "2099-01-01T00:00:00.000+00:00"))
        self.assertTrue(pause["by"])
        text = self.ok("pause")
        self.assertIn("the disk", text)
        self.assertIn("2099-01-01 00:00:00", text)

    def test_of_a_bare_word_asks_whether_it_is_a_task(self):
        for command in ("pause", "resume"):
            answer = self.periodic(command, "good")
            self.assertEqual((answer.code, answer.out), (2, ""), answer)
            self.assertIn("did you mean --task good?", answer.err)
        self.assertIn("this command takes none", self.periodic("prune", "good").err)

    def test_of_a_topic_that_nothing_has_points_at_the_slip(self):
        self.task("mail", shell("true"), config="<topic>mail</topic>")
        self.write("periodic.xml", '<periodic><workers><pool topic="bulk"/></workers></periodic>')
        self.task("broken", "<comand/>")
        answer = self.periodic("pause", "--topic", "mial")
        self.assertEqual((answer.code, answer.out), (0, "Paused the topic mial.\n"), answer)
        self.assertEqual(answer.err, "periodic: no pool, task or job has the topic 'mial'; did you mean 'mail'?\n")
        for topic in ("mail", "bulk", "default"):
            self.assertEqual(self.periodic("pause", "--topic", topic).err, "", topic)
        self.ok("resume", "--topic", "mail")
        self.add("mail")
        (self.home / "tasks/mail.xml").unlink()
        self.assertEqual(self.periodic("pause", "--topic", "mail").err, "", "a job has it")

    def test_lets_jobs_wait_until_it_is_over(self):
        self.task("mail", shell("true"), config="<topic>mail</topic>")
        for scope, name, words in (("task", "good", ["good"]), ("group", "night", ["good", "--group", "night"]),
                                   ("topic", "mail", ["mail"])):
            with self.subTest(scope):
                number = self.add(*words)
                self.assertEqual(self.ok("pause", f"--{scope}", name), f"Paused the {scope} {name}.\n")
                other = self.add("bad")
                self.periodic("run")
                job = self.job(number)
                self.assertEqual((job["state"], job["waiting_for"], self.state(other)), ("queued", "paused", "failed"))
                self.assertEqual(self.ok("resume", f"--{scope}", name), f"Resumed the {scope} {name}.\n")
                self.ok("run")
                self.assertEqual(self.state(number), "succeeded")

    def test_of_everything_holds_everything_back(self):
        self.add("good")
        self.ok("pause", "--all")
        self.ok("run")
        self.assertEqual(self.state(1), "queued")
        self.ok("resume", "--all")
        self.ok("run")
        self.assertEqual(self.state(1), "succeeded")

    def test_skips_what_comes_due_on_record(self):
        self.ok("pause", "--task", "good")
        self.crontab("@every 1s good\n")
        self.until(lambda: self.periodic("run") and self.json("job", "list", "--state", "skipped")["jobs"])
        jobs = self.json("job", "list", "--state", "skipped")["jobs"]
        self.assertEqual({job["reason"] for job in jobs}, {"paused"})

    def test_lets_run_task_go_ahead(self):
        self.ok("pause", "--all")
        self.assertEqual(self.ok("run", "good"), "one\n")

    def test_ends_by_itself(self):
        self.add("good")
        self.ok("pause", "--all", "--until", "1s")
        self.until(lambda: self.pauses() == [])
        self.ok("run")
        self.assertEqual(self.state(1), "succeeded")

    def test_is_seen_in_tasks(self):
        self.task("mail", shell("true"), config="<topic>post</topic>")
        paused = lambda: {task["name"] for task in self.json("tasks") if task["paused"]}
        self.assertEqual(paused(), set())
        self.ok("pause", "--task", "good")
        self.ok("pause", "--topic", "post")
        self.assertEqual(paused(), {"good", "mail"})
        self.assertIn("paused", self.ok("tasks", "good"))
        self.ok("pause", "--all")
        self.assertEqual(paused(), {"good", "bad", "long", "mail"})

    def test_of_a_group_is_seen_at_its_lines(self):
        self.crontab("@daily night:good\n@daily good\n")
        self.ok("pause", "--group", "night")
        lines = self.ok("tasks", "good").splitlines()[1:]
        self.assertEqual([", its group is paused" in line for line in lines], [True, False], lines)

    def test_refuses_what_is_wrong(self):
        for words, code in ((["--task", "good", "--all"], 2), (["--task", "good", "--group", "g"], 2), (["--until", "1h"], 2),
                            (["--reason", "x"], 2), (["--all", "--until", "-1h"], 2), (["--all", "--until", "soon"], 2),
                            (["--group", "a b"], 2), (["--task", ""], 2), (["--task", "godo"], 1), (["good"], 2)):
            answer = self.periodic("pause", *words)
            self.assertEqual((answer.code, answer.out), (code, ""), (words, answer))
        self.assertEqual(self.pauses(), [])

    def test_in_json_is_what_was_done(self):
        self.assertEqual(set(self.json("pause", "--all")), MEMBERS)
        self.assertEqual(self.json("resume", "--all"), {"scope": "all", "name": None, "resumed": True})


class Resume(JobsTest):
    def test_of_what_is_not_paused_is_fine_and_said(self):
        self.assertEqual(self.ok("resume", "--task", "good"), "There was no pause of the task good.\n")
        self.assertEqual(self.json("resume", "--all")["resumed"], False)

    def test_says_what_is_still_paused(self):
        self.ok("pause", "--task", "good")
        self.ok("pause", "--all")
        self.assertIn("Still paused:\n", self.ok("resume", "--all"))
        self.assertEqual(self.json("pause")[0]["name"], "good")

    def test_of_nothing_is_wrong_usage(self):
        self.assertEqual(self.periodic("resume").code, 2)


if __name__ == "__main__":
    unittest.main()
