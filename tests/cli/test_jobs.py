"""job list, show, log and response."""

import unittest

from home import HomeTest, shell
from test_run_task import JOB_MEMBERS


class Jobs(HomeTest):
    def setUp(self):
        super().setUp()
        self.task("good", shell('echo one; echo two >&2; printf "the answer" >> "$PERIODIC_RESPONSE"'))
        self.task("bad", shell("exit 3"))

    def run_some(self):
        for name in ("good", "bad", "good"):
            self.periodic("run", name)

    def ids(self, *words):
        return [job["id"] for job in self.json("job", "list", *words)["jobs"]]

    def test_are_none_in_a_new_home_and_none_are_made_by_looking(self):
        self.assertEqual(self.json("job", "list", "--total"), {"jobs": [], "next_cursor": None, "total": 0})
        self.assertEqual(self.ok("job", "list"), "")
        self.assertFalse((self.home / "var").exists())

    def test_are_listed_newest_first_with_every_member(self):
        self.run_some()
        document = self.json("job", "list")
        self.assertEqual(set(document), {"jobs", "next_cursor", "total"})
        self.assertEqual([job["id"] for job in document["jobs"]], [3, 2, 1])
        for job in document["jobs"]:
            self.assertEqual(set(job), JOB_MEMBERS)
        self.assertEqual((document["next_cursor"], document["total"]), (None, None))

    def test_can_be_filtered(self):
        self.run_some()
        self.assertEqual(self.ids("good"), [3, 1])
        self.assertEqual(self.ids("--task", "bad"), [2])
        self.assertEqual(self.ids("--state", "failed,stopped"), [2])
        self.assertEqual(self.ids("2-9"), [3, 2])
        self.assertEqual(self.ids("1", "3"), [3, 1])
        self.assertEqual(self.ids("--group", "none"), [])
        self.assertEqual(self.ids("99"), [])

    def test_are_pending_in_the_order_in_which_they_are_run(self):
        for priority in (-5, 0, 3):
            self.ok("job", "add", "good", f"p={priority}", "--priority", str(priority))
        self.assertEqual([job["parameters"]["p"] for job in self.json("pending")], ["3", "0", "-5"])

    def test_come_in_pages(self):
        self.run_some()
        first = self.json("job", "list", "--limit", "2", "--total")
        self.assertEqual([job["id"] for job in first["jobs"]], [3, 2])
        self.assertEqual(first["total"], 3)
        last = self.json("job", "list", "--limit", "2", "--after", str(first["next_cursor"]))
        self.assertEqual(([job["id"] for job in last["jobs"]], last["next_cursor"]), ([1], None))

    def test_are_a_table_in_text(self):
        self.run_some()
        lines = self.ok("job", "list").splitlines()
        self.assertEqual(lines[0].split()[:3], ["ID", "STATE", "TASK"])
        self.assertEqual([line.split()[:3] for line in lines[1:]],
                         [["3", "succeeded", "good"], ["2", "failed", "bad"], ["1", "succeeded", "good"]])

    def test_are_shown_with_their_events(self):
        self.run_some()
        job = self.json("job", "show", "2")
        self.assertEqual(set(job), JOB_MEMBERS | {"events", "children"})
        self.assertEqual((job["reason"], job["exit_code"]), ("exit", 3))
        for event in job["events"]:
            self.assertEqual(set(event), {"time", "epoch", "event", "by", "detail"})
        self.assertIn("created", [event["event"] for event in job["events"]])
        self.assertIn("Events\n", self.ok("job", "show", "2"))

    def test_are_shown_with_the_jobs_that_they_added(self):
        self.task("many", '<command type="task"><name>good</name></command>' * 24,
                  config='<onSuccess task="last"/>')
        self.task("last", shell("exit 1"))
        parent = self.json("run", "many")["id"]
        self.periodic("run")  # now all of them have ended
        children = self.json("job", "show", str(parent))["children"]
        ids = [job["id"] for job in self.json("job", "list", "--above", str(parent))["jobs"]]
        self.assertEqual((children["count"], [child["id"] for child in children["newest"]]), (25, ids[:20]))
        newest = children["newest"][0]
        self.assertEqual(set(newest), {"id", "task", "group", "state", "reason", "created_time", "created_epoch"})
        self.assertEqual((newest["task"], newest["state"]), ("last", "failed"))
        self.assertEqual(self.json("job", "show", str(newest["id"]))["children"], {"count": 0, "newest": []})
        text = self.ok("job", "show", str(parent))
        self.assertIn("\nChildren: the newest 20 of 25\n", text)
        self.assertRegex(text, rf"(?m)^ *{newest['id']}  failed +last ")
        self.assertNotRegex(text, rf"(?m)^ *{ids[20]}  ")
        self.assertNotIn("Children", self.ok("job", "show", str(newest["id"])))
        self.ok("job", "delete", f"{ids[-1]}-{ids[2]}")
        self.assertIn("\nChildren\n", self.ok("job", "show", str(parent)))

    def test_have_a_log(self):
        self.run_some()
        lines = self.json("job", "log", "1")
        for line in lines:
            self.assertEqual(set(line), {"seq", "time", "epoch", "level", "stream", "text"})
        said = {(line["stream"], line["level"], line["text"]) for line in lines}
        self.assertLessEqual({("stdout", "info", "one"), ("stderr", "warning", "two")}, said)
        self.assertEqual([line["seq"] for line in lines], sorted({line["seq"] for line in lines}))
        self.assertIn("warning: two\n", self.ok("job", "log", "1"))
        self.assertIn("one\n", self.ok("job", "log", "1", "--raw").splitlines(keepends=True))
        self.assertEqual(len(self.json("job", "log", "1", "--lines", "1")), 1)
        self.assertEqual(self.json("job", "log", "1", "--lines", "0"), [])

    def test_have_a_log_that_can_be_followed_to_its_end(self):
        self.run_some()
        answer = self.periodic("job", "log", "-f", "1", "--output", "json")
        self.assertEqual(answer.code, 0, answer)
        self.assertGreaterEqual(len(answer.out.splitlines()), 2)
        self.assertTrue(all(line.startswith("{") for line in answer.out.splitlines()))

    def test_have_a_response(self):
        self.run_some()
        self.assertEqual(self.ok("job", "response", "1"), "the answer")
        self.assertEqual(self.json("job", "response", "1"), {"id": 1, "response": "the answer"})
        self.assertEqual(self.json("job", "response", "2"), {"id": 2, "response": None})

    def test_that_do_not_exist_are_an_error(self):
        for command in ("show", "log", "response"):
            answer = self.periodic("job", command, "99")
            self.assertEqual((answer.code, answer.out), (1, ""), answer)
            self.assertIn("99", answer.err)

    def test_with_ids_that_are_none_are_wrong_usage(self):
        for command in ("show", "log", "response"):
            for text in ("0", "-1", "99999999999999999999", ""):
                answer = self.periodic("job", command, text)
                self.assertEqual((answer.code, answer.out), (2, ""), answer)

    def test_with_filters_that_are_none_are_wrong_usage(self):
        for words in (["--state", "broken"], ["9-2"], ["--limit", "0"], ["--limit", "5001"],
                      ["--after", "x"], ["a", "b"], ["1-99999999"]):
            answer = self.periodic("job", "list", *words)
            self.assertEqual((answer.code, answer.out), (2, ""), answer)


if __name__ == "__main__":
    unittest.main()
