"""Runs every command of a document's fenced blocks, and compiles its C++.

Usage: readme.py DOCUMENT...

    ```console    commands after "$ ", each followed by what it prints; times and lengths of time in
                  it stand for any others, and /home/you for the home directory
    ```console exact     the same, to the letter
    ```sh         commands that must succeed
    ```cpp        a source file that must compile

The commands of one document share one directory as their home, with the program in PATH (the installed
one, once the document has installed it), and begin in the source tree. Environment: SOURCE, BUILD (the build directory, whatever the document calls it),
PROGRAM, CXX.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["SOURCE"])
BUILD = os.environ["BUILD"]
PATIENCE_SECONDS = 300

# What tests of their own run: ctest is in the middle of scripts/test, and .ci/run calls that.
RUN_ELSEWHERE = {"scripts/test", ".ci/run", "scripts/test --preset dev -R cron", "scripts/test --long", "scripts/bench"}
# Those that are run by the test `readme.quickstart` alone, as they build.
QUICKSTART = "scripts/quickstart"

LOOSE = (
    (r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?=\d{4}-)", ""),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d\d:\d\d)?", "<time>"),
    (r"\b\d+(\.\d+)?s\b", "<span>"),
    (r" +", " "),
)


def blocks(text):
    """(kind, lines) of each fenced block."""
    for match in re.finditer(r"^```([a-z]+(?: exact)?)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield match[1], match[2].splitlines()


def conversations(lines):
    """(command, what it prints) of a console block."""
    found = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def loosened(lines):
    """The lines with times and widths taken out, so that any others are as good."""
    result = []
    for line in lines:
        for pattern, stand_in in LOOSE:
            line = re.sub(pattern, stand_in, line)
        result.append(line.strip())
    return [line for line in result if line]


class Shell:
    """Runs commands one after the other; what they change (directory, files) stays."""

    def __init__(self, home):
        self.home = home
        self.place = str(SOURCE)
        self.environment = {
            "HOME": str(home), "TZ": "UTC", "LC_ALL": "C.UTF-8", "BUILD": BUILD,
            "PATH": f"{home}/.local/bin:{pathlib.Path(os.environ['PROGRAM']).parent}:/usr/bin:/bin",
            "PKG_CONFIG_PATH": f"{home}/.local/lib/pkgconfig:{home}/.local/lib/x86_64-linux-gnu/pkgconfig",
            **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")},
        }

    def run(self, command):
        """(exit code, lines) of a command."""
        command = command.replace("build/release", '"$BUILD"')
        script = f'{command}\ncode=$?\npwd > "$HOME/.place"\nexit $code'
        done = subprocess.run(["bash", "-c", script], cwd=self.place, env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=PATIENCE_SECONDS)
        self.place = (self.home / ".place").read_text(encoding="utf-8").strip()
        printed = done.stdout.replace(os.path.realpath(os.environ["PROGRAM"]), "/home/you/.local/bin/periodic")
        return done.returncode, printed.replace(str(self.home), "/home/you").splitlines()


def check_console(shell, lines, exact):
    """What differs between a console block and what its commands print."""
    for command, expected in conversations(lines):
        code, got = shell.run(command)
        if (got != expected) if exact else (loosened(got) != loosened(expected)):
            yield f"$ {command}\n--- exit {code}, printed\n" + "\n".join(got) + "\n--- but the document says\n" + "\n".join(expected)


def check_script(shell, lines):
    """The commands of a sh block that fail."""
    for line in lines:
        command = re.sub(r"\s+#.*", "", line).strip()
        if not command or command in RUN_ELSEWHERE or command == QUICKSTART:
            continue
        code, got = shell.run(command)
        if code:
            yield f"{command}\n--- exit {code}\n" + "\n".join(got)


def check_source(lines):
    """What the compiler says of a cpp block that it refuses. Who copies one that is unchecked gets an
    abort that says nothing."""
    if any(".value()" in line for line in lines):
        yield "\n".join(lines) + "\n---\n.value() aborts without saying why: print the error()"
    words = [os.environ["CXX"], "-std=c++20", "-fsyntax-only", f"-I{SOURCE}/include", f"-I{BUILD}/include", "-xc++", "-"]
    done = subprocess.run(words, input="\n".join(lines) + "\n", capture_output=True, text=True)
    if done.returncode:
        yield "\n".join(lines) + "\n---\n" + done.stderr


def check(document):
    """(number of blocks that were tried, what is wrong with them)."""
    tried, wrong = 0, []
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder) / "you"
        home.mkdir(mode=0o755)
        shell = Shell(home)
        try:
            for kind, lines in blocks(document.read_text(encoding="utf-8")):
                tried += 1
                if kind.startswith("console"):
                    wrong += check_console(shell, lines, kind.endswith("exact"))
                elif kind == "sh":
                    wrong += check_script(shell, lines)
                elif kind == "cpp":
                    wrong += check_source(lines)
                else:
                    tried -= 1
        finally:
            for control in home.glob("*/var/control"):  # a daemon that the document has left
                wrong.append(f"{control.parent.parent.name}: a daemon is left running")
                shell.run(f"periodic -C '{control.parent.parent}' stop")
    return tried, wrong


if __name__ == "__main__":
    failed = False
    for name in sys.argv[1:]:
        count, mistakes = check(SOURCE / name)
        for mistake in mistakes or ([] if count else ["it has no commands"]):
            print(f"{name}: {mistake}\n")
            failed = True
    sys.exit(failed)
