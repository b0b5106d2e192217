"""Aliases: a command line under a name of its own, in periodic.xml."""

import unittest

from home import call
from jobs_by_hand import JobsTest


class Alias(JobsTest):
    def alias(self, *pairs):
        lines = "".join(f'\n  <alias name="{name}">{command}</alias>' for name, command in pairs)
        self.write("periodic.xml", f"<periodic>{lines}\n</periodic>")

    def test_is_its_command_with_the_rest_behind_it(self):
        self.alias(("do", "job run"), ("queue", "job  add\n good a=1"))
        self.ok("check")
        self.assertEqual(self.ok("queue", "b=2", "--priority", "3"), "1\n")
        self.assertEqual((self.job(1)["parameters"], self.job(1)["priority"]), ({"a": "1", "b": "2"}, 3))
        self.assertEqual(self.ok("do", "1"), "one\n")

    def test_is_found_wherever_the_home_is_named(self):
        self.alias(("ls", "job list"))
        for words in (["-C", str(self.home), "ls"], ["ls", "-C", str(self.home)], ["ls", f"--home={self.home}"],
                      [f"-qC{self.home}", "ls"]):
            self.assertEqual(call(*words).code, 0, words)
        self.assertEqual(call("ls", cwd=self.home).code, 0)
        self.assertIn("unknown command 'ls'", call("ls").err)

    def test_has_the_help_of_its_command(self):
        self.alias(("do", "job run"))
        self.assertTrue(self.ok("help", "do").startswith("Usage: periodic job run"))
        self.assertTrue(self.ok("do", "--help").startswith("Usage: periodic job run"))

    def test_never_stands_for_a_command_of_ours_and_is_not_looked_up_again(self):
        self.alias(("version", "job list"), ("job", "version"), ("a", "b"), ("b", "version"), ("odd", "job"))
        self.assertTrue(self.ok("version").startswith("periodic "))
        self.assertEqual(self.ok("job", "list"), "")
        for name in ("a", "odd"):
            answer = self.periodic(name)
            self.assertEqual((answer.code, answer.out), (2, ""), answer)
        problems = self.json("check", code=78)["problems"]
        self.assertEqual([problem["line"] for problem in problems], [2, 3, 4, 6])
        self.assertIn("never used", problems[0]["message"])
        self.assertIn('\n      <alias name="a">b</alias>\n             ^\n', self.periodic("check").err)

    def test_that_is_unknown_is_an_unknown_command(self):
        self.alias(("do", "job run"))
        self.assertIn("unknown command 'dont'", self.periodic("dont").err)

    def test_in_a_broken_configuration_counts_as_far_as_it_is_sound(self):
        self.write("periodic.xml", '<periodic><nonsense/><alias name="v">version</alias></periodic>')
        self.assertTrue(self.ok("v").startswith("periodic "))


if __name__ == "__main__":
    unittest.main()
