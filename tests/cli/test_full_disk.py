"""A daemon on a disk that is full, and that has room again: on a small file system of its own."""

import pathlib
import resource
import shutil
import subprocess
import tempfile
import unittest

from home import HomeTest, shell


def fill(directory):
    """Takes all the room that there is, to the last block."""
    with open(directory / "fill", "ab", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass


class FullDisk(HomeTest):
    def setUp(self):
        super().setUp()
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="periodic-disk-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)
        mount = ["mount", "-t", "tmpfs", "-o", "size=6m,mode=755", "tmpfs", str(self.place)]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            self.skipTest("may not mount a small file system")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.place)], check=False)
        self.addCleanup(self.periodic, "stop")
        self.write("periodic.xml", f"<periodic><state>{self.place}/var</state></periodic>")
        self.task("tick", shell("true"))

    def log(self):
        return (self.place / "var/periodic.log").read_text(errors="replace").splitlines()

    def done(self):
        return self.json("status")["pools"][0]["done"]

    def test_waits_without_noise_says_so_and_goes_on_when_there_is_room(self):
        self.crontab("@every 1s tick\n")
        self.ok("start")
        self.until(lambda: self.done() >= 1)
        fill(self.place)
        self.until(lambda: "Nothing new begins" in self.periodic("status").out or fill(self.place))
        text = self.ok("status")
        self.assertIn("database or disk is full", text)
        before, done = len(self.log()), self.done()
        # It has tried a few times meanwhile, and not a thousand.
        tried = [self.periodic("job", "add", "tick").code for _ in range(50)]
        self.assertIn(74, tried)
        self.assertLess(len(self.log()) - before, 50)
        (self.place / "fill").unlink()
        self.until(lambda: self.done() > done)
        self.assertNotIn("Nothing new begins", self.ok("status"))
        self.ok("stop")


class FileLimit(HomeTest):
    """ulimit -f, as a shell's profile sets it."""

    def test_is_as_a_full_disk_and_kills_nobody(self):
        self.task("tick", shell("true"))
        self.crontab("@every 1s tick\n@every 1s tick n=2\n@every 1s tick n=3\n")
        self.addCleanup(self.periodic, "unlock", "--force")
        most = 512 << 10
        self.ok("start", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
        self.until(lambda: "Nothing new begins" in self.ok("status"))


if __name__ == "__main__":
    unittest.main()
