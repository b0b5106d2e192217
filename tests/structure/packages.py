"""Every header that the build opened belongs to a package that scripts/packages.txt lists, or that
one of those depends on; so a package installed by hand cannot hide a missing line.

Usage: packages.py ROOT BUILD. Prints one line for each header that does not.
"""

import pathlib
import re
import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def listed(root):
    """The packages that scripts/packages.txt names."""
    text = (pathlib.Path(root) / "scripts/packages.txt").read_text(encoding="utf-8")
    return set(re.sub(r"#.*", "", text).split())


def closure(names, database):
    """`names` with all that they depend on. `database` has lines of package, depends, pre-depends,
    provides, separated by tabs; of alternatives all that are installed count."""
    needs, providers = {}, {}
    for line in database.splitlines():
        name, depends, before, provides = line.split("\t")
        words = lambda text: {re.split(r"[ :(]", word.strip())[0] for word in re.split(r"[,|]", text) if word.strip()}
        needs[name] = words(depends) | words(before)
        for virtual in words(provides):
            providers.setdefault(virtual, set()).add(name)
    found, todo = set(), list(names)
    while todo:
        name = todo.pop()
        for real in ({name} & needs.keys()) | providers.get(name, set()):
            if real not in found:
                found.add(real)
                todo.extend(needs[real])
    return found


def opened(build):
    """The files that the compiler opened, from what Ninja recorded or from the depfiles."""
    build = pathlib.Path(build)
    names = set()
    if (build / "build.ninja").exists():
        text = output("ninja", "-C", str(build), "-t", "deps")
        names = {line.strip() for line in text.splitlines() if line.startswith("    ")}
    else:
        for file in build.rglob("*.d"):
            names |= set(re.sub(r"^[^:]*:|\\\n", " ", file.read_text(encoding="utf-8")).split())
    return {(build / name).resolve() for name in names}


def foreign_headers(files, root, build):
    """Those of `files` that are not ours: outside the source and the build directory."""
    ours = (pathlib.Path(root).resolve(), pathlib.Path(build).resolve())
    return {file for file in files if not any(file.is_relative_to(place) for place in ours)}


def problems(root, build):
    """One line for each header from a package that is not listed, and for what makes the check void."""
    headers = foreign_headers(opened(build), root, build)
    if not any(file.name == "vector" for file in headers):
        return [f"{build}: nothing was compiled here, so nothing can be said of its headers"]
    database = output("dpkg-query", "-W", "-f", "${Package}\t${Depends}\t${Pre-Depends}\t${Provides}\n")
    packages = closure(listed(root), database)
    known = {pathlib.Path(line).resolve() if line.startswith("/lib") else pathlib.Path(line)
             for line in output("dpkg-query", "-L", *sorted(packages)).splitlines() if "include" in line or line.endswith("_ignorelist.txt")}
    # A header reached through a link of a listed package (gcc's, Boost's) is that package's too.
    links = {file.resolve() for file in known if file.is_symlink()}
    return [f"{file}: {owner(file)}" for file in sorted(headers - known - links)]


def owner(file):
    """Whose file it is, in words."""
    answer = subprocess.run(["dpkg", "-S", str(file)], capture_output=True, text=True)
    if answer.returncode:
        return "belongs to no Debian package"
    return f"is from {answer.stdout.split(': ')[0]}, which scripts/packages.txt neither lists nor needs"


if __name__ == "__main__":
    lines = problems(sys.argv[1], sys.argv[2])
    print("\n".join(lines))
    sys.exit(1 if lines else 0)
