"""The arrows of the house point down: who may include what.

Usage: arrows.py ROOT. Prints one line for each forbidden #include and exits 1 if there is any.
"""

import pathlib
import re
import sys

# Folder of src/ -> the folders whose headers it may include besides its own.
BELOW = {
    "base": set(),
    "gate": {"base"},
    "http": {"base"},
    "cron": {"base"},
    "task": {"base"},
    "store": {"base"},
    "run": {"base", "cron", "task", "store"},
    "worker": {"base", "cron", "task", "store", "run"},
    "notify": {"base", "cron", "task", "store", "run"},
    "server": {"base", "cron", "task", "store", "run"},
    "cli": {"base", "cron", "task", "store", "run", "worker", "notify", "server"},
}

# Public header -> the folder whose matter it is. `job.hpp` is the vocabulary that tasks and stores
# share without knowing each other, so it counts as base.
PUBLIC = {
    "clock": "base", "duration": "base", "error": "base", "http_client": "base", "job": "base", "logger": "base",
    "process_launcher": "base", "value": "base", "version": "base",
    "cron_expression": "cron", "cron_iterator": "cron", "crontab": "cron", "time_zone": "cron",
    "command": "task", "command_registry": "task", "configuration": "task", "task": "task",
    "job_store": "store",
    "executor": "run", "jobs": "run", "run_observer": "run",
    "notifier": "notify",
    "program": "cli",
}

# Third-party header -> the files, as path patterns, that wrap it. The first match counts.
WRAPPED = [
    (r"pugixml\.hpp", r"src/task/"),
    (r"boost/beast(\.hpp|/.*)", r"(examples|src/server)/"),
    (r"boost/.*", r"(src/base|examples)/"),
    (r"spdlog/.*", r"src/base/logger[^/]*$"),
    (r"fmt/.*", r"src/"),
    (r"sqlite3\.h", r"src/store/sqlite/"),
    (r"cctz/.*", r"src/cron/"),
    (r"CLI/.*", r"src/cli/"),
    (r"tl/expected\.hpp", r"include/periodic/error\.hpp$"),
    (r"curl/.*", r"src/http/"),
]

SYSTEM = re.compile(r"[a-z0-9_]+|[a-z0-9_]+\.h|(sys|linux|netinet|arpa|net|asm)/[a-z0-9_]+\.h")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
WALL_CLOCK = re.compile(r"system_clock::now\b|\bgettimeofday\s*\(|(?:std::|[^\w:.>]::)time\s*\(")


def code_lines(path):
    """The file's lines with // comments and the insides of strings taken out (but of #include)."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not INCLUDE.match(line):
            line = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
            line = re.sub(r"//.*", "", line)
        yield number, line


def target_of(root, path, quoted):
    """The file that #include "quoted" in `path` means, relative to the root; None for none of ours."""
    if quoted.startswith("periodic/"):
        return pathlib.PurePosixPath("include") / quoted
    for base in (path.parent, root / "src", root / "commands"):
        if (base / quoted).is_file():
            return pathlib.PurePosixPath((base / quoted).resolve().relative_to(root.resolve()))
    if quoted.split("/")[0] in BELOW:  # a missing file is the compiler's to report
        return pathlib.PurePosixPath("src") / quoted
    return None


def layer_of(file):
    """The folder of src/ that a file of src/ or include/ belongs to; None for an unknown one."""
    if file.parts[0] == "src":
        return file.parts[1] if len(file.parts) > 2 else None
    return PUBLIC.get(file.name.split(".")[0])


def own_include(root, path, file, quoted):
    """What is wrong with #include "quoted" in `file`; None if nothing is."""
    target = target_of(root, path, quoted)
    if target is None:
        return f'"{quoted}" is no file of ours: write others\' headers in <>'
    here, part = file.parts[0], layer_of(target)
    if target.parts[0] in ("src", "include") and part not in BELOW:
        return f'"{quoted}" belongs to no layer: name it in tests/structure/arrows.py'
    if here == "src":
        mine = layer_of(file)
        if target.parts[0] == "commands" or part != mine and part not in BELOW.get(mine, set()):
            return f'"{quoted}" ({part or "commands"}) is not below src/{mine}'
    elif here == "include":
        mine = layer_of(file)
        if target.parts[0] != "include" or part != mine and part not in BELOW.get(mine, set()):
            return f'"{quoted}" ({part}) is not below this header ({mine})'
    elif target.parts[0] == "src":
        return f'"{quoted}": {here}/ is written against include/periodic only'
    return None


def foreign_include(file, name):
    """What is wrong with #include <name> in `file`; None if nothing is."""
    if name.startswith("periodic/"):
        return f'<{name}> is ours: write it in ""' if file.parts[0] != "examples" else None
    for pattern, allowed in WRAPPED:
        if re.fullmatch(pattern, name):
            if re.match(allowed, str(file)):
                return None
            return f"<{name}> stays in the files that wrap it ({allowed})"
    if SYSTEM.fullmatch(name):
        return None
    return f"<{name}> is unknown: say in tests/structure/arrows.py which folder wraps it"


def problems(root):
    """One line for each include or clock reading that breaks the house rules."""
    root = pathlib.Path(root)
    found, seen = [], 0
    for top in ("include", "src", "commands", "examples"):
        for path in sorted((root / top).rglob("*.[ch]pp")):
            file = pathlib.PurePosixPath(path.relative_to(root))
            if file.parts[0] in ("src", "include") and layer_of(file) not in BELOW:
                found.append(f"{file}:1: belongs to no layer: name it in tests/structure/arrows.py")
                continue
            for number, line in code_lines(path):
                seen += 1
                match = INCLUDE.match(line)
                wrong = None
                if match and match[1]:
                    wrong = own_include(root, path, file, match[1])
                elif match:
                    wrong = foreign_include(file, match[2])
                elif top != "examples" and file.parts[:2] != ("src", "base") and WALL_CLOCK.search(line):
                    wrong = "reads the wall clock: take the time from a Clock"
                if wrong:
                    found.append(f"{file}:{number}: {wrong}")
    if not seen:
        found.append(f"{root}: there are no sources here")
    return found


if __name__ == "__main__":
    lines = problems(sys.argv[1])
    print("\n".join(lines))
    sys.exit(1 if lines else 0)
