"""check finds everything that is wrong, at its place."""

import os
import unittest

from home import HomeTest, shell

OK_TASK = shell("true")


class Check(HomeTest):
    def problems(self, code=78):
        document = self.json("check", code=code)
        self.assertEqual(set(document), {"ok", "problems"})
        self.assertEqual(document["ok"], code == 0)
        for problem in document["problems"]:
            self.assertEqual(set(problem), {"severity", "file", "line", "column", "message", "hint"})
        return document["problems"]

    def places(self, code=78):
        """(file, line, column) of each problem."""
        return [(os.path.basename(p["file"] or ""), p["line"], p["column"]) for p in self.problems(code)]

    def test_finds_nothing_in_a_sound_home(self):
        self.task("a", OK_TASK)
        self.crontab("@daily a\n")
        self.assertEqual(self.problems(code=0), [])
        self.assertEqual(self.ok("check"), "All is well: 1 entry, 1 task.\n")

    def test_shows_mistakes_as_a_compiler_does(self):
        self.task("mail", OK_TASK)
        self.crontab("0 5 * * *  mial\n")
        answer = self.periodic("check")
        self.assertEqual(answer.code, 78)
        self.assertEqual(answer.err, f"{self.home}/crontab:1:12: there is no task 'mial'\n"
                                     "    0 5 * * *  mial\n"
                                     "               ^\n"
                                     "    did you mean 'mail'?\n")
        self.assertEqual(answer.out, "1 error, 0 warnings.\n")

    def test_finds_every_broken_line_of_a_crontab(self):
        self.task("a", OK_TASK)
        self.crontab("""\
            61 * * * *  a
            @daily      a
            @dayly      a
            0 0 30 2 *  a
            MAILTO=root
            * * * * *   ../../etc/passwd
            @hourly     a
            @hourly     a
            * * * * *   a  key="open
            """)
        lines = [line for _, line, _ in self.places()]
        self.assertEqual(sorted(set(lines)), [1, 3, 4, 5, 6, 8, 9])

    def test_shows_the_first_of_very_many_and_counts_the_rest(self):
        self.crontab("".join(f"6{n % 10} * * * *  a\n" for n in range(700)))
        for words, code in ((("check",), 78), (("run",), 78), (("next",), 78), (("pending",), 78), (("tasks",), 78)):
            with self.subTest(words):
                answer = self.periodic(*words)
                self.assertEqual(answer.code, code, answer)
                shown = [line for line in answer.err.splitlines() if line.startswith(str(self.home))]
                self.assertEqual(len(shown), 20)
                self.assertIn("/crontab:20:1: ", shown[-1])
                self.assertTrue(answer.err.endswith("\nperiodic: and 680 more problems; mend those above first\n"),
                                answer.err[-200:])
        self.assertEqual(self.periodic("check").out, "700 errors, 0 warnings.\n")
        problems = self.problems()
        self.assertEqual([p["line"] for p in problems[:500]], list(range(1, 501)))
        self.assertEqual(problems[500]["message"], "and 200 more problems; mend those above first")
        self.assertEqual(len(problems), 501)

    def test_shows_twenty_mistakes_whole(self):
        self.crontab("61 * * * *  a\n" * 20)
        answer = self.periodic("check")
        self.assertEqual(answer.err.count("/crontab:"), 20)
        self.assertNotIn("more", answer.err)

    def test_shows_the_first_of_a_configurations_mistakes(self):
        self.write("periodic.xml", "<periodic>" + "\n<broken/>" * 30 + "</periodic>")
        for command in ("check", "run", "next"):
            answer = self.periodic(command)
            self.assertEqual(answer.code, 78, answer)
            self.assertEqual(answer.err.count("/periodic.xml:"), 20, answer)
            self.assertTrue(answer.err.endswith("\nperiodic: and 10 more problems; mend those above first\n"), answer)

    def test_warnings_hide_no_error(self):
        for n in range(25):
            self.write(f"tasks/stray-{n}", "")
        self.crontab("@daily  nothing\n")
        answer = self.periodic("check")
        self.assertIn("there is no task 'nothing'", answer.err)
        self.assertIn("and 6 more problems", answer.err)

    def test_finds_expressions_that_never_match(self):
        self.task("a", OK_TASK)
        self.write("crontab", "\n  0 0 31 4,6 *   a\n")
        self.assertEqual(self.places(), [("crontab", 2, 3)])

    def test_finds_parameters_that_a_task_refuses(self):
        self.task("a", OK_TASK, extra="<parameters><parameter name='list' required='true' "
                                      "pattern='[a-z]+'/></parameters>")
        self.crontab("@daily a\n@daily a list=UPPER\n@daily a list=x other=1\n@daily a list=x\n")
        self.assertEqual(self.places(), [("crontab", 1, 8), ("crontab", 2, 10), ("crontab", 3, 10)])

    def test_finds_the_mistakes_below_a_bad_zone(self):
        self.task("a", OK_TASK, extra="<parameters><parameter name='list'/></parameters>")
        self.crontab("@daily a\nCRON_TZ=Europe/Berln\n@daily b\n@hourly a other=1\n@hourly a list=x\n61 * * * * a\n"
                     "CRON_TZ=Nowhere\n@daily c\n")
        self.assertEqual(sorted(self.places()), [("crontab", 2, 9), ("crontab", 3, 8), ("crontab", 4, 11),
                                                 ("crontab", 6, 1), ("crontab", 7, 9), ("crontab", 8, 8)])

    def test_warns_of_what_is_no_task_among_the_tasks(self):
        self.task("a", OK_TASK)
        for name in ("my task.xml", "UP.XML", "x.sh", ".hidden.xml", "a.xml~", "a.xml.bak"):
            self.write(f"tasks/{name}", "<task/>")
        (self.home / "tasks" / "more").mkdir()
        problems = self.problems(code=0)
        self.assertEqual([(p["severity"], os.path.basename(p["file"])) for p in problems],
                         [("warning", name) for name in ("UP.XML", "more", "my task.xml", "x.sh")])
        for problem in problems:
            self.assertTrue(problem["hint"])

    def test_tells_once_of_bare_characters_and_names_cdata(self):
        cases = {"ampersands": "a && b && c 2>&1", "input": "sort < in && more", "input-name": "cat <in >out",
                 "input-end": "cat <in", "here": "cat <<END\nx\nEND"}
        for name, text in cases.items():
            with self.subTest(name):
                self.write("tasks/a.xml", f"<task>\n<command type='shell'>{text}</command>\n</task>")
                problems = self.problems()
                self.assertLessEqual(len(problems), 2, problems)
                self.assertIn("<![CDATA[ ... ]]>", problems[0]["hint"])
        self.write("tasks/a.xml", "<task>\n<command type='a & b'>x</command></task>")
        self.assertNotIn("CDATA", self.problems()[0]["hint"])

    def test_has_nothing_against_a_journal_that_is_deleted(self):
        self.write("periodic.xml", "<periodic><store url='sqlite:periodic.db' journal='delete'/></periodic>")
        self.assertEqual(self.problems(code=0), [])

    def test_finds_all_mistakes_of_all_tasks(self):
        self.write("tasks/a.xml", "<task>\n<comand type='shell'>x</comand>\n<command type='shel'>x</command>\n</task>")
        self.write("tasks/b.xml", "<task>")
        self.write("tasks/c.xml", "")
        places = self.places()
        self.assertIn(("a.xml", 2), [place[:2] for place in places])
        self.assertIn(("a.xml", 3), [place[:2] for place in places])
        self.assertIn("b.xml", [place[0] for place in places])
        self.assertIn("c.xml", [place[0] for place in places])
        self.assertIn("did you mean", self.periodic("check").err)

    def test_finds_follow_ups_that_do_not_exist(self):
        self.task("a", OK_TASK, config="<onSuccess task='nothing'/>")
        self.assertIn("'nothing'", self.problems()[0]["message"])

    def test_finds_settings_that_are_unknown(self):
        self.write("periodic.xml", "<periodic>\n<timezone>UTC</timezone>\n</periodic>")
        self.assertEqual(self.places()[0][:2], ("periodic.xml", 2))

    def test_finds_a_zone_that_does_not_load(self):
        self.write("periodic.xml", "<periodic><timeZone>Nowhere/City</timeZone></periodic>")
        self.assertIn("Nowhere/City", self.problems()[0]["message"])

    def test_finds_a_crontab_or_directory_of_tasks_that_is_missing(self):
        (self.home / "crontab").unlink()
        (self.home / "tasks").rmdir()
        names = [place[0] for place in self.places()]
        self.assertIn("crontab", names)
        self.assertEqual(len(names), 2, names)

    def test_finds_a_state_directory_that_is_none(self):
        self.write("var", "a file")
        self.assertIn("var", self.problems()[0]["message"])

    def test_finds_a_store_that_is_damaged(self):
        self.write("var/periodic.db", "this is no database " * 1000)
        self.assertIn("periodic.db", self.problems()[0]["message"])

    @unittest.skipIf(os.geteuid() != 0, "only root has to trust")
    def test_finds_files_that_others_could_change_when_root_asks(self):
        self.task("a", OK_TASK)
        os.chmod(self.home / "tasks" / "a.xml", 0o666)
        os.chown(self.home / "crontab", 65534, 65534)
        messages = " ".join(f"{p['file']} {p['message']}" for p in self.problems())
        self.assertIn("a.xml", messages)
        self.assertIn("crontab", messages)

    def test_warns_of_a_directory_that_is_missing_and_that_is_fine(self):
        self.task("a", OK_TASK, config="<directory>/nonexistent/place</directory>")
        self.assertEqual([p["severity"] for p in self.problems(code=0)], ["warning"])
        self.assertIn("warning: ", self.periodic("check").err)

    def test_changes_nothing(self):
        self.task("a", OK_TASK)
        before = sorted(self.home.rglob("*"))
        self.periodic("check")
        self.assertEqual(sorted(self.home.rglob("*")), before)


if __name__ == "__main__":
    unittest.main()
