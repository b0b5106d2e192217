"""The manual has a page for each command, with all that its help text says, in a form that man(1) takes.

Usage: manual.py DIRECTORY PROGRAM
"""

import pathlib
import re
import shutil
import subprocess
import sys

SPECIAL = {r"\e": "\\", r"\-": "-", r"\(aq": "'", r"\(ga": "`", r"\(ha": "^", r"\(ti": "~", r"\&": "", r"\fB": "", r"\fI": "",
           r"\fR": ""}


def words(text):
    """The words of a text, one blank between; headings end with a colon only in help texts."""
    return " ".join(text.replace(":", " ").split())


def in_page(page):
    """The words of a page, without what is for the formatter."""
    text = re.sub(r"^\.(?:TP|PP|nf|fi)$|^\.(?:SH|SS|[BI]|[BIR]{2}) ?", "", page, flags=re.MULTILINE)
    return words(re.sub(r"\\(?:\(..|f.|.)", lambda match: SPECIAL[match[0]], text))


def commands_in_help(text):
    """The commands of --help."""
    lines = text[text.index("Commands:\n"):].splitlines()[1:]
    end = next(i for i, line in enumerate(lines) if not line.startswith("  "))
    return [re.split(r"  +", line.strip())[0] for line in lines[:end] if re.match(r"  \S", line)]


def pieces(text):
    """What of a help text must be found in its page: an option with its text, a paragraph, an example."""
    body = text.split("\n\n", 1)[1]
    for block in re.split(r"\n\n|\n(?=\w[^\n]*:\n)|\n(?=  +-)|(?<=Options:)\n|(?<=command:)\n", body):
        found = words(re.sub(r"^(?:Options|Options of every command):$", "", block.strip("\n"), flags=re.MULTILINE))
        yield found.removeprefix("Examples ")


def missing(page, text):
    """The pieces of a help text that are not in the page."""
    has = in_page(page).lower()
    return [piece for piece in pieces(text) if piece.lower() not in has]


def names(commands):
    """The files of the manual."""
    return {"periodic.1", "periodic-job.1"} | {f"periodic-{command.replace(' ', '-')}.1" for command in commands}


def mistakes(directory, help_of):
    """What is wrong with the manual, in words."""
    commands = commands_in_help(help_of("--help"))
    yield from (f"{name} is there or is not, unlike its command"
                for name in names(commands) ^ {path.name for path in directory.iterdir()})
    for command in commands:
        page = directory / f"periodic-{command.replace(' ', '-')}.1"
        yield from (f"{page.name} lacks: {piece}" for piece in missing(page.read_text("utf-8"), help_of("help", *command.split())))
    yield from (f"periodic-job.1 lacks: {piece}"
                for piece in missing((directory / "periodic-job.1").read_text("utf-8"), help_of("help", "job")))
    program = in_page((directory / "periodic.1").read_text("utf-8"))
    yield from (f"periodic.1 lacks {command}" for command in commands if f" {command} " not in program)
    yield from (f"{path.name}: {complaint}" for path in directory.iterdir() for complaint in complaints(path))


def complaints(path):
    """What the formatter says of a page, where there is one."""
    if not shutil.which("groff"):
        return []
    done = subprocess.run(["groff", "-man", "-ww", "-z", "-K", "utf8", str(path)], capture_output=True, text=True)
    return (done.stdout + done.stderr).splitlines()


if __name__ == "__main__":
    def print_help(*said):
        """What the program prints with these words."""
        return subprocess.run([sys.argv[2], *said], check=True, capture_output=True, text=True).stdout

    wrong = list(mistakes(pathlib.Path(sys.argv[1]), print_help))
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    sys.exit(bool(wrong))
