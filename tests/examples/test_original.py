"""Task and crontab files of the original Periodic, unchanged."""

import pathlib
import subprocess
import unittest

from example import EXAMPLES, Example


class Original(Example):
    FOLDER = "original"
    HOME = ""

    def test_the_home_is_sound(self):
        self.call("-C", self.home, "check")

    def test_every_entry_has_a_next_time(self):
        planned = {entry["task"] for entry in self.document("next", "-n", "2000")}
        listed = {task["name"] for task in self.document("tasks") if task["schedules"]}
        self.assertTrue(planned)
        self.assertEqual(planned, listed)

    def test_a_snapshot_replaces_the_one_before(self):
        for _ in range(2):
            self.assertEqual(self.document("run", "snapshot")["state"], "succeeded")
        copied = sorted(path.name for path in (self.home / "snapshot").iterdir())
        self.assertEqual(copied, sorted(path.name for path in (self.home / "data").iterdir()))

    @unittest.skipUnless((EXAMPLES.parent / ".git").exists(), "this is no clone")
    def test_leaves_nothing_in_a_clone_that_git_would_add(self):
        before = {path.name for path in self.home.iterdir()}
        self.document("run", "snapshot")
        new = {path.name for path in self.home.iterdir()} - before
        self.assertIn("var", new)
        for name in (*new, "README.md"):
            path = pathlib.Path("examples", self.FOLDER, name)
            code = subprocess.run(["git", "-c", "safe.directory=*", "check-ignore", "-q", "--no-index", path],
                                  cwd=EXAMPLES.parent).returncode
            self.assertEqual(code, 1 if name == "README.md" else 0, path)

    def test_only_what_matches_is_removed(self):
        self.document("run", "snapshot")
        (self.home / "snapshot/a.tmp").touch()
        (self.home / "snapshot/a.txt").touch()
        self.assertEqual(self.document("run", "tidy")["state"], "succeeded")
        self.assertFalse((self.home / "snapshot/a.tmp").exists())
        self.assertTrue((self.home / "snapshot/a.txt").exists())

    def test_a_command_that_may_fail_is_a_warning(self):
        job = self.document("run", "report")
        self.assertEqual(job["state"], "succeeded")
        self.assertIn("Hello world", self.log_of(job["id"]))
