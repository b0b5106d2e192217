"""A temporary home, and the program that is tested in it."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import textwrap
import time
import unittest

PROGRAM = os.environ["PERIODIC_PROGRAM"]

SANITIZER_REPORT = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|: runtime error: ")

# What a test did not expect to last has gone wrong.
PATIENCE_SECONDS = 120


class Answer:
    """What one call of the program gave."""

    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout.decode()
        self.err = process.stderr.decode()

    @property
    def document(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


def environment(**changes):
    """A bare environment, as cron's is."""
    base = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LLVM_PROFILE_FILE"):
        if name in os.environ:
            base[name] = os.environ[name]
    base.update(changes)
    return {name: value for name, value in base.items() if value is not None}


def call(*words, cwd="/", env=None, stdin=None, **options):
    """Calls the program without choosing a home for it."""
    process = subprocess.run([PROGRAM, *words], cwd=cwd, env=env or environment(), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE_SECONDS,
                             **options)
    answer = Answer(process)
    if SANITIZER_REPORT.search(answer.err):
        raise AssertionError(f"a sanitizer stopped {words}: {answer}")
    return answer


def task(body, config="", extra=""):
    """A task file."""
    config = f"<config>{config}</config>" if config else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<task>{config}{extra}{body}</task>\n'


def shell(text):
    """A command that runs a shell."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<command type="shell">{text}</command>'


class HomeTest(unittest.TestCase):
    """A test with an empty home, which is removed after it."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="periodic-cli-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        (self.home / "tasks").mkdir()
        self.write("crontab", "")

    def write(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def crontab(self, text):
        self.write("crontab", textwrap.dedent(text))

    def task(self, name, body, config="", extra=""):
        self.write(f"tasks/{name}.xml", task(body, config, extra))

    def periodic(self, *words, env=None, **options):
        return call("-C", str(self.home), *words, env=env, **options)

    def json(self, *words, code=0, **options):
        """The document of a call that must exit with `code`."""
        answer = self.periodic(*words, "--output", "json", **options)
        self.assertEqual(answer.code, code, answer)
        return answer.document

    def ok(self, *words, **options):
        """The standard output of a call that must succeed."""
        answer = self.periodic(*words, **options)
        self.assertEqual(answer.code, 0, answer)
        return answer.out

    def make_due(self, tasks):
        """Makes lines that come due each second, and returns when each of them is."""
        self.crontab("".join(f"@every 1s {line}\n" for line in tasks))
        self.periodic("run")  # an entry that is seen for the first time starts now
        self.until(lambda: len(self.periodic("pending", "--output", "json").document) >= len(tasks))

    def until(self, condition):
        """Waits for a condition; that it never comes true is a failure."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), limit, "it never came true")
            time.sleep(0.02)
