"""Input that means harm is refused, or harmless."""

import json
import os
import subprocess
import sys
import unittest

from home import PROGRAM, HomeTest, call, environment, shell

NASTY = ["it's", 'a "quote"', "two\nlines", "$(touch /tmp/periodic-was-fooled)", "`id`", "; rm -rf /",
         "--help", "-x", "\\", "%s%n", "ünï", "a\tb", " ", "", "*", "~", "${HOME}", "\x1b[31mred", "x" * 60000]


class HostileParameters(HomeTest):
    def test_reach_a_program_as_they_are(self):
        self.task("echo", shell('printf "%s" "$PERIODIC_PARAM_VALUE" > "$PERIODIC_HOME/got"'))
        for value in NASTY:
            with self.subTest(value=value[:40]):
                answer = self.periodic("run", "echo", f"value={value}")
                self.assertEqual(answer.code, 0, answer)
                self.assertEqual((self.home / "got").read_bytes().decode(), value)
        self.assertFalse(os.path.exists("/tmp/periodic-was-fooled"))

    def test_come_back_in_json_as_they_are(self):
        self.task("a", shell("true"))
        for value in NASTY:
            self.assertEqual(self.json("run", "a", f"value={value}")["parameters"], {"value": value})

    def test_that_are_too_long_are_refused(self):
        self.task("a", shell("true"))
        self.assertEqual(self.periodic("run", "a", "value=" + "x" * 65537).code, 2)

    def test_that_are_not_utf8_never_break_a_document(self):
        self.task("a", shell("true"))
        process = subprocess.run([PROGRAM, "-C", str(self.home), "run", "a", b"value=\xff\xfe", "--output", "json"],
                                 env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn(process.returncode, (0, 2))
        if process.returncode == 0:
            json.loads(process.stdout.decode("utf-8"))


class HostileTexts(HomeTest):
    def setUp(self):
        super().setUp()
        self.task("a", shell("true"))

    def test_of_a_job_come_back_as_they_are(self):
        for value in NASTY:
            with self.subTest(value=value[:40]):
                job = self.json("job", "add", "a", f"--comment={value}", f"--attribute=x={value}")
                self.assertEqual((job["comment"], job["attributes"]), (value or None, {"x": value}))
                self.json("job", "edit", str(job["id"]), f"--comment=y{value}", f"--set=z={value}")
                job = self.json("job", "show", str(job["id"]))
                self.assertEqual((job["comment"], job["parameters"]), ("y" + value, {"z": value}))

    def test_select_nothing_or_what_they_are(self):
        for value in NASTY:
            for option in ("--task", "--group", "--topic", "--phase", "--key"):
                answer = self.periodic("job", "stop", f"{option}={value}", "--output", "json")
                if not value or option == "--task":  # a task that is nowhere is an error
                    self.assertEqual((answer.code, answer.out), (1 if value else 2, ""), answer)
                else:
                    self.assertEqual((answer.code, answer.document["matched"]), (0, 0), answer)

    def test_added_to_a_log_and_a_response_cannot_break_a_document(self):
        self.ok("run", "a")
        for value in NASTY:
            if value in ("", "-"):
                continue
            self.ok("job", "log", "1", f"--append={value}")
            self.ok("job", "response", "1", f"--append={value}")
        said = "\n".join(line["text"] for line in self.json("job", "log", "1"))
        for value in NASTY:
            self.assertIn(value, said)
        self.assertEqual(self.json("job", "response", "1")["response"], "".join(NASTY))

    def test_of_a_pause_come_back_as_they_are(self):
        for value in NASTY:
            self.assertEqual(self.json("pause", "--all", f"--reason={value}")["reason"], value or None)
            self.assertNotIn("\x1b", self.ok("pause"))

    def test_in_what_is_refused_cannot_disturb_a_terminal(self):
        for words in (["job", "\x1b[2J"], ["\x1b[2J"], ["job", "show", "\x1b[2J"], ["job", "stop", "--above", "\x1b[2J"],
                      ["job", "add", "a", "--at", "\x1b[2J"], ["pause", "--task", "\x1b[2J"],
                      ["job", "auto", "--rule", "\x1b[2J"], ["resume", "--group", "\x1b[2J"]):
            answer = self.periodic(*words)
            self.assertIn(answer.code, (0, 1, 2), answer)
            self.assertNotIn("\x1b", answer.err + answer.out)


class HostileNames(HomeTest):
    NAMES = ["../../etc/passwd", "/etc/passwd", "..", ".", "a/../b", "a\x00b".replace("\x00", "%00"), "a b",
             "x" * 300, "\x1b[2J", "-", "$(id)"]

    def test_of_tasks_are_refused(self):
        for name in self.NAMES:
            answer = self.periodic("run", "--", name)
            self.assertIn(answer.code, (1, 2), answer)
            self.assertEqual(answer.out, "")
            self.assertNotIn("\x1b", answer.err)

    def test_in_a_crontab_are_refused(self):
        for name in ("../../etc/passwd", "/etc/passwd", "a/b", "..", "$(id)"):
            self.crontab(f"@daily {name}\n")
            answer = self.periodic("check")
            self.assertEqual(answer.code, 78, answer)
            self.assertIn("crontab:1:8:", answer.err)


class HostileFiles(HomeTest):
    def broken(self, content, mode="w"):
        path = self.home / "tasks" / "bad.xml"
        with open(path, mode) as file:
            file.write(content)
        answer = self.periodic("check")
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("bad.xml", answer.err)
        return answer

    def test_that_are_bombs_are_refused_at_once(self):
        entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "lol"}">' for i in range(12))
        self.broken(f'<?xml version="1.0"?><!DOCTYPE t [{entities}]><task><description>&l11;</description></task>')
        self.broken("<task>" * 100_000)
        self.broken("<task><description>" + "x" * (2 << 20) + "</description></task>")
        self.broken('<!DOCTYPE task SYSTEM "file:///etc/passwd"><task/>')

    def test_that_are_no_text_are_refused(self):
        self.broken(b"\xff\xfe\x00\x00" * 100, "wb")
        self.broken(b"<task><description>\xff\xfe</description></task>", "wb")
        self.broken(b"\x00" * 1000, "wb")

    def test_that_are_no_files_are_refused(self):
        (self.home / "tasks" / "bad.xml").mkdir()
        self.assertEqual(self.periodic("check").code, 78)
        (self.home / "tasks" / "bad.xml").rmdir()
        os.mkfifo(self.home / "tasks" / "bad.xml")
        self.assertEqual(self.periodic("check").code, 78, "and nobody waits for a writer")

    def test_that_are_crontabs_of_random_bytes_are_errors(self):
        (self.home / "crontab").write_bytes(bytes(range(256)) * 64)
        answer = self.periodic("check")
        self.assertEqual(answer.code, 78)
        self.assertNotIn("\x1b", answer.err)
        self.json("check", code=78)

    @unittest.skipIf(os.geteuid() == 0 and sys.platform != "linux", "needs another user")
    def test_that_cannot_be_read_are_errors(self):
        self.task("a", shell("true"))
        self.crontab("@daily a\n")
        options = {}
        if os.geteuid() == 0:  # root reads everything: nobody does not
            for path in [self.home, *self.home.rglob("*")]:
                os.chown(path, 65534, 65534)
            options = {"user": 65534, "group": 65534, "extra_groups": []}
        os.chmod(self.home / "tasks" / "a.xml", 0)
        answer = self.periodic("check", **options)
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("a.xml", answer.err)
        os.chmod(self.home / "crontab", 0)
        answer = self.periodic("run", **options)
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("crontab", answer.err)
        os.chmod(self.home, 0o500)
        answer = call("-C", str(self.home), "run", **options)
        self.assertIn(answer.code, (74, 78), answer)


if __name__ == "__main__":
    unittest.main()
