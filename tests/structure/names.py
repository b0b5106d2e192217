"""Names and sizes: nothing is called util, common, helper or manager; no source has an open end; no
two types of the library have one name; a file over 500 lines is named, as a warning.

Usage: names.py ROOT
"""

import pathlib
import re
import subprocess
import sys

FORBIDDEN = re.compile(r"(?<![a-z])(utils?|utilit(y|ies)|commons?|helpers?|managers?|misc)(?![a-z])", re.IGNORECASE)
DECLARED = re.compile(r"\b(?:class|struct|namespace)\s+(\w+)")
DEFINED = re.compile(r"(?:class|struct|enum(?: class)?)\s+(\w+)(?:\s+final)?\s*(?::(?!:).*)?\{")
LIBRARY = ("src", "include", "commands")
SOURCES = {".cpp", ".hpp", ".py", ".sh"}
LONG = 500


def tracked(root):
    """The files of the tree, whoever owns it; outside a repository, all that are there but the build's."""
    answer = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True)
    if answer.returncode == 0 and answer.stdout:
        return [name for name in answer.stdout.split("\0") if name and (pathlib.Path(root) / name).is_file()]
    return [str(file.relative_to(root)) for file in pathlib.Path(root).rglob("*")
            if file.is_file() and file.relative_to(root).parts[0] != "build"]


def words(name):
    """The words of a name, one blank between: MakeDirectory and make_directory are alike."""
    return re.sub(r"[^A-Za-z]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))


def types(lines):
    """(line, qualified name) of the types that a formatted file defines for other files to see. One of
    the same name elsewhere is the same type to the linker, whatever is in it."""
    spaces = []
    for number, line in enumerate(lines, 1):
        if opened := re.match(r"(?:inline )?namespace ?([\w:]*) ?\{", line):
            if "}" not in line:
                spaces.append(opened[1])
        elif line.startswith("}  // namespace"):
            del spaces[-1:]
        elif "" not in spaces and (defined := DEFINED.match(line)):
            yield number, "::".join([*spaces, defined[1]])


def check(root):
    """(problems, warnings), a line each."""
    found, long, seen = [], [], {}
    for name in tracked(root):
        if FORBIDDEN.search(words(name)):
            found.append(f"{name}: say what is in it")
        path = pathlib.Path(root) / name
        if path.suffix not in SOURCES:
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        if len(lines) > LONG:
            long.append(f"{name}: {len(lines)} lines")
        if path.suffix not in {".cpp", ".hpp"}:
            continue
        if pathlib.PurePath(name).parts[0] in LIBRARY:
            for number, defined in types(lines):
                if defined in seen:
                    found.append(f"{name}:{number}: {defined}: another one is at {seen[defined]}")
                seen.setdefault(defined, f"{name}:{number}")
        for number, line in enumerate(lines, 1):
            for declared in DECLARED.findall(line.split("//")[0]):
                if FORBIDDEN.search(words(declared)):
                    found.append(f"{name}:{number}: {declared}: say what it is")
            if re.search(r"\b(TODO|FIXME)\b", line):
                found.append(f"{name}:{number}: an open end")
    return found, long


if __name__ == "__main__":
    problems, warnings = check(sys.argv[1])
    for warning in warnings:
        print("worth a second look:", warning)
    print("\n".join(problems))
    sys.exit(1 if problems else 0)
