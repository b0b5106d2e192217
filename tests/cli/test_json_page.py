"""docs/json.md names the members that the documents have, all of them and no others."""

import pathlib
import re

from home import shell
from test_daemon import DaemonTest

PAGE = pathlib.Path(__file__).parents[2] / "docs/json.md"

# Their members are a person's own.
FREE = ("parameters", "attributes")


def documented(command):
    """The members that the row of a command names."""
    for row in PAGE.read_text().splitlines():
        cells = row.split(" | ", 1)
        if len(cells) == 2 and re.search(rf"`{re.escape(command)}`", cells[0]):
            names = set()
            for name in re.findall(r'"([a-z_*]+)"', cells[1]):
                names |= {name[:-1] + "time", name[:-1] + "epoch"} if name.endswith("*") else {name}
            return names
    raise AssertionError(f"the page has no row for {command}")


def members(document):
    """The members of a document, and of what is in it."""
    if isinstance(document, list):
        return set().union(*map(members, document))
    if not isinstance(document, dict):
        return set()
    return set(document).union(*(members(value) for name, value in document.items()
                                 if name not in FREE or isinstance(value, list)))


class Page(DaemonTest):
    def assert_told(self, command, document):
        self.assertNotEqual(members(document), set(), command)
        self.assertEqual(members(document), documented(command), command)

    def test_of_what_a_home_has(self):
        self.crontab("@daily tick\n")
        self.task("tick", shell("echo said"), extra='<parameters open="true"><parameter name="n"/></parameters>')
        for command in ("next", "tasks", "commands", "run", "version", "unlock"):
            self.assert_told(command, self.json(command))
        self.write("old", "0 5 * * * true\n")
        imported = self.json("import", str(self.home / "old"), "--dry-run")
        self.assertEqual(members(imported) - members(imported["problems"]), documented("import"))
        self.assert_told("init", self.json("init", str(self.home / "other")))
        self.assert_told("new", self.json("new", "fresh"))
        self.crontab("61 * * * * tick\n")
        self.assert_told("check", self.json("check", code=78))

    def test_of_jobs(self):
        self.task("tick", shell("echo said"))
        self.json("job", "add", "tick")
        self.assert_told("pending", self.json("pending"))
        self.assert_told("job show", self.json("job", "show", "1"))
        ran = members(self.json("job", "run", "1"))
        self.assertEqual(members(self.json("job", "show", "1")) - ran, {"events", "time", "epoch", "event", "by", "detail",
                                                                       "children", "count", "newest"})
        self.assertEqual(members(self.json("job", "list")) - ran, documented("job list"))
        self.assert_told("job log", self.json("job", "log", "1"))
        self.assert_told("job response", self.json("job", "response", "1"))
        self.assert_told("job stop", self.json("job", "stop", "1", code=1))
        self.assert_told("pause", self.json("pause", "--all"))
        self.assert_told("resume", self.json("resume", "--all"))

    def test_of_the_daemon(self):
        self.assert_told("start", self.json("start"))
        self.assert_told("reload", self.json("reload"))
        self.assert_told("restart", self.json("restart"))
        self.assert_told("status", self.json("status"))
        self.assert_told("stop", self.json("stop"))
