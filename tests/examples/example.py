"""An example's program, in a copy of its home."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["PROGRAM"]
EXAMPLES = pathlib.Path(os.environ["EXAMPLES"])
PATIENCE_SECONDS = 120


def environment(**more):
    """What cron gives a program, and what a sanitizer needs."""
    kept = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
    return {"PATH": "/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C.UTF-8", **kept, **more}


class Example(unittest.TestCase):
    FOLDER = ""  # of examples/
    HOME = "home"  # below it

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = pathlib.Path(folder.name)
        self.home = self.place / "periodic"
        shutil.copytree(EXAMPLES / self.FOLDER / self.HOME, self.home)
        for path in (self.home, *self.home.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)

    def call(self, *words, code=0):
        """Standard output of the program; it must exit with `code`."""
        done = subprocess.run([PROGRAM, *map(str, words)], cwd="/", env=environment(HOME=str(self.place)),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        self.assertEqual(done.returncode, code, f"{words}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def document(self, *words, code=0):
        """The JSON document of a command in the home."""
        return json.loads(self.call("-C", self.home, "--output", "json", *words, code=code))

    def log_of(self, job):
        """The texts of a job's log."""
        return [line["text"] for line in self.document("job", "log", str(job))]

    def wait_for(self, what, condition):
        """Tries `condition` until it gives something; a failure names `what`."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (found := condition()):
            self.assertLess(time.monotonic(), end, f"waited for {what}")
            time.sleep(0.05)
        return found
