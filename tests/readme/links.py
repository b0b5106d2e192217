"""The links of the documents lead somewhere: to a file of the tree, and to a heading of it.

Usage: links.py ROOT      (every *.md file of it that git knows, or of a directory that is no clone)
"""

import pathlib
import re
import subprocess
import sys


def without_code(text):
    """The text without its fenced blocks and what is in backquotes: no link is meant there."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(?<!\[)`[^`\n]*`(?!\])", "", text)


def anchors(text):
    """The names by which a page's headings are linked, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page):
    """The links of one page that lead nowhere."""
    for target in re.findall(r"\]\(([^()\s]+)\)", without_code(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = page.parent / path if path else page
        if not goal.exists():
            yield f"{page}: there is no {target}"
        elif anchor and anchor not in anchors(goal.read_text(encoding="utf-8")):
            yield f"{page}: {path or 'the page'} has no heading for #{anchor}"


def pages(root):
    """The documents below a directory."""
    listed = subprocess.run(["git", "-C", root, "-c", "safe.directory=*", "ls-files", "-z", "*.md"],
                            capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        return [root / name for name in listed.stdout.split("\0") if name]
    return sorted(root.rglob("*.md"))


if __name__ == "__main__":
    documents = pages(pathlib.Path(sys.argv[1]))
    found = [line for document in documents for line in broken(document)]
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.exit(bool(found) or len(documents) < 5)
