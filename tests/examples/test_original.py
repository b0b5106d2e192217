"""Task and crontab files of the original Periodic, unchanged."""

from example import Example


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
