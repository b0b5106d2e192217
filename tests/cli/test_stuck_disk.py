"""A program that dies of no signal, as it waits for a disk that does not answer."""

import os
import pathlib
import signal
import subprocess
import unittest

from home import PATIENCE_SECONDS, PROGRAM, HomeTest, environment, shell
from stuck_disk import StuckDisk


class StuckProgram(HomeTest):
    def setUp(self):
        super().setUp()
        # Removed after the home: nobody looks into it before it is mended.
        mount = pathlib.Path(str(self.home) + "-disk")
        mount.mkdir()
        self.addCleanup(mount.rmdir)
        try:
            self.disk = StuckDisk(mount)
        except OSError as error:
            self.skipTest(f"no file system that gets stuck: {error}")
        self.addCleanup(self.disk.mend)
        self.task("stuck", shell(f"exec cat {mount}/file"), config="<killAfter>1</killAfter>")
        self.task("sound", shell("echo sound"))

    def begin(self, *words):
        process = subprocess.Popen([PROGRAM, "-C", str(self.home), *words], env=environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def add(self, task):
        return self.ok("job", "add", task, "--group", "disk").strip()

    def job(self, number):
        return self.json("job", "show", number)

    def events(self, number):
        return [event["event"] for event in self.job(number)["events"]]

    def program_of(self, number):
        self.assertTrue(self.disk.asked.wait(PATIENCE_SECONDS))
        self.until(lambda: self.job(number)["pid"])
        return self.job(number)["pid"]

    def state_of(self, process):
        text = pathlib.Path(f"/proc/{process}/stat").read_text()
        return text.rsplit(")", 1)[1].split()[0]

    def expect_kept(self, number, process):
        """It is there for good, and the job is not taken for one that has ended."""
        os.kill(process, signal.SIGKILL)
        self.until(lambda: self.state_of(process) == "D")
        self.assertEqual(self.job(number)["state"], "running")

    def test_keeps_its_job_and_group_and_nothing_else_in_the_daemon(self):
        daemon = self.begin("daemon", "--stop-within", "0")
        stuck = self.add("stuck")
        program = self.program_of(stuck)
        self.ok("job", "kill", stuck)
        self.until(lambda: "blocked" in self.events(stuck))
        self.expect_kept(stuck, program)
        waits = self.add("sound")
        self.ok("job", "add", "sound", "--wait")
        self.assertEqual(self.job(waits)["waiting_for"], "group")

        stop = self.periodic("stop")
        self.assertEqual(stop.code, 0, stop)
        self.assertIn(f"left running: {stuck} (stuck)", stop.err)
        self.assertEqual(daemon.wait(PATIENCE_SECONDS), 0)
        self.expect_kept(stuck, program)

        self.begin("daemon")
        self.until(lambda: self.periodic("status").code == 0)
        self.ok("job", "add", "sound", "--wait")
        self.expect_kept(stuck, program)
        self.disk.mend()
        self.until(lambda: self.job(waits)["state"] == "succeeded")
        self.assertEqual(self.job(stuck)["state"], "stopped")
        self.assertFalse(os.path.exists(f"/proc/{program}"))

    def test_is_left_by_a_run_that_is_to_stop(self):
        stuck = self.add("stuck")
        run = self.begin("run")
        program = self.program_of(stuck)
        run.terminate()
        _, errors = run.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(run.returncode, 1, errors)
        self.assertIn(f"job {stuck} (stuck) does not end: it is left running", errors)
        self.expect_kept(stuck, program)

        again = self.periodic("run")
        self.assertEqual(again.code, 0, again)
        self.expect_kept(stuck, program)
        self.assertIn("blocked", self.events(stuck))
        self.disk.mend()
        self.until(lambda: not os.path.exists(f"/proc/{program}"))
        self.assertEqual(self.json("run", code=1)["lost"], 1)
        self.assertEqual(self.job(stuck)["reason"], "lost")


if __name__ == "__main__":
    unittest.main()
