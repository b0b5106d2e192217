"""completion: what a shell offers, asked of the shells themselves."""

import shutil
import subprocess
import unittest

from home import PATIENCE_SECONDS, PROGRAM, HomeTest, call, environment, shell
from test_command_line import COMMANDS


class Bash(HomeTest):
    def setUp(self):
        super().setUp()
        (self.home / "bin").mkdir()
        (self.home / "bin/periodic").symlink_to(PROGRAM)

    def run_bash(self, script):
        answer = subprocess.run(["bash", "--norc", "-c", script], cwd=self.home, stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=PATIENCE_SECONDS,
                                env=environment(PATH=f"{self.home}/bin:/usr/bin:/bin"))
        self.assertEqual((answer.returncode, answer.stderr), (0, ""), script)
        return answer.stdout

    def offered(self, *words):
        """What bash offers for the last word."""
        quoted = " ".join("'" + word + "'" for word in words)
        return self.run_bash(f"set -u; source <(periodic completion bash); COMP_WORDS=(periodic {quoted}); "
                             f"COMP_CWORD={len(words)}; _periodic; printf '%s\\n' \"${{COMPREPLY[@]-}}\"").split()

    def test_registers_itself(self):
        self.assertIn("-F _periodic periodic", self.run_bash("source <(periodic completion bash); complete -p periodic"))

    def test_offers_commands(self):
        self.assertEqual(set(self.offered("")), {command.split()[0] for command in COMMANDS} | {"help"} |
                         set(self.offered("")) & {"daemon", "start", "stop", "restart", "revive", "reload", "status"})
        self.assertEqual(self.offered("pr"), ["prune"])
        self.assertEqual(self.offered("job", "re"), ["response", "retry", "reset"])
        self.assertEqual(self.offered("-C", str(self.home), "help", "im"), ["import"])

    def test_offers_the_options_of_every_command(self):
        for command in COMMANDS:
            page = call("help", *command.split()).out
            offered = self.offered(*command.split(), "--")
            for option in offered:
                self.assertIn(option, page, command)
            self.assertIn("--output", offered, command)
        self.assertIn("--budget", self.offered("run", "--b"))
        self.assertNotIn("--budget", self.offered("next", "--"))

    def test_offers_values(self):
        self.assertEqual(self.offered("--output", ""), ["text", "json"])
        self.assertEqual(self.offered("next", "--output", "j"), ["json"])
        self.assertEqual(self.offered("job", "list", "--state", "s"), ["succeeded", "stopped", "skipped"])
        self.assertEqual(self.offered("job", "list", "--state", "=", "q"), ["queued"])
        self.assertEqual(self.offered("completion", ""), ["bash", "zsh"])
        self.assertEqual(self.offered("-C", "bi"), ["bin"])

    def test_offers_tasks_and_jobs_of_the_home(self):
        self.task("alpha", shell("true"))
        self.task("beta", shell("true"))
        self.ok("run", "beta")
        self.assertEqual(self.offered("run", ""), ["alpha", "beta"])
        self.assertEqual(self.offered("run", "be"), ["beta"])
        self.assertEqual(self.offered("job", "show", ""), ["alpha", "beta", "1"])
        self.assertEqual(self.offered("job", "log", "1"), ["1"])
        self.assertEqual(self.offered("job", "run", ""), ["1"])
        self.assertEqual(self.offered("pause", "--task", "a"), ["alpha"])
        self.assertEqual(self.offered("job", "list", "alpha", "b"), ["beta"])
        other = self.home / "other"
        (other / "tasks").mkdir(parents=True)
        (other / "crontab").write_text("")
        (other / "tasks/gamma.xml").write_text((self.home / "tasks/beta.xml").read_text())
        self.assertEqual(self.offered("-C", str(other), "run", ""), ["gamma"])

    def test_says_nothing_where_there_is_no_home(self):
        shutil.rmtree(self.home / "tasks")
        (self.home / "crontab").unlink()
        self.assertEqual(self.offered("run", ""), [])

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh here")
    def test_is_sound_in_zsh(self):
        answer = subprocess.run(["zsh", "-fc", "source <(periodic completion zsh); print $_comps[periodic]"], text=True,
                                capture_output=True, env=environment(PATH=f"{self.home}/bin:/usr/bin:/bin"))
        self.assertIn("_bash_complete", answer.stdout)

    def test_is_for_known_shells(self):
        answer = call("completion", "fish")
        self.assertEqual((answer.code, answer.out), (2, ""), answer)
        self.assertIn("bashcompinit", call("completion", "zsh").out)


if __name__ == "__main__":
    unittest.main()
