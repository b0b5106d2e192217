"""init and new: what they write is sound, and nothing is overwritten."""

import os
import re
import stat
import tempfile
import pathlib
import shutil
import unittest

from home import HomeTest, call


class Init(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="periodic-cli-"))
        self.addCleanup(shutil.rmtree, self.base)

    def test_makes_a_home_that_is_sound_and_runs(self):
        home = self.base / "a" / "b"
        answer = call("init", str(home))
        self.assertEqual((answer.code, answer.err), (0, ""), answer)
        self.assertIn(f"periodic -C {home} run", answer.out)
        for name in ("periodic.xml", "crontab", "tasks/hello.xml"):
            self.assertTrue((home / name).is_file(), name)
        self.assertEqual(stat.S_IMODE(os.stat(home / "var").st_mode), 0o700)
        answer = call("-C", str(home), "check")
        self.assertEqual((answer.code, answer.err), (0, ""), answer)
        self.assertEqual(answer.out, "All is well: 1 entry, 1 task.\n")
        answer = call("-C", str(home), "run", "hello", "name=Anna")
        self.assertEqual(answer.code, 0, answer)
        self.assertIn("Hello, Anna.", answer.out)

    def test_overwrites_nothing_and_then_writes_nothing(self):
        for name in ("periodic.xml", "crontab", "tasks/hello.xml"):
            home = self.base / name.replace("/", "-")
            (home / "tasks").mkdir(parents=True)
            (home / name).write_text("mine")
            before = sorted(home.rglob("*"))
            answer = call("init", str(home))
            self.assertEqual((answer.code, answer.out), (1, ""), answer)
            self.assertIn(str(home / name), answer.err)
            self.assertEqual((home / name).read_text(), "mine")
            self.assertEqual(sorted(home.rglob("*")), before)

    def test_works_in_the_current_directory_and_in_that_of_the_option(self):
        here = self.base / "here"
        here.mkdir()
        self.assertEqual(call("init", cwd=here).code, 0)
        self.assertTrue((here / "crontab").is_file())
        self.assertEqual(call("-C", str(self.base / "there"), "init").code, 0)
        self.assertTrue((self.base / "there" / "crontab").is_file())

    def test_tells_in_json_what_it_made(self):
        answer = call("init", str(self.base / "x"), "--output", "json")
        self.assertEqual(answer.document,
                         {"home": str(self.base / "x"),
                          "files": ["periodic.xml", "crontab", "tasks/hello.xml"]})

    def test_says_what_cannot_be_written(self):
        (self.base / "file").write_text("")
        answer = call("init", str(self.base / "file" / "home"))
        self.assertEqual((answer.code, answer.out), (74, ""), answer)
        self.assertIn(str(self.base / "file"), answer.err)

    def test_shows_paths_that_can_be_pasted_into_a_shell(self):
        home = self.base / "it's a home"
        self.assertIn(f"-C '{self.base}/it'\\''s a home' run", call("init", str(home)).out)


class New(HomeTest):
    def test_makes_a_task_that_is_sound_and_runs(self):
        self.assertIn("tasks/backup.xml", self.ok("new", "backup"))
        self.assertEqual(self.periodic("check").code, 0)
        self.assertIn("backup works", self.ok("run", "backup"))

    def test_shows_settings_that_are_sound_without_their_comments(self):
        self.ok("new", "backup")
        path = self.home / "tasks/backup.xml"
        text = re.sub(r"<!-- (<.*?>) -->", r"\1", path.read_text(), flags=re.DOTALL)
        self.assertIn("<retries max=", text)
        path.write_text(text)
        self.ok("check")

    def test_makes_the_directory_of_tasks(self):
        (self.home / "tasks").rmdir()
        self.ok("new", "backup")
        self.assertTrue((self.home / "tasks" / "backup.xml").is_file())

    def test_overwrites_nothing(self):
        self.task("backup", "<command type='log'>mine</command>")
        before = (self.home / "tasks" / "backup.xml").read_text()
        answer = self.periodic("new", "backup")
        self.assertEqual((answer.code, answer.out), (1, ""), answer)
        self.assertEqual((self.home / "tasks" / "backup.xml").read_text(), before)

    def test_refuses_what_can_be_no_name(self):
        for name in ("../evil", "a/b", "", ".hidden", "x" * 129, "a b"):
            answer = self.periodic("new", name)
            self.assertEqual((answer.code, answer.out), (2, ""), answer)
        self.assertEqual(os.listdir(self.home / "tasks"), [])

    def test_tells_in_json_what_it_made(self):
        self.assertEqual(self.json("new", "backup"),
                         {"task": "backup", "file": str(self.home / "tasks" / "backup.xml")})


if __name__ == "__main__":
    unittest.main()
