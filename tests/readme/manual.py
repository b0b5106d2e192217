"""The manual page names the commands and options that `periodic --help` names, and no others.

Usage: manual.py PAGE PROGRAM
"""

import pathlib
import re
import subprocess
import sys


def section(text, title):
    """The lines of a section of --help: those that are indented below its title."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(title)) + 1
    for line in lines[start:]:
        if not line.startswith("  "):
            return
        yield line


def in_help(text):
    """The commands and long options of --help."""
    commands = {re.split(r"  +", line.strip())[0] for line in section(text, "Commands:")}
    options = {option for line in section(text, "Options") for option in re.findall(r"--[a-z-]+", line)}
    return commands | options - {"--help"}


def in_page(text):
    """The same of the page."""
    commands = re.search(r"^\.SH COMMANDS\n(.*?)^\.SH", text, re.MULTILINE | re.DOTALL)[1]
    options = re.search(r"^\.SH OPTIONS\n(.*?)^\.SH", text, re.MULTILINE | re.DOTALL)[1].replace("\\-", "-")
    return set(re.findall(r"^\.TP\n\.B (.+)$", commands, re.MULTILINE)) | set(re.findall(r"--[a-z-]+", options))


if __name__ == "__main__":
    page = in_page(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    usage = in_help(subprocess.run([sys.argv[2], "--help"], check=True, capture_output=True, text=True).stdout)
    for name in sorted(usage - page):
        print(f"{name} is not in the page")
    for name in sorted(page - usage):
        print(f"{name} is in the page alone")
    sys.exit(page != usage or not page)
