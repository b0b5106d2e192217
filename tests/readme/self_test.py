"""The check of the documents finds what it is for."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import configuration
import links
import manual
import readme


class Documents(unittest.TestCase):
    def complaints(self, text):
        with tempfile.TemporaryDirectory() as folder:
            document = pathlib.Path(folder) / "a.md"
            document.write_text(text, encoding="utf-8")
            return readme.check(document)

    def test_what_is_true_passes(self):
        text = "```console\n$ cd ~\n$ pwd\n/home/you\n```\ntext\n```sh\ntrue  # a comment\n```\n```cpp\nint x;\n```\n"
        self.assertEqual(self.complaints(text), (3, []))

    def test_a_time_stands_for_any_other(self):
        text = "```console\n$ echo 2026-01-01 10:00:00 in 3s\n2025-02-03   11:11:11 in 90s\n```\n"
        self.assertEqual(len(self.complaints(text)[1]), 1)
        self.assertEqual(self.complaints(text.replace("03   11", "03 11"))[1], [])

    def test_exact_is_exact(self):
        text = "```console exact\n$ echo in 3s\nin 4s\n```\n"
        self.assertEqual(len(self.complaints(text)[1]), 1)

    def test_other_output_is_found(self):
        self.assertIn("printed", self.complaints("```console\n$ echo a\nb\n```\n")[1][0])

    def test_missing_output_is_found(self):
        self.assertEqual(len(self.complaints("```console\n$ echo a\n```\n")[1]), 1)

    def test_a_failing_command_is_found(self):
        self.assertIn("exit 3", self.complaints("```sh\n(exit 3)\n```\n")[1][0])

    def test_a_source_that_does_not_compile_is_found(self):
        self.assertIn("error", self.complaints("```cpp\nint x\n```\n")[1][0])

    def test_a_source_that_would_abort_is_found(self):
        text = "```cpp\n#include <optional>\nint x = std::optional(1).value();\n```\n"
        self.assertIn("aborts", self.complaints(text)[1][0])


class Manual(unittest.TestCase):
    HELP = "Commands:\n  run       Runs,\n            and more\n  job list  Lists\n\nOptions, before:\n  -C, --home DIR  home\n\n"
    TEXT = ("Usage: periodic run [OPTION...]\n\nRuns it.\n\nWhat's\nlong.\n\nOptions:\n      --budget D  no more\n"
            "                  then\n\nExamples:\n  periodic run -n 3\n")
    PAGE = (".TH X\n.SH DESCRIPTION\nRuns it.\n.PP\nWhat\\(aqs long.\n.SH OPTIONS\n.TP\n\\fB\\-\\-budget\\fR \\fID\\fR\nno more then\n"
            ".SH EXAMPLES\n.nf\nperiodic run \\-n 3\n.fi\n")

    def test_the_commands_are_found(self):
        self.assertEqual(manual.commands_in_help(self.HELP), ["run", "job list"])

    def test_a_page_with_all_of_the_help_passes(self):
        self.assertEqual(manual.missing(self.PAGE, self.TEXT), [])

    def test_what_is_missing_is_found(self):
        self.assertEqual(manual.missing(self.PAGE.replace("budget", "wage"), self.TEXT), ["--budget D no more then"])
        self.assertEqual(manual.missing(self.PAGE.replace("long", "short"), self.TEXT), ["What's long."])
        self.assertEqual(manual.missing(self.PAGE.replace("-n 3", "-n 4"), self.TEXT), ["periodic run -n 3"])


class Links(unittest.TestCase):
    def test_that_lead_nowhere_are_found(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "a.md"
            page.write_text("# What `x` is, it's a\n[1](#what-x-is-its-a) [2](a.md) [3](https://a.b/c) `[4](no)`\n"
                            "[5](b.md) [6](#b) [7](a.md#c)\n```\n[8](no)\n```\n", encoding="utf-8")
            found = [line.rsplit(" ", 1)[1] for line in links.broken(page)]
        self.assertEqual(found, ["b.md", "#b", "#c"])


class Configuration(unittest.TestCase):
    READER = '{"lock",\n [](const Element&) {}}, {"pool", &read_pool} attribute_field(element, "after")'
    SCHEMA = ('<schema xmlns="http://www.w3.org/2001/XMLSchema"><element name="periodic"/><element name="lock"/>'
              '<element name="pool"/><attribute name="after"/><enumeration value="wal"/></schema>')
    PAGE = "| `after=` | `wal` |\n| `<lock>` | |\n| attribute of `<pool>` | |\n"

    def mistakes(self, page):
        return list(configuration.mistakes(page, self.READER, self.SCHEMA))

    def test_a_page_with_all_names_passes(self):
        self.assertEqual(self.mistakes(self.PAGE), [])

    def test_what_is_missing_or_unknown_is_found(self):
        self.assertEqual(self.mistakes(self.PAGE.replace("after", "before").replace("wal", "wall")),
                         ["after= is not in the page", "before= is in the page alone", "the word wal is not in the page"])


if __name__ == "__main__":
    os.environ.setdefault("CXX", "c++")
    unittest.main()
