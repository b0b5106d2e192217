"""import: the system's crontabs become entries and tasks that do the same."""

import os
import pwd
import subprocess
import unittest

from home import PATIENCE_SECONDS, HomeTest, call, environment

ME = pwd.getpwuid(os.geteuid())

# What a shell, a task file or a crontab could trip over, in one command.
TORTURE = r"""printf '[\%s]' "$A" 'it'\''s' "a & b" '<c>' '"' ']]>' '&amp;' 'x  y' \# ';' '\\' "$(echo 1 \% 2)" $((7 \% 4))"""


class Import(HomeTest):
    def imported(self, text, *words):
        source = self.write("old/crontab.txt", text)
        return self.periodic("import", str(source), *words)

    def log(self, task):
        return "\n".join(line["text"] for line in self.json("job", "log", task) if line["stream"] == "stdout")

    def test_result_is_sound_and_does_the_same(self):
        answer = self.imported("A='x y'\n# Prints a lot\n0 2 * * * " + TORTURE + "\n")
        self.assertEqual((answer.code, answer.err), (0, ""), answer)
        self.ok("check")
        self.assertIn("0 2 * * *  printf", (self.home / "crontab").read_text())
        name = (self.home / "tasks").glob("*.xml").__next__().stem
        self.ok("run", name)
        expected = subprocess.run(["sh", "-c", TORTURE.replace("\\\\", "\\").replace(r"\%", "%")], capture_output=True, text=True,
                                  env=environment(A="x y"), timeout=PATIENCE_SECONDS).stdout
        self.assertIn("[it's]", expected)
        self.assertEqual(self.log(name), expected)
        self.assertEqual(self.json("tasks")[0]["description"], "Prints a lot")

    def test_hands_the_standard_input_over_whatever_is_in_it(self):
        lines = ["it's $HOME `id` \"quoted\" \\n", "END_OF_INPUT", "  indented <&>]]>", "", "last"]
        for shell in ("/bin/sh", "/bin/bash"):
            with self.subTest(shell):
                self.imported(f"SHELL={shell}\n@daily cat%" + "%".join(lines) + "\n")
                name = "cat" if shell == "/bin/sh" else "cat-2"
                self.ok("run", name)
                self.assertEqual(self.log(name).split("\n"), lines)

    def test_gives_programs_the_environment_that_cron_gives(self):
        self.imported("B=2\nHOME=/tmp\n@daily env | grep -E '^(PATH|HOME|B)=' | sort; pwd; echo $0\n")
        self.ok("check")
        name = next((self.home / "tasks").glob("*.xml")).stem
        self.ok("run", name)
        self.assertEqual(self.log(name).split("\n"), ["B=2", "HOME=/tmp", "PATH=/usr/bin:/bin", "/tmp", "/bin/sh"])

    def test_keeps_the_ways_of_cron(self):
        self.imported("@daily exit 75\n")
        answer = self.periodic("run", "cron-job")
        self.assertEqual(answer.code, 1, answer)
        self.assertEqual(self.json("job", "list")["jobs"][0]["state"], "failed")

    def test_runs_at_the_times_of_cron(self):
        self.crontab("CRON_TZ=Asia/Tokyo\n0 0 * * * other\n")
        self.task("other", "<command type='log'>x</command>")
        self.imported("30 4 1 * * a\nCRON_TZ=Europe/Berlin\n30 4 * * 7 b\n")
        self.ok("check")
        first = {}
        for each in self.json("next", "-n", "50", "--from", "2027-01-01T00:00:00Z"):
            first.setdefault(each["task"], each["time"])
        self.assertEqual(first, {"other": "2027-01-02T00:00:00+09:00", "a": "2027-01-01T04:30:00+00:00",
                                 "b": "2027-01-03T04:30:00+01:00"})

    def test_overwrites_nothing_and_imports_nothing_twice(self):
        self.task("backup", "<command type='log'>mine</command>")
        mine = (self.home / "tasks/backup.xml").read_text()
        self.crontab("# mine\n@daily backup")
        text = "0 1 * * * backup\n0 2 * * * other\n"
        self.assertIn("added    0 1 * * *  backup-2", self.imported(text).out)
        self.assertEqual((self.home / "tasks/backup.xml").read_text(), mine)
        crontab = (self.home / "crontab").read_text()
        self.assertTrue(crontab.startswith("# mine\n@daily backup\n"), crontab)
        self.ok("check")
        files = sorted(self.home.glob("tasks/*"))
        again = self.imported(text)
        self.assertEqual(again.code, 0)
        self.assertTrue(again.out.startswith("Nothing new to import.\n  is there 0 1 * * *  backup-2\n"), again.out)
        self.assertEqual((self.home / "crontab").read_text(), crontab)
        self.assertEqual(sorted(self.home.glob("tasks/*")), files)
        self.assertIn("added    0 3", self.imported(text + "0 3 * * * backup\n").out)
        self.assertEqual(sorted(self.home.glob("tasks/*")), files)
        self.ok("check")

    def test_shows_what_is_lost_and_carries_over_the_rest(self):
        answer = self.imported("MAILTO=a@b\n61 * * * * x\n@daily good\n")
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("crontab.txt:1:1: warning: MAILTO", answer.err)
        self.assertIn("crontab.txt:2:1: minute: '61'", answer.err)
        self.assertIn("added    @daily  good", answer.out)
        self.ok("check")

    def test_writes_nothing_when_dry(self):
        before = sorted(self.home.rglob("*"))
        answer = self.imported("@daily a\n", "--dry-run")
        self.assertEqual(answer.code, 0, answer)
        self.assertIn(f"==> {self.home}/crontab <==\n", answer.out)
        self.assertIn("@daily  a\n", answer.out)
        self.assertIn(f"==> {self.home}/tasks/a.xml <==\n<?xml", answer.out)
        self.assertEqual(sorted(self.home.rglob("*")), sorted(before + [self.home / "old", self.home / "old/crontab.txt"]))
        self.assertEqual((self.home / "crontab").read_text(), "")

    def test_tells_in_json_what_it_did(self):
        source = self.write("cron.d/site", f"@daily {ME.pw_name} a\nMAILTO=x\n")
        document = self.json("import", str(source))
        self.assertEqual(document["entries"], [{"file": str(source), "line": 1, "when": "@daily", "zone": "UTC",
                                                "task": "a", "new": True}])
        self.assertEqual([(task["name"], task["file"], task["new"]) for task in document["tasks"]],
                         [("a", f"{self.home}/tasks/a.xml", True)])
        self.assertEqual([problem["severity"] for problem in document["problems"]], ["warning"])
        self.assertEqual((document["home"], document["dry_run"]), (str(self.home), False))
        self.assertEqual((self.home / "tasks/a.xml").read_text(), document["tasks"][0]["text"])

    def test_reads_the_callers_crontab(self):
        bin = self.home / "bin"
        bin.mkdir()
        (bin / "crontab").write_text("#!/bin/sh\n[ \"$*\" = -l ] && echo '@daily mine'\n")
        (bin / "crontab").chmod(0o755)
        env = environment(PATH=f"{bin}:/usr/bin:/bin")
        self.assertIn("added    @daily  mine", self.ok("import", "--user", env=env))
        (bin / "crontab").write_text("#!/bin/sh\necho no crontab for me >&2; exit 1\n")
        answer = self.periodic("import", "--user", env=env)
        self.assertEqual((answer.code, answer.out), (1, ""), answer)
        self.assertEqual(answer.err, "periodic: no crontab for me\n")
        (bin / "crontab").write_text("#!/bin/sh\nexit 3\n")
        answer = self.periodic("import", "--user", env=env)
        self.assertEqual((answer.code, answer.err), (1, "periodic: crontab -l gave no crontab: exit code 3\n"), answer)

    def test_says_once_that_there_is_no_program_for_the_callers_crontab(self):
        answer = self.periodic("import", "--user", env=environment(PATH=f"{self.home}/no-bin"))
        self.assertEqual((answer.code, answer.out), (1, ""), answer)
        self.assertEqual(answer.err, "periodic: there is no program 'crontab' here\n    name the file: periodic import FILE\n")


class WithoutHome(unittest.TestCase):
    def test_prints_everything(self):
        answer = call("import", "-", cwd="/")
        self.assertEqual((answer.code, answer.err), (0, ""), answer)
        answer = call("import", "/nowhere/crontab")
        self.assertEqual((answer.code, answer.out), (1, ""), answer)

    def test_asks_for_one_source(self):
        for words in ([], ["a", "--user"], ["--user", "--system"]):
            answer = call("import", *words)
            self.assertEqual((answer.code, answer.out), (2, ""), answer)

    def test_reads_the_systems_crontabs(self):
        answer = call("import", "--system", "--dry-run", "--output", "json")
        if answer.code == 1:
            self.skipTest("this system has no crontab")
        for entry in answer.document["entries"]:
            self.assertTrue(entry["file"].startswith("/etc/cron"), entry)


if __name__ == "__main__":
    unittest.main()
