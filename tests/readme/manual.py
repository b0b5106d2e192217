"""The manual page names the commands and options that the help texts name, and no others.

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


def commands_in_help(text):
    """The commands of --help."""
    return [re.split(r"  +", line.strip())[0] for line in section(text, "Commands:")]


def own_options_in_help(text):
    """The options of a command's help that not every command has."""
    if "\nOptions:" not in text:
        return set()
    return {option for line in section(text, "Options:")
            for option in re.findall(r"^  (?:-\w, |    )(--[a-z-]+)", line)}


def own_options_in_page(text):
    """{title: options} of the parts of OPTIONS OF THE COMMANDS; those that choose jobs are in "Which jobs"."""
    part = re.search(r"^\.SH OPTIONS OF THE COMMANDS\n(.*?)^\.SH", text, re.MULTILINE | re.DOTALL)[1]
    titled = re.split(r"^\.SS (.+)\n", part.replace("\\-", "-"), flags=re.MULTILINE)[1:]
    return {title: set(re.findall(r"--[a-z-]+", body)) for title, body in zip(titled[::2], titled[1::2])}


def different(page, usage):
    """What is in one of the two sets alone, in words."""
    yield from (f"{name} is not in the page" for name in sorted(usage - page))
    yield from (f"{name} is in the page alone" for name in sorted(page - usage))


def different_options(parts, helps):
    """The same of the options of each command, from its help text."""
    choosing = parts.get("Which jobs", set())
    for command, text in helps.items():
        usage, own = own_options_in_help(text), parts.get(command, set())
        shared = choosing if "--older-than" in usage else set()
        yield from (f"{command}: {line}" for line in different(own | (shared & usage), usage))
    yield from (f"{title} is no command" for title in sorted(parts.keys() - helps.keys() - {"Which jobs"}))


if __name__ == "__main__":
    def help_of(*words):
        """What the program prints with these words."""
        return subprocess.run([sys.argv[2], *words], check=True, capture_output=True, text=True).stdout

    page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    usage = help_of("--help")
    found = list(different(in_page(page), in_help(usage)))
    found += different_options(own_options_in_page(page),
                               {command: help_of("help", *command.split()) for command in commands_in_help(usage)})
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.exit(bool(found) or not in_page(page))
