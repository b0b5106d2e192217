"""Which directory is the home."""

import os
import pathlib
import unittest

from home import HomeTest, call, environment


class HomeLookup(HomeTest):
    def setUp(self):
        super().setUp()
        self.elsewhere = self.home / "elsewhere"
        self.elsewhere.mkdir()

    def used(self, answer):
        """Whether a home was found and used."""
        self.assertEqual(answer.code, 0, answer)
        return "All is well" in answer.out

    def test_takes_the_option_first(self):
        env = environment(PERIODIC_HOME="/nonexistent")
        self.assertTrue(self.used(call("-C", str(self.home), "check", env=env)))
        self.assertTrue(self.used(call("check", "--home", str(self.home), env=env)))

    def test_takes_a_relative_path(self):
        self.assertTrue(self.used(call("-C", self.home.name, "check", cwd=self.home.parent)))

    def test_takes_the_environment_then(self):
        self.assertTrue(self.used(call("check", env=environment(PERIODIC_HOME=str(self.home)))))

    def test_takes_the_current_directory_if_it_holds_a_crontab_or_settings(self):
        self.assertTrue(self.used(call("check", cwd=self.home)))
        self.write("elsewhere/periodic.xml", "<periodic/>")
        self.write("elsewhere/crontab", "")
        self.write("elsewhere/tasks/x.xml", "<task><command type='log'>x</command></task>")
        (self.elsewhere / "crontab").unlink()
        answer = call("check", cwd=self.elsewhere)
        self.assertIn(str(self.elsewhere / "crontab"), answer.err, "it was taken, and lacks a crontab")

    def test_takes_the_users_own_at_last(self):
        standard = self.elsewhere / ".config" / "periodic"
        standard.parent.mkdir()
        os.rename(self.home / "tasks", self.elsewhere / "tasks")
        standard.mkdir()
        (standard / "crontab").write_text("")
        (standard / "tasks").mkdir()
        self.assertTrue(self.used(call("check", env=environment(HOME=str(self.elsewhere)))))

    def test_names_all_four_places_if_there_is_none(self):
        answer = call("check")
        self.assertEqual((answer.code, answer.out), (2, ""))
        for place in ("-C", "$PERIODIC_HOME", "current directory", "/nonexistent/.config/periodic"):
            self.assertIn(place, answer.err)

    def test_refuses_what_is_no_directory(self):
        file = self.write("file", "")
        for words, env in ((["-C", str(file)], None), (["-C", "/nonexistent"], None),
                           ([], environment(PERIODIC_HOME=str(file))),
                           ([], environment(PERIODIC_HOME="/nonexistent"))):
            answer = call(*words, "run", env=env)
            self.assertEqual((answer.code, answer.out), (2, ""), answer)
            self.assertIn("is no directory", answer.err)

    def test_is_not_needed_for_what_needs_none(self):
        for words in (["version"], ["commands"], ["help"], ["next", "--cron", "@daily"]):
            self.assertEqual(call(*words).code, 0, words)
        self.assertEqual(call("init", str(self.elsewhere / "new")).code, 0)


class NoHome(HomeTest):
    """A directory that has nothing of a home in it."""

    def setUp(self):
        super().setUp()
        self.nothing = self.home / "nothing"
        self.nothing.mkdir()

    def call(self, *words):
        return call("-C", str(self.nothing), *words)

    def test_is_left_as_it_is(self):
        for words in ("run", "run x", "daemon", "start", "restart", "revive", "job add x", "job retry --all", "job run 1",
                      "job stop 1", "job auto", "job reset --yes", "pause --all", "resume --all", "prune", "unlock",
                      "pending"):
            answer = self.call(*words.split())
            self.assertEqual((answer.code, answer.out.replace("null\n", "")), (2, ""), (words, answer))
            self.assertIn(f"{self.nothing} is no home", answer.err, words)
            self.assertIn("periodic init", answer.err, words)
            self.assertEqual(list(self.nothing.iterdir()), [], words)

    def test_is_left_as_it_is_by_those_who_look(self):
        for words in ("check", "next", "tasks", "status", "stop", "reload", "job list", "job log", "job show 1", "pause"):
            self.call(*words.split())
            self.assertEqual(list(self.nothing.iterdir()), [], words)

    def test_is_one_with_any_part_of_a_home(self):
        for part in ("crontab", "periodic.xml"):
            home = self.home / part[:4]
            home.mkdir()
            (home / part).write_text("<periodic/>" if part == "periodic.xml" else "")
            self.assertEqual(call("-C", str(home), "job", "auto").code, 0, part)
        self.assertEqual(self.call("new", "x").code, 0)
        self.assertEqual(self.call("run", "x").code, 0)

    def test_is_one_with_a_configuration_from_elsewhere(self):
        file = self.write("other.xml", "<periodic/>")
        self.assertEqual(self.call("--config", str(file), "job", "auto").code, 0)


class Configuration(HomeTest):
    def test_may_be_another_file(self):
        other = self.write("other.xml", "<periodic><timeZone>Asia/Tokyo</timeZone></periodic>")
        self.crontab("0 12 * * *  x\n")
        self.task("x", "<command type='log'>x</command>")
        found = self.json("--config", str(other), "next", "-n", "1")
        self.assertTrue(found[0]["time"].endswith("T12:00:00+09:00"), found)

    def test_that_does_not_exist_is_wrong_usage(self):
        answer = self.periodic("--config", "/nonexistent.xml", "check")
        self.assertEqual((answer.code, answer.out), (2, ""))

    def test_that_is_broken_stops_every_command_with_78(self):
        self.write("periodic.xml", "<periodic>\n  <stat>var</stat>\n  <crontabb>x</crontabb>\n</periodic>\n")
        for words in (["run"], ["next"], ["tasks"], ["pending"], ["job", "list"], ["check"]):
            answer = self.periodic(*words)
            self.assertEqual(answer.code, 78, answer)
            self.assertIn("periodic.xml:2:", answer.err)
            self.assertIn("periodic.xml:3:", answer.err)
        self.assertFalse(pathlib.Path(self.home / "var").exists(), "nothing was run")

    def test_with_a_zone_that_does_not_load_is_broken(self):
        self.write("periodic.xml", "<periodic><timeZone>Europe/Berlinn</timeZone></periodic>")
        answer = self.periodic("run")
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("Europe/Berlin", answer.err)

    def test_of_the_environment_with_a_zone_that_does_not_load_is_broken(self):
        answer = self.periodic("run", env=environment(TZ="Mars/Olympus"))
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("Mars/Olympus", answer.err)


if __name__ == "__main__":
    unittest.main()
