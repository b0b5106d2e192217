#!/usr/bin/env python3
"""Asks Periodic and three other cron libraries the same questions and shows where they differ.

    compare.py PERIODIC [NODE_DIRECTORY]

PERIODIC is the program; NODE_DIRECTORY has node_modules with croner and cron-parser
(npm install croner cron-parser); croniter comes from Debian's python3-croniter. A library that is
absent is named and left out. Prints a Markdown table; exit 1 if Periodic itself fails to answer.
"""

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
SECONDS_TO_ANSWER = 20

CRONITER = """
import sys, json
from datetime import datetime
from zoneinfo import ZoneInfo
from croniter import croniter
expression, zone, start, count = sys.argv[1:]
walk = croniter(expression, datetime.fromisoformat(start).astimezone(ZoneInfo(zone)))
print(json.dumps([walk.get_next(datetime).timestamp() * 1000 for _ in range(int(count))]))
"""


def run(command, **options):
    """The JSON that a program prints, or the reason why it prints none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=SECONDS_TO_ANSWER, **options)
    except subprocess.TimeoutExpired:
        return f"no answer in {SECONDS_TO_ANSWER} s"
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "Error" in line]
        return "error: " + (lines[-1].split("Error: ")[-1][:60] if lines else "failed")
    return json.loads(done.stdout)


def periodic(program, case):
    answer = run([program, "next", "--cron", case["expression"], "--zone", case["zone"],
                  "--from", case["from"], "-n", case["count"], "--output", "json"])
    return answer if isinstance(answer, str) else [item["epoch"] * 1000 for item in answer]


def rivals(node_directory):
    """The names of the libraries that are here, and how to ask each."""
    found = {}
    for library in ("croner", "cron-parser"):
        if node_directory and shutil.which("node") and \
                (Path(node_directory) / "node_modules" / library).is_dir():
            found[library] = lambda case, name=library: ask_node(node_directory, name, case)
        else:
            print(f"{library} is not here: left out", file=sys.stderr)
    if subprocess.run([sys.executable, "-c", "import croniter"], capture_output=True).returncode:
        print("croniter is not here: left out", file=sys.stderr)
    else:
        found["croniter"] = lambda case: run([sys.executable, "-c", CRONITER, *arguments(case)])
    return found


def arguments(case):
    return [case["expression"], case["zone"], case["from"], case["count"]]


def ask_node(directory, library, case):
    # Node looks for modules from where the script lies, so it is copied beside them.
    script = Path(directory) / "rivals.mjs"
    if script != HERE / "rivals.mjs":
        shutil.copyfile(HERE / "rivals.mjs", script)
    return run(["node", str(script), library, *arguments(case)], env={**os.environ, "TZ": "UTC"})


def words(answer, zone):
    if isinstance(answer, str):
        return answer
    if not answer:
        return "never"
    local = [datetime.fromtimestamp(time / 1000, timezone.utc).astimezone(ZoneInfo(zone))
             for time in answer]
    return ", ".join(time.strftime("%Y-%m-%d %H:%M") + time.strftime("%z")[:3] + ":" +
                     time.strftime("%z")[3:5] for time in local)


def main():
    program = sys.argv[1]
    others = rivals(sys.argv[2] if len(sys.argv) > 2 else None)
    names = ("expression", "zone", "from", "count", "why")
    lines = (HERE / "cases.tsv").read_text().splitlines()
    cases = [dict(zip(names, line.split("\t"))) for line in lines if not line.startswith("#")]
    failed = False
    print("| expression, zone | after | Periodic | differs | why |")
    print("| --- | --- | --- | --- | --- |")
    for case in cases:
        ours = periodic(program, case)
        failed = failed or isinstance(ours, str)
        different = [f"{name}: {words(answer, case['zone'])}"
                     for name, answer in ((name, ask(case)) for name, ask in others.items())
                     if answer != ours]
        print(f"| `{case['expression']}` {case['zone']} | {case['from']} | "
              f"{words(ours, case['zone'])} | {'; '.join(different) or 'none'} | {case['why']} |")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
