"""What is common to all commands: help, options, unknown words, where output goes."""

import os
import subprocess
import unittest

from home import PROGRAM, HomeTest, call, environment

COMMANDS = ["init", "new", "run", "check", "next", "pending", "tasks", "commands", "job list",
            "job show", "job log", "job response", "job add", "job start", "job run", "job auto", "job stop",
            "job kill", "job retry", "job edit", "job delete", "job reset", "pause", "resume", "prune",
            "unlock", "import", "completion", "version"]


class Help(unittest.TestCase):
    def test_lists_every_command(self):
        for words in (["help"], ["--help"], ["-h"]):
            answer = call(*words)
            self.assertEqual(answer.code, 0, answer)
            self.assertEqual(answer.err, "")
            for command in COMMANDS:
                self.assertIn(f"  {command} ", answer.out)

    def test_says_of_every_command_how_it_is_used_in_both_ways(self):
        for command in COMMANDS:
            one = call("help", *command.split())
            other = call(*command.split(), "--help")
            self.assertEqual(one.code, 0, one)
            self.assertEqual(one.out, other.out)
            self.assertTrue(one.out.startswith(f"Usage: periodic {command} [OPTION...]"), one)
            self.assertIn("Examples:", one.out)

    def test_fits_a_hundred_columns(self):
        for command in COMMANDS:
            for line in call("help", *command.split()).out.split("Examples:")[0].splitlines():
                self.assertLessEqual(len(line), 100, line)

    def test_is_printed_to_standard_error_when_no_command_is_named(self):
        answer = call()
        self.assertEqual((answer.code, answer.out), (2, ""))
        self.assertIn("Usage: periodic", answer.err)

    def test_of_jobs_is_a_page_of_its_own(self):
        page = call("job", "--help")
        self.assertEqual((page.code, page.err), (0, ""), page)
        for words in (["help", "job"], ["job", "help"], ["job", "-h"]):
            self.assertEqual(call(*words).out, page.out)
        self.assertNotEqual(page.out, call("help").out)
        for command in COMMANDS:
            if command.startswith("job "):
                self.assertIn(f"  {command} ", page.out)
        for state in ("idle", "queued", "running", "succeeded", "aborted", "failed", "stopped", "skipped"):
            self.assertIn(state, page.out)
        for line in page.out.splitlines():
            self.assertLessEqual(len(line), 102, line)


class Mistakes(unittest.TestCase):
    def refused(self, *words, says):
        answer = call(*words)
        self.assertEqual((answer.code, answer.out), (2, ""), answer)
        self.assertIn(says, answer.err)

    def test_in_a_command_get_the_nearest_one(self):
        self.refused("chek", says="did you mean 'check'?")
        self.refused("job", "lst", says="did you mean 'job list'?")
        self.refused("job", says="job show")
        self.refused("frobnicate", says="'periodic help' lists the commands")

    def test_in_an_option_get_the_nearest_one(self):
        self.refused("next", "--explian", says="did you mean --explain?")
        self.refused("--ouput", "json", "version", says="did you mean --output?")
        self.refused("--explain", "next", says="stand after the command")

    def test_in_values_are_told_what_is_allowed(self):
        self.refused("version", "--output", "yaml", says="text, json")
        self.refused("version", "--log-level", "loud", says="debug, info, warning, error")
        self.refused("next", "-n", "many", says="a whole number")
        self.refused("version", "--output", says="needs a value")

    def test_in_the_number_of_arguments_are_refused(self):
        self.refused("version", "twice", says="unexpected argument 'twice'")
        self.refused("new", says="TASK is missing")
        self.refused("job", "run", says="ID is missing")

    def test_in_words_cannot_disturb_a_terminal(self):
        answer = call("\x1b[2Jchek")
        self.assertEqual(answer.code, 2)
        self.assertNotIn("\x1b", answer.err)


class GlobalOptions(unittest.TestCase):
    def test_stand_before_or_after_the_command(self):
        before = call("--output", "json", "version")
        after = call("version", "--output=json")
        self.assertEqual(before.out, after.out)
        self.assertEqual(set(before.document), {"name", "version"})

    def test_may_be_joined_as_short_ones_are(self):
        self.assertEqual(call("-qC/nonexistent", "version").out, call("version").out)

    def test_are_no_options_after_a_double_dash(self):
        self.assertIn("'-h'", call("version", "--", "-h").err)

    def test_count_as_they_were_given_last(self):
        self.assertEqual(call("--output", "json", "version", "--output", "text").out,
                         call("version").out)

    def test_can_ask_for_the_version(self):
        self.assertEqual(call("--version").out, call("version").out)


class StandardOutput(HomeTest):
    def test_that_is_full_is_an_error(self):
        with open("/dev/full", "wb") as full:
            process = subprocess.run([PROGRAM, "version"], stdout=full, stderr=subprocess.PIPE,
                                     env=environment())
        self.assertEqual(process.returncode, 74)
        self.assertIn(b"No space left on device", process.stderr)

    def test_that_nobody_reads_is_none(self):
        reader, writer = os.pipe()
        os.close(reader)
        process = subprocess.run([PROGRAM, "help"], stdout=writer, stderr=subprocess.PIPE,
                                 env=environment())
        os.close(writer)
        self.assertEqual((process.returncode, process.stderr), (0, b""))


class Commands(unittest.TestCase):
    def test_are_listed_without_a_home(self):
        answer = call("commands")
        self.assertEqual(answer.code, 0, answer)
        for name in ("shell", "exec", "fs.copy", "fs.move", "fs.remove", "fs.mkdir", "log", "sleep",
                     "fail", "abort", "reschedule"):
            self.assertIn(f"{name} ", answer.out)

    def test_are_described_one_by_one(self):
        answer = call("commands", "fs.copy")
        self.assertEqual(answer.code, 0, answer)
        self.assertIn("<src>", answer.out)
        self.assertIn("Required.", answer.out)
        self.assertIn("Example:", answer.out)

    def test_have_every_member_in_json(self):
        for command in call("commands", "--output", "json").document:
            self.assertLessEqual({"name", "summary", "children", "examples"}, set(command))
            for child in command["children"]:
                self.assertLessEqual({"name", "required", "default", "doc"}, set(child))

    def test_that_do_not_exist_are_an_error_with_the_nearest(self):
        answer = call("commands", "fs.cpoy")
        self.assertEqual((answer.code, answer.out), (1, ""))
        self.assertIn("did you mean 'fs.copy'?", answer.err)


if __name__ == "__main__":
    unittest.main()
