"""The tasks of tasks/ do what they say, harm nothing else, and fail when they can't."""

import os
import pathlib
import re
import shutil
import subprocess
import time
import unittest

from home import HomeTest, environment

TASKS = pathlib.Path(__file__).parents[2] / "tasks"


class ReadyTask(HomeTest):
    def setUp(self):
        super().setUp()
        shutil.copytree(TASKS, self.home / "tasks", dirs_exist_ok=True)

    def job(self, *words, state="succeeded", **options):
        """The job of a task that is run now, which must end in `state`."""
        job = self.json("run", *words, code=0 if state == "succeeded" else 1, **options)
        self.assertEqual(job["state"], state, self.ok("job", "log", str(job["id"])))
        return job

    def log(self, job):
        return self.ok("job", "log", str(job["id"]), "--raw")


class All(ReadyTask):
    def test_are_sound(self):
        self.assertIn("All is well", self.ok("check"))

    def test_say_hello(self):
        self.assertIn("Hello, Ada.", self.log(self.job("hello", "name=Ada")))


class Backup(ReadyTask):
    def archives(self, place):
        return sorted(path.name for path in (self.home / "backups" / place).glob("*.tar.gz"))

    def test_is_whole_and_private(self):
        self.write("data/a", "one")
        archive = self.home / self.job("backup", "directory=data")["message"]
        unpacked = subprocess.run(["tar", "-xzOf", archive, "./a"], check=True, capture_output=True, text=True)
        self.assertEqual(unpacked.stdout, "one")
        self.assertEqual(archive.stat().st_mode & 0o077, 0)
        self.assertEqual([path.name for path in archive.parent.glob("*.part")], [])

    def test_keeps_the_newest_of_its_directory_and_all_of_others(self):
        names = {"srv": "srv", "srv-data": "srv-data", "a/b": "a%2Fb", "a_b": "a_b", "a%2Fb": "a%252Fb",
                 ".hidden": "%2Ehidden", "-z": "-z", "two words": "two words"}
        for name in names:
            self.write(f"{name}/file", "x")
        for _ in range(2):
            for name in names:
                self.job("backup", f"directory={name}", "keep=2")
        last = [self.job("backup", "directory=srv", "keep=2"), self.job("backup", "directory=a/b", "keep=1")]
        kept = {name: len(self.archives(place)) for name, place in names.items()}
        self.assertEqual(kept, {name: {"a/b": 1}.get(name, 2) for name in names})
        for job in last:
            self.assertTrue((self.home / job["message"]).is_file())

    def test_leaves_what_only_resembles_an_archive(self):
        alike = ["20200101T000000Z-1.tar.gz.old", "my-20200101T000000Z-1.tar.gz", "20200101T000000Z-1.tar",
                 "20200101T000000Z.tar.gz", "notes.part"]
        for name in (*alike, "20200101T000000Z-1.tar.gz", "20200101T000000Z-2.tar.gz.part"):
            self.write(f"backups/tasks/{name}", "x")
        self.write("backups/tasks/inner/20200101T000000Z-1.tar.gz", "x")
        self.job("backup", "keep=1")
        left = {path.name for path in (self.home / "backups/tasks").iterdir()}
        self.assertLessEqual({*alike, "inner"}, left)
        self.assertEqual(len(left - {*alike, "inner", ".backup-of"}), 1)
        self.assertEqual(len(list((self.home / "backups/tasks/inner").iterdir())), 1)

    def test_stays_although_the_clock_was_ahead_before(self):
        self.write("backups/tasks/29990101T000000Z-1.tar.gz", "x")
        archive = self.job("backup", "keep=1")["message"]
        self.assertEqual([f"backups/tasks/{name}" for name in self.archives("tasks")], [archive])

    def test_of_what_holds_the_archives_packs_none(self):
        self.write("data/a", "one")
        self.job("backup", "directory=data")
        (self.home / "all").mkdir()
        for name in ("backups", "data"):
            (self.home / name).rename(self.home / "all" / name)
        archive = self.home / self.job("backup", "directory=all")["message"]
        packed = subprocess.run(["tar", "-tzf", archive], check=True, capture_output=True, text=True).stdout
        self.assertIn("./data/a\n", packed)
        self.assertNotIn(".tar.gz", packed)

    def test_without_its_directory_fails(self):
        for name in ("missing", ""):
            job = self.json("run", "backup", f"directory={name}", code=1)  # it would be tried again
            self.assertIn("is no directory", self.log(job))
        self.assertFalse((self.home / "backups").exists())


class DiskSpace(ReadyTask):
    def with_disk(self, used):
        """An environment in which every disk is so full."""
        self.write("bin/df", f"#!/bin/sh\nprintf 'Use%%\\n %s\\n' '{used}'\n").chmod(0o755)
        return environment(PATH=f"{self.home}/bin:/usr/bin:/bin")

    def test_is_told_and_compared(self):
        self.assertRegex(self.job("disk-space", "least=0")["message"], r"^\d+ % left$")
        self.assertEqual(self.job("disk-space", "least=5", env=self.with_disk("95%"))["message"], "5 % left")
        job = self.job("disk-space", "least=6", env=self.with_disk("95%"), state="failed")
        self.assertIn("less than 6 %", self.log(job))

    def test_fails_when_nobody_can_say(self):
        for path in ("/does/not/exist", "", "--help", "/proc"):
            self.assertNotIn("% left", self.log(self.job("disk-space", f"path={path}", "least=0", state="failed")), path)


class Clean(ReadyTask):
    def old(self, name):
        path = self.write(name, "x")
        os.utime(path, (time.time() - 30 * 86400,) * 2)
        return path

    def test_removes_what_is_old_and_nothing_else(self):
        gone = [self.old("tmp/a"), self.old("tmp/b/c d")]
        stays = [self.write("tmp/new", "x"), self.old("other/a")]
        (self.home / "tmp/link").symlink_to(self.home / "other")
        job = self.job("clean")
        self.assertEqual([path for path in gone if path.exists()], [])
        self.assertEqual([path for path in stays if not path.exists()], [])
        self.assertEqual(len(re.findall("tmp/", self.log(job))), 2)

    def test_takes_no_directory_for_an_option(self):
        gone = self.old("-delete/a")
        stays = self.old("other/a")
        self.job("clean", "directory=-delete")
        self.assertFalse(gone.exists())
        self.assertTrue(stays.exists())

    def test_fails_where_it_cleans_nothing(self):
        stays = self.old("other/a")
        (self.home / "link").symlink_to(self.home / "other")
        for name in ("missing", "", "link", "other/a"):
            self.job("clean", f"directory={name}", state="failed")
        self.assertTrue(stays.exists())


if __name__ == "__main__":
    unittest.main()
