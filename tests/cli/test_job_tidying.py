"""prune and job reset: deleting many."""

import os
import pty
import subprocess
import unittest

from home import PATIENCE_SECONDS, PROGRAM, environment, shell
from jobs_by_hand import JobsTest


def type_on_a_terminal(home, words, lines):
    """Calls the program on a terminal of its own, where the lines are typed when it asks."""
    pid, master = pty.fork()
    if pid == 0:
        os.execve(PROGRAM, [PROGRAM, "-C", str(home), *words], environment(TERM="dumb"))
    shown = b""
    lines = list(lines)
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:
            break
        shown += part
        if lines and part.rstrip(b" ").endswith(b":"):
            os.write(master, lines.pop(0).encode() + b"\n")
    os.close(master)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode().replace("\r\n", "\n")


class Prune(JobsTest):
    def run_some(self):
        self.task("short", shell("true"), config="<retention jobs='2'/>")
        for name in ("good", "short", "bad"):
            self.add(name)
        self.periodic("run")
        self.add("good", "--in", "1h")

    def test_deletes_what_is_beyond_its_retention(self):
        self.run_some()
        self.assertEqual(self.changes("prune"), {"matched": 0, "changed": 0, "ids": [], "refused": []})
        self.task("short", shell("true"), config="<retention age='1s'/>")
        self.until(lambda: self.changes("prune", "--dry-run")["ids"] == [2])
        self.assertEqual(self.state(2), "succeeded")
        self.assertEqual(self.ok("prune"), "1 job deleted.\n")
        self.assertEqual(set(self.states()), {1, 3, 4})

    def test_of_all_deletes_what_has_ended(self):
        self.run_some()
        self.assertEqual(self.changes("prune", "--all", "--dry-run")["ids"], [1, 2, 3])
        self.assertEqual(self.changes("prune", "--all")["ids"], [1, 2, 3])
        self.assertEqual(self.states(), {4: "queued"})


class Reset(JobsTest):
    def add_some(self):
        for words in (["good"], ["bad", "--idle"]):
            self.add(*words)

    def protect(self, password):
        hashed = self.hash_of(password)
        self.write("periodic.xml", f'<periodic><reset hash="{hashed}"/></periodic>')
        return hashed

    def hash_of(self, password):
        answer = self.periodic("job", "reset", "--hash", "--password-file", str(self.write("secret", password + "\n")))
        self.assertEqual(answer.code, 0, answer)
        return answer.out.strip()

    def test_deletes_all_but_what_runs(self):
        number, other = self.start_long()
        ended = self.add("good")
        self.until(lambda: self.state(ended) == "succeeded")
        self.add("bad", "--idle")
        self.assertEqual(self.changes("job", "reset", "--yes", "--dry-run")["matched"], 2)
        self.assertEqual(self.ok("job", "reset", "--yes"), "2 jobs deleted.\n")
        self.assertEqual(self.states(), {number: "running"})
        self.let_go(other)

    def test_off_a_terminal_must_be_meant(self):
        self.add_some()
        answer = self.periodic("job", "reset")
        self.assertEqual((answer.code, answer.out), (2, ""), answer)
        self.assertIn("--yes", answer.err)
        self.assertEqual(len(self.states()), 2)

    def test_on_a_terminal_asks_for_the_word(self):
        self.add_some()
        code, shown = type_on_a_terminal(self.home, ["job", "reset"], ["yes"])
        self.assertEqual((code, len(self.states())), (2, 2), shown)
        self.assertIn("deletes 2 jobs", shown)
        code, shown = type_on_a_terminal(self.home, ["job", "reset"], ["reset"])
        self.assertEqual((code, self.states()), (0, {}), shown)

    def test_with_a_password_asks_for_that(self):
        self.add_some()
        hashed = self.protect("sesame")
        self.assertTrue(hashed.startswith("$y$"), hashed)
        self.ok("check")
        for words in (["--yes"], ["--yes", "--password-file", str(self.write("wrong", "Sesame\n"))],
                      ["--password-file", str(self.write("empty", ""))]):
            answer = self.periodic("job", "reset", *words, start_new_session=True)
            self.assertIn(answer.code, (1, 2), answer)
            self.assertEqual((answer.out, len(self.states())), ("", 2))
        self.assertEqual(self.periodic("job", "reset", "--password-file", str(self.home / "wrong")).code, 1)
        self.assertEqual(self.ok("job", "reset", "--password-file", str(self.home / "secret")), "2 jobs deleted.\n")

    def test_takes_the_password_from_standard_input_or_the_terminal(self):
        self.protect("sesame")
        self.add_some()
        process = subprocess.run([PROGRAM, "-C", str(self.home), "job", "reset", "--password-file", "-"],
                                 input=b"sesame", env=environment(), capture_output=True, timeout=PATIENCE_SECONDS)
        self.assertEqual((process.returncode, self.states()), (0, {}), process)
        self.add_some()
        code, shown = type_on_a_terminal(self.home, ["job", "reset"], ["wrong"])
        self.assertEqual((code, len(self.states())), (1, 2), shown)
        code, shown = type_on_a_terminal(self.home, ["job", "reset"], ["sesame"])
        self.assertEqual((code, self.states()), (0, {}), shown)
        self.assertNotIn("sesame", shown)

    def test_makes_hashes_that_differ(self):
        self.assertNotEqual(self.hash_of("sesame"), self.hash_of("sesame"))
        code, shown = type_on_a_terminal(self.home, ["job", "reset", "--hash"], ["sesame", "sesame"])
        self.assertEqual(code, 0, shown)
        self.assertIn("$y$", shown)
        self.assertEqual(type_on_a_terminal(self.home, ["job", "reset", "--hash"], ["sesame", "other"])[0], 2)

    def test_with_a_hash_that_is_none_is_refused_by_check(self):
        self.write("periodic.xml", '<periodic>\n<reset hash="sesame"/></periodic>')
        answer = self.periodic("check")
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("periodic.xml:2:", answer.err)
        self.assertIn("--hash", answer.err)


if __name__ == "__main__":
    unittest.main()
