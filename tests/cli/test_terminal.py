"""What a person sees: colours and tables that fit, only on a terminal."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import unittest

from home import PATIENCE_SECONDS, PROGRAM, HomeTest, environment, shell


def on_a_terminal(*words, columns=80, on_part=lambda written: None, **changes):
    """Everything that a call writes to a terminal, and its exit code; `on_part` sees it grow."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([PROGRAM, *words], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                               env=environment(**{"TERM": "xterm", **changes}), cwd="/")
    os.close(slave)
    written = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # how Linux says that the other side is gone
            break
        if not part:
            break
        written += part
        on_part(written)
    os.close(master)
    return process.wait(PATIENCE_SECONDS), written.decode().replace("\r\n", "\n")


class OnATerminal(HomeTest):
    def on_a_terminal(self, *words, **options):
        return on_a_terminal("-C", str(self.home), *words, **options)

    def test_errors_are_coloured_unless_asked_not_to(self):
        self.crontab("nonsense\n")
        self.assertIn("\x1b[1;31m^\x1b[0m", self.on_a_terminal("check")[1])
        self.assertNotIn("\x1b", self.on_a_terminal("check", NO_COLOR="1")[1])
        self.assertNotIn("\x1b", self.on_a_terminal("check", TERM="dumb")[1])
        self.assertNotIn("\x1b", self.periodic("check").err)

    def test_tables_fit_and_align_wide_characters(self):
        self.write("tasks/a.xml", "<task><description>日本語の説明 " + "長い" * 60 + "</description>" + shell("true") + "</task>")
        code, text = self.on_a_terminal("tasks", columns=60, NO_COLOR="1")
        self.assertEqual(code, 0)
        for line in text.splitlines():
            width = sum(2 if ord(c) > 0x1100 and c != "…" else 1 for c in line)
            self.assertLessEqual(width, 60, line)
        self.assertIn("…", text)

    def test_run_ends_with_a_summary(self):
        self.task("a", shell("true"))
        self.make_due(["a"])
        code, text = self.on_a_terminal("run", NO_COLOR="1")
        self.assertEqual(code, 0)
        self.assertRegex(text, r"Ran \d+ jobs? in [\d.]+ s: \d+ succeeded\.\n")
        self.assertIn("Nothing was due.", self.on_a_terminal("run", "--max-jobs", "0", "--quiet")[1] or "Nothing was due.")

    def test_quiet_says_nothing(self):
        self.assertEqual(self.on_a_terminal("run", "--quiet"), (0, ""))

    def test_waiting_shows_the_log_the_progress_and_the_message(self):
        self.task("told", shell('echo begun; printf "progress=40\\nmessage=almost\\n" >> "$PERIODIC_OUTPUT"')
                  + shell('until [ -e "$PERIODIC_HOME/go" ]; do sleep 0.02; done; '
                          'printf "message=all done\\ncode=ok\\n" >> "$PERIODIC_OUTPUT"'))
        for words in (["job", "add", "told", "--wait"], ["run", "told"]):
            with self.subTest(words):
                (self.home / "go").unlink(missing_ok=True)

                def on_part(written):
                    if b"40 %" in written:
                        self.write("go", "")

                code, text = self.on_a_terminal(*words, NO_COLOR="1", on_part=on_part)
                self.assertEqual(code, 0, text)
                self.assertRegex(text, r"begun\n(.*\r)?job \d: 40 %  almost")
                self.assertTrue(text.endswith("ok: all done\n"), text)

    def test_waiting_quietly_shows_nothing_but_the_id(self):
        self.task("a", shell("echo said"))
        self.assertEqual(self.on_a_terminal("job", "add", "a", "--wait", "-q"), (0, "1\n"))

    def test_a_jobs_output_cannot_disturb_it(self):
        self.task("rude", shell(r"printf '\033[2Jred\n'"))
        code, text = self.on_a_terminal("run", "rude", NO_COLOR="1")
        self.assertEqual(code, 0)
        self.assertIn("[2Jred", text)
        self.assertIsNone(re.search("\x1b", text))

    def test_a_jobs_log_cannot_disturb_it_but_stays_raw_off_it(self):
        said = "\x1b[2Jred\x07 bell\rback \u009b31m end"
        self.write("said", said + "\n")
        self.task("rude", shell('cat "$PERIODIC_HOME/said"; cat "$PERIODIC_HOME/said" >&2'))
        texts = [self.on_a_terminal("run", "rude", NO_COLOR="1")]
        for words in ([], ["-f"], ["--raw"], ["--raw", "-n", "1"]):
            texts.append(self.on_a_terminal("job", "log", "1", *words, NO_COLOR="1"))
        for code, text in texts:
            self.assertEqual(code, 0, text)
            self.assertIn("[2Jred\ufffd bell", text)
            self.assertIsNone(re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), text)
        raw = subprocess.run([PROGRAM, "-C", str(self.home), "job", "log", "1", "--raw"], env=environment(),
                             stdout=subprocess.PIPE, check=True).stdout.decode()
        self.assertIn("\x1b[2Jred\x07 bell", raw)

    def test_waiting_says_once_what_it_waits_for(self):
        self.task("long", shell('touch "$PERIODIC_HOME/begun"; '
                                'until [ -e "$PERIODIC_HOME/go" ]; do sleep 0.02; done'))
        first = subprocess.Popen([PROGRAM, "-C", str(self.home), "run", "long"], env=environment(),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.addCleanup(first.communicate)
        self.addCleanup(first.kill)
        self.until((self.home / "begun").exists)

        def on_part(written):
            if b"waits for" in written:
                self.write("go", "")

        code, text = self.on_a_terminal("run", "long", on_part=on_part, NO_COLOR="1")
        self.assertEqual(code, 0)
        self.assertEqual(text.count("periodic: job 2 waits for another job of its task\n"), 1, text)


if __name__ == "__main__":
    unittest.main()
