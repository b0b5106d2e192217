"""The units are what systemd takes, and what the service calls does its work."""

import re
import shlex
import shutil
import subprocess
import unittest

from example import EXAMPLES, PROGRAM, Example, environment

UNITS = EXAMPLES / "systemd-timer"


class SystemdTimer(Example):
    FOLDER = "cron-wrapper"  # its home serves here, too

    def setUp(self):
        super().setUp()
        for name in ("periodic-run.service", "periodic-run.timer"):
            text = (UNITS / name).read_text(encoding="utf-8").replace("/usr/bin/periodic", PROGRAM)
            (self.place / name).write_text(text.replace("/etc/periodic", str(self.home)), encoding="utf-8")

    def complaints(self):
        """What systemd says of the units."""
        words = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", "periodic-run.service", "periodic-run.timer"]
        done = subprocess.run(words, cwd=self.place, env=environment(HOME=str(self.place)), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
        return done.stdout + done.stderr

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_the_units_are_sound(self):
        self.assertEqual(self.complaints(), "")
        with (self.place / "periodic-run.service").open("a", encoding="utf-8") as unit:
            unit.write("Nonsense=1\n")
        self.assertIn("Nonsense", self.complaints())

    def test_the_service_runs_what_is_due_and_prints_nothing(self):
        line = re.search(r"^ExecStart=(.*)$", (self.place / "periodic-run.service").read_text(encoding="utf-8"), re.MULTILINE)[1]

        def service():
            """What the journal would have of one start."""
            done = subprocess.run(shlex.split(line), cwd="/", env=environment(),
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout + done.stderr

        self.assertEqual(service(), "")
        self.wait_for("an occurrence", lambda: self.document("pending"))
        self.assertEqual(service(), "")
        self.assertEqual(self.document("job", "list")["jobs"][-1]["state"], "succeeded")


if __name__ == "__main__":
    unittest.main()
