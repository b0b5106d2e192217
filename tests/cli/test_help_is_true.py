"""What the help texts show can be typed."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from home import PATIENCE_SECONDS, PROGRAM, call, environment
from test_command_line import COMMANDS


class Examples(unittest.TestCase):
    def setUp(self):
        self.user = pathlib.Path(tempfile.mkdtemp(prefix="periodic-cli-"))
        self.addCleanup(shutil.rmtree, self.user, ignore_errors=True)
        (self.user / "bin").mkdir()
        (self.user / "bin/periodic").symlink_to(PROGRAM)

    def sh(self, line):
        return subprocess.run(["bash", "-c", line], cwd=self.user, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=environment(HOME=str(self.user), PATH=f"{self.user}/bin:/usr/bin:/bin"),
                              timeout=PATIENCE_SECONDS)

    def section(self, page, title):
        return re.search(rf"^{title}:\n\n?((?:  .*\n)+)", page, re.MULTILINE)[1].splitlines()

    def test_of_the_first_steps_with_jobs_lead_to_a_job_that_ran(self):
        lines = [line.strip() for line in self.section(call("job", "--help").out, "First steps")]
        cron = [line for line in lines if line.startswith("*")]
        script = "set -e\n" + "\n".join(line for line in lines if line not in cron)
        answer = self.sh(script + "\n" + cron[0].replace("* * * * * /usr/bin/", ""))
        self.assertEqual(answer.returncode, 0, (answer.stdout, answer.stderr))
        states = self.sh("cd ~/jobs && periodic job list mail --state succeeded --output json").stdout
        self.assertEqual(states.count('"state":"succeeded"'), 2, states)

    def test_of_jobs_are_no_wrong_usage(self):
        self.assertEqual(self.sh("periodic init ~/jobs && cd ~/jobs && periodic new mail && periodic new report && "
                                 "periodic run mail").returncode, 0)
        lines = self.section(call("job", "--help").out, "Examples")
        self.assertGreaterEqual(len(lines), 5)
        for line in lines:
            answer = self.sh(f"cd ~/jobs; periodic run; {line}")
            self.assertIn(answer.returncode, (0, 1), (line, answer.stderr))

    def test_for_those_who_come_from_elsewhere_can_be_typed(self):
        self.assertEqual(self.sh("periodic init ~/jobs && cd ~/jobs && periodic new mail && "
                                 "for i in 1 2 3 4 5; do periodic run mail; done").returncode, 0)
        known = {command.split()[0] for command in COMMANDS} | {"status"}
        table = self.section(call("job", "--help").out, "For those who know queues and cron")
        typed = [words for line in table for words in re.split(r", (?=[a-z])", re.split(r" {2,}", line.strip())[1])
                 if words.split()[0] in known]
        self.assertGreaterEqual(len(typed), 15, typed)
        for words in reversed(typed):  # what adds jobs comes last, so that `job log -f` ends
            answer = self.sh(f"cd ~/jobs && periodic {words}")
            self.assertIn(answer.returncode, (0, 3) if words == "status" else (0, 1), (words, answer.stderr))

    def test_of_each_command_name_options_that_there_are(self):
        for command in COMMANDS:
            if not command.startswith("job ") and command not in ("pause", "resume", "prune"):
                continue
            page = call("help", *command.split()).out
            known = set(re.findall(r"--[a-z-]+", page.split("Examples:")[0]))
            used = set(re.findall(r"(?<= )--[a-z-]+", page.split("Examples:")[1]))
            self.assertLessEqual(used, known, command)


if __name__ == "__main__":
    unittest.main()
