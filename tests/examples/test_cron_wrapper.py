"""The crontab line, called as cron calls it."""

import subprocess

from example import EXAMPLES, PROGRAM, Example, environment


class CronWrapper(Example):
    FOLDER = "cron-wrapper"

    def cron(self):
        """What the line's command prints when cron's shell runs it."""
        lines = (EXAMPLES / self.FOLDER / "crontab.line").read_text(encoding="utf-8").splitlines()
        command = next(line for line in lines if not line.startswith("#")).split(None, 5)[5]
        bin_directory = self.place / ".local/bin"
        bin_directory.mkdir(parents=True, exist_ok=True)
        if not (bin_directory / "periodic").exists():
            (bin_directory / "periodic").symlink_to(PROGRAM)
        done = subprocess.run(["/bin/sh", "-c", command], cwd=self.place, stdin=subprocess.DEVNULL,
                              env=environment(HOME=str(self.place)), capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def test_the_home_is_sound(self):
        self.call("-C", self.home, "check")

    def test_the_line_runs_what_is_due_and_prints_nothing(self):
        self.assertEqual(self.cron(), "")  # sees the entries for the first time
        self.assertEqual(self.document("job", "list")["jobs"], [])
        self.wait_for("an occurrence", lambda: self.document("pending"))
        self.assertEqual(self.cron(), "")
        job = self.document("job", "list")["jobs"][-1]
        self.assertEqual((job["task"], job["state"]), ("heartbeat", "succeeded"))
        self.assertIn("alive at 20", self.log_of(job["id"])[0])

    def test_what_runs_at_night_runs_by_hand(self):
        self.assertEqual(self.document("run", "clean-up")["state"], "succeeded")
        self.assertTrue((self.home / "scratch").is_dir())
