"""tasks: which there are."""

import unittest

from home import HomeTest, shell

MEMBERS = {"name", "description", "schedules", "parameters", "last_state", "paused", "problem"}


class Tasks(HomeTest):
    def setUp(self):
        super().setUp()
        self.write("tasks/mail.xml", """<task><description>Sends mail</description><parameters>
            <parameter name="list" required="true" pattern="[a-z]+"/>
            <parameter name="batch" type="integer" default="100"/></parameters>
            <command type="shell">true</command></task>""")
        self.crontab("CRON_TZ=Asia/Tokyo\n@yearly  g:mail  list=all\n")

    def test_have_every_member_in_json(self):
        found = self.json("tasks")
        self.assertEqual(set(found[0]), MEMBERS)
        schedule = found[0]["schedules"][0]
        self.assertTrue(schedule.pop("next_time").endswith("-01-01T00:00:00+09:00"))
        self.assertIsInstance(schedule.pop("next_epoch"), int)
        self.assertEqual(schedule, {"when": "@yearly", "zone": "Asia/Tokyo", "group": "g",
                                    "parameters": {"list": "all"}})
        self.assertEqual(found[0]["parameters"], [
            {"name": "list", "type": "string", "required": True, "default": None, "pattern": "[a-z]+"},
            {"name": "batch", "type": "integer", "required": False, "default": "100", "pattern": None}])
        self.assertEqual((found[0]["description"], found[0]["last_state"], found[0]["paused"],
                          found[0]["problem"]), ("Sends mail", None, False, None))

    def test_tell_how_they_ended_last(self):
        self.ok("run", "mail", "list=x")
        self.assertEqual(self.json("tasks")[0]["last_state"], "succeeded")
        self.assertIn("succeeded", self.ok("tasks"))

    def test_show_what_is_broken_beside_what_is_not(self):
        self.write("tasks/bad.xml", "<task><comand/></task>")
        found = self.json("tasks", code=78)
        self.assertEqual([each["name"] for each in found], ["bad", "mail"])
        self.assertIn("comand", found[0]["problem"])
        self.assertIsNone(found[1]["problem"])
        answer = self.periodic("tasks")
        self.assertEqual(answer.code, 78)
        self.assertIn("bad.xml:1:", answer.err)
        self.assertIn("Sends mail", answer.out)

    def test_with_many_schedules_show_the_first_few(self):
        self.task("other", shell("true"))
        self.crontab("".join(f"{minute} 5 * * *  mail  list=all\n" for minute in range(50)))
        lines = self.ok("tasks").splitlines()
        self.assertEqual(len(lines), 1 + 4 + 1)
        self.assertEqual(lines[4].strip(), "and 47 more")
        self.assertEqual(len(self.ok("tasks", "mail").splitlines()), 51)
        self.assertEqual(len(self.json("tasks")[0]["schedules"]), 50)
        self.crontab("".join(f"{minute} 5 * * *  mail  list=all\n" for minute in range(4)))
        self.assertNotIn("more", self.ok("tasks"))

    def test_name_the_zones_of_times_that_differ(self):
        self.task("other", shell("true"))
        self.assertNotIn("Asia/Tokyo", self.ok("tasks"))
        self.crontab("@daily other\nCRON_TZ=Asia/Tokyo\n@daily  mail  list=all\n")
        text = self.ok("tasks")
        self.assertRegex(text, r"mail +@daily +\S+ 00:00:00 Asia/Tokyo")
        self.assertRegex(text, r"other +@daily +\S+ 00:00:00 UTC")

    def test_can_be_asked_for_one_by_one(self):
        self.task("other", shell("true"))
        self.assertEqual([each["name"] for each in self.json("tasks", "mail")], ["mail"])
        answer = self.periodic("tasks", "mial")
        self.assertEqual((answer.code, answer.out), (1, ""))
        self.assertIn("did you mean 'mail'?", answer.err)

    def test_that_cannot_be_listed_mean_a_broken_home(self):
        (self.home / "tasks" / "mail.xml").unlink()
        (self.home / "tasks").rmdir()
        answer = self.periodic("tasks")
        self.assertEqual((answer.code, answer.out), (78, ""), answer)

    def test_are_read_without_making_a_store(self):
        self.ok("tasks")
        self.assertFalse((self.home / "var").exists())


if __name__ == "__main__":
    unittest.main()
