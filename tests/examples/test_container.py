"""The Dockerfile of examples/container, as far as it can be tried without Docker: what it copies is there, its
steps are sound, and what it starts is well as process 1 and healthy."""

import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import tempfile
import unittest

from example import EXAMPLES, PATIENCE_SECONDS, PROGRAM, Example, environment

SOURCE = EXAMPLES.parent
FOLDER = EXAMPLES / "container"
IN_A_NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
# Those of Docker's reference.
INSTRUCTIONS = {"FROM", "RUN", "CMD", "LABEL", "EXPOSE", "ENV", "ADD", "COPY", "ENTRYPOINT", "VOLUME", "USER", "WORKDIR",
                "ARG", "STOPSIGNAL", "HEALTHCHECK", "SHELL"}


def instructions():
    """(instruction, the rest) in order, with continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (FOLDER / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


def values(name):
    """What follows each instruction of a name."""
    return [value for instruction, value in instructions() if instruction == name]


def may_make_namespaces():
    try:
        return subprocess.run([*IN_A_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


class Dockerfile(unittest.TestCase):
    def test_has_only_instructions_that_there_are(self):
        self.assertLessEqual({name for name, _ in instructions()}, INSTRUCTIONS)
        self.assertEqual(instructions()[0][0], "FROM")

    def test_copies_what_is_there(self):
        copied = [shlex.split(value) for value in values("COPY")]
        self.assertGreaterEqual(len(copied), 3)
        for words in copied:
            if words[0].startswith("--from="):
                # The directory that a step of that stage writes.
                directory = words[1].rsplit("/", 1)[0]
                self.assertTrue(any(f"-B {directory}" in step for step in values("RUN")), words)
            else:
                self.assertTrue((SOURCE / words[0]).exists(), words)
        ignored = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
        self.assertFalse({"examples", "scripts", "tests"} & set(ignored))

    def test_its_steps_are_shell_that_names_what_there_is(self):
        options = (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8")
        packages = (SOURCE / "cmake/PeriodicInstall.cmake").read_text(encoding="utf-8")
        for step in values("RUN"):
            done = subprocess.run(["sh", "-n", "-c", step], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            for option in re.findall(r"-D(PERIODIC_\w+)", step):
                self.assertIn(f"option({option} ", options)
            for generator in re.findall(r"-G (DEB|TGZ)", step):
                self.assertRegex(packages, rf"CPACK_GENERATOR .*{generator}")
        self.assertTrue(os.access(SOURCE / values("RUN")[0], os.X_OK))

    def test_its_volume_is_the_state_of_its_home(self):
        home = (FOLDER / "home/periodic.xml").read_text(encoding="utf-8")
        self.assertIn(f"<state>{values('VOLUME')[0]}</state>", home)
        variables = dict(pair.split("=", 1) for pair in values("ENV"))
        self.assertIn(f"COPY examples/container/home {variables['PERIODIC_HOME']}\n",
                      (FOLDER / "Dockerfile").read_text(encoding="utf-8"))

    def test_compose_mounts_what_the_dockerfile_has(self):
        compose = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
        self.assertIn(f"state:{values('VOLUME')[0]}\n", compose)
        self.assertIn("dockerfile: examples/container/Dockerfile", compose)
        self.assertIn("context: ../..", compose)


@unittest.skipUnless(may_make_namespaces(), "may not make a PID namespace")
class Process(Example):
    FOLDER = "container"

    def setUp(self):
        super().setUp()
        state = self.place / "state"
        config = self.home / "periodic.xml"
        config.write_text(config.read_text(encoding="utf-8").replace("/var/lib/periodic", str(state)), encoding="utf-8")
        (self.home / "crontab").write_text("@every 1s heartbeat\n", encoding="utf-8")
        (self.place / "bin").mkdir()
        (self.place / "bin/periodic").symlink_to(PROGRAM)
        self.environment = environment(PERIODIC_HOME=str(self.home), PATH=f"{self.place}/bin:/usr/bin:/bin")

    def healthy(self):
        command = values("HEALTHCHECK")[0].split(" CMD ", 1)[1]
        return subprocess.run(["sh", "-c", command], env=self.environment, cwd="/", capture_output=True,
                              timeout=PATIENCE_SECONDS).returncode

    def test_what_it_starts_is_process_one_and_healthy_until_it_is_stopped(self):
        words = json.loads(values("ENTRYPOINT")[0]) + json.loads(values("CMD")[0])
        self.assertEqual(self.healthy(), 1)
        with tempfile.TemporaryFile() as errors:
            container = subprocess.Popen([*IN_A_NAMESPACE, *words], env=self.environment, cwd="/",
                                         stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
            self.addCleanup(container.kill)
            self.wait_for("health", lambda: self.healthy() == 0)
            self.assertEqual(self.document("status")["pid"], 1)
            done = self.wait_for("a job", lambda: self.document("job", "list", "--state", "succeeded")["jobs"])
            self.assertEqual(self.log_of(done[0]["id"]), ["alive, under process 1: periodic"])
            first = pathlib.Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text().split()[0]
            os.kill(int(first), signal.SIGTERM)
            self.assertEqual(container.wait(PATIENCE_SECONDS), 0)
        self.assertEqual(self.healthy(), 1)


if __name__ == "__main__":
    unittest.main()
