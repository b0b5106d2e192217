"""init and new: what they write is sound, and nothing is overwritten."""

import os
import re
import stat
import tempfile
import pathlib
import shutil
import unittest

from home import PROGRAM, HomeTest, call


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

    def test_shows_the_line_for_cron_which_knows_no_path(self):
        home = self.base / "50%"
        line = call("init", "50%", cwd=self.base).out.splitlines()[-1]
        self.assertEqual(line, f"  * * * * * {os.path.realpath(PROGRAM)} -C {self.base}/50\\% run")
        self.assertEqual(call("-C", str(home), "run").code, 0)

    def test_makes_a_home_that_only_its_owner_writes_whatever_the_umask(self):
        home = self.base / "a" / "b"
        self.assertEqual(call("init", str(home), umask=0o002).code, 0)
        for path in (home.parent, home, *home.rglob("*")):
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o022, 0, path)
        answer = call("-C", str(home), "check")
        self.assertEqual((answer.code, answer.err), (0, ""), answer)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_says_whose_the_directory_is_in_which_it_may_not_write(self):
        closed = self.base / "closed"
        closed.mkdir()
        os.chmod(self.base, 0o755)
        for mode in (0o700, 0o755):
            os.chmod(closed, mode)
            answer = call("init", str(closed / "x" / "y"), user=65534, group=65534, extra_groups=[])
            self.assertEqual((answer.code, answer.out), (74, ""), answer)
            self.assertIn(f"{closed / 'x'}", answer.err)
            self.assertIn(f"Permission denied ({closed} belongs to root)", answer.err)

    def test_shows_paths_that_can_be_pasted_into_a_shell(self):
        home = self.base / "it's a home"
        self.assertIn(f"-C '{self.base}/it'\\''s a home' run", call("init", str(home)).out)


class New(HomeTest):
    def test_makes_a_task_that_is_sound_and_runs(self):
        self.assertIn("tasks/backup.xml", self.ok("new", "backup"))
        self.assertEqual(self.periodic("check").code, 0)
        self.assertIn("backup works", self.ok("run", "backup"))
        path = self.home / "tasks/backup.xml"
        path.write_text(path.read_text().replace('echo "backup works"', 'true && echo "<&>" 2>&1'))
        self.assertIn("<&>", self.ok("run", "backup"))
        self.ok("run", "backup", "list=customers")  # as the help of 'run' has it

    def test_shows_settings_that_are_sound_without_their_comments(self):
        self.ok("new", "backup")
        for follower in ("report", "alarm"):
            self.task(follower, "<command type='log'>after it</command>")
        path = self.home / "tasks/backup.xml"
        commands, phase = path.read_text().split("  <!-- Long work in slices")
        text = re.sub(r"<!-- (<.*?>) -->", r"\1", commands, flags=re.DOTALL)
        path.write_text(text + "</task>\n")
        answer = self.periodic("check")
        problems = [line for line in answer.err.splitlines() if "/srv/app does not exist now" not in line]
        self.assertEqual((answer.code, problems), (0, []), answer)
        schema = (pathlib.Path(__file__).parents[2] / "share/periodic/task.xsd").read_text()
        config = schema[schema.index('<xs:complexType name="config">'):]
        config = config[:config.index("</xs:complexType>")]
        self.assertNotIn('task="backup"', text, "a task that queues itself never ends")
        for name in set(re.findall('element name="([A-Za-z]+)"', config)) - {"variable"}:
            self.assertIn(f"<{name}", text)
        path.write_text("<task>" + re.search(r"<!-- (<phase.*</phase>) -->", phase, re.DOTALL)[1] + "</task>")
        self.ok("check")
        self.assertEqual(self.ok("run", "backup"), "one slice\n")

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
