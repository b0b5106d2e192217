"""The systemd unit that is installed: systemd takes it, its directives are known, and it starts what there is.

Environment: SOURCE, BUILD, PROGRAM.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["SOURCE"])
PATIENCE_SECONDS = 120
# What systemd.unit(5), systemd.service(5), systemd.exec(5) and systemd.resource-control(5) of version 252 have.
KNOWN = {
    "Unit": {"Description", "Documentation", "After", "StartLimitIntervalSec"},
    "Service": {
        "Type", "TimeoutStartSec", "ExecStart", "ExecReload", "WatchdogSec", "Restart", "RestartSec",
        "RestartPreventExitStatus", "KillMode", "TimeoutStopSec", "OOMPolicy", "StateDirectory", "StateDirectoryMode",
        "NoNewPrivileges", "ProtectSystem", "PrivateDevices", "ProtectKernelTunables", "ProtectKernelModules",
        "ProtectKernelLogs", "ProtectClock", "ProtectControlGroups", "ProtectHostname", "RestrictNamespaces",
        "RestrictRealtime", "RestrictSUIDSGID", "RestrictAddressFamilies", "LockPersonality",
        "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber", "CapabilityBoundingSet"},
    "Install": {"WantedBy"},
}


def directives(text):
    """(section, name, value) of each directive."""
    section = None
    for line in text.splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield section, name, value


def calls(*words):
    """What a command says, all of it."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=PATIENCE_SECONDS)
    return done.returncode, done.stdout


class Unit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.prefix = pathlib.Path(cls.folder.name) / "usr"
        code, said = calls("cmake", "--install", os.environ["BUILD"], "--prefix", str(cls.prefix))
        assert code == 0, said
        cls.unit = cls.prefix / "lib/systemd/system/periodic.service"
        cls.text = cls.unit.read_text(encoding="utf-8")
        cls.values = {name: value for _, name, value in directives(cls.text)}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_has_only_directives_that_systemd_knows(self):
        for section, name, value in directives(self.text):
            self.assertIn(name, KNOWN[section])
            self.assertNotEqual(value, "", name)
        self.assertNotIn("@", self.text.replace("@system-service", ""))

    def test_starts_what_was_installed_with_options_that_there_are(self):
        for name, command in (("ExecStart", "daemon"), ("ExecReload", "reload")):
            words = shlex.split(self.values[name])
            self.assertEqual(words[0], str(self.prefix / "bin/periodic"))
            self.assertEqual(words[1:], ["-C", "/etc/periodic", command])
            self.assertEqual(calls(words[0], "help", command)[0], 0)
        page = self.values["Documentation"].split("file:")[1]
        self.assertTrue(pathlib.Path(page).exists(), page)

    def test_its_state_is_that_of_the_systems_home(self):
        home = (SOURCE / "cmake/package/periodic.xml").read_text(encoding="utf-8")
        self.assertIn(f"<state>/var/lib/{self.values['StateDirectory']}</state>", home)

    def test_the_exit_codes_without_a_second_try_are_those_of_the_program(self):
        codes = (SOURCE / "src/cli/exit_codes.hpp").read_text(encoding="utf-8")
        for code in self.values["RestartPreventExitStatus"].split():
            self.assertIn(f" = {code};", codes)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_systemd_has_nothing_to_say_against_it(self):
        verify = ("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(self.unit))
        self.assertEqual(calls(*verify), (0, ""))
        broken = self.unit.with_name("broken.service")
        broken.write_text(self.text.replace("KillMode=", "KilMode="), encoding="utf-8")
        self.assertIn("KilMode", calls(*verify[:-1], str(broken))[1])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_it_is_exposed_to_little(self):
        code, said = calls("systemd-analyze", "security", "--offline=yes", "--threshold=40", str(self.unit))
        self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
