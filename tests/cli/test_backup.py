"""A copy of the store that is made while jobs run is whole, and a home that goes on."""

import shutil
import sqlite3
import subprocess
import threading
import unittest

from home import PATIENCE_SECONDS, HomeTest, shell


class Backup(HomeTest):
    def while_jobs_run(self, copy):
        """Calls `copy` at least three times while jobs are added and run; answers the ids that were there before."""
        self.task("a", shell("echo one"))
        self.ok("run", "a")
        before = {job["id"] for job in self.json("job", "list")["jobs"]}
        stop = threading.Event()

        def work():
            while not stop.is_set():
                self.periodic("job", "add", "a")
                self.periodic("run")

        worker = threading.Thread(target=work)
        worker.start()
        try:
            for _ in range(3):
                copy()
        finally:
            stop.set()
            worker.join()
        return before

    def check_copy(self, path, before):
        with sqlite3.connect(path) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        shutil.rmtree(self.home / "var")
        (self.home / "var").mkdir(mode=0o700)
        shutil.move(path, self.home / "var/periodic.db")
        kept = {job["id"] for job in self.json("job", "list", "--limit", "5000")["jobs"]}
        self.assertLessEqual(before, kept)
        self.assertIn("one", self.ok("job", "log", "1"))
        # A job that ran while the copy was made is lost to it.
        self.assertIn(self.periodic("run").code, (0, 1))
        self.ok("run", "a")

    def test_by_vacuum_into(self):
        path = self.home / "copy.db"

        def copy():
            path.unlink(missing_ok=True)
            database = sqlite3.connect(self.home / "var/periodic.db", timeout=PATIENCE_SECONDS)
            database.execute("VACUUM INTO ?", (str(path),))
            database.close()

        self.check_copy(path, self.while_jobs_run(copy))

    @unittest.skipUnless(shutil.which("sqlite3"), "there is no sqlite3 shell here")
    def test_by_the_shells_backup(self):
        path = self.home / "copy.db"

        def copy():
            subprocess.run(["sqlite3", "-cmd", ".timeout 60000", str(self.home / "var/periodic.db"), f".backup {path}"],
                           check=True, capture_output=True, timeout=PATIENCE_SECONDS)

        self.check_copy(path, self.while_jobs_run(copy))


if __name__ == "__main__":
    unittest.main()
