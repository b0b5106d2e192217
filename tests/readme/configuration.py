"""docs/configuration.md leaves nothing out: what the reader and the schema know is there, what is there
they know, and its examples are sound.

Usage: configuration.py     (environment: SOURCE, PROGRAM)
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

SOURCE = pathlib.Path(os.environ.get("SOURCE", "."))
READERS = ("src/task/configuration_reader.cpp", "src/task/notify_reader.cpp")
SCHEMA = "share/periodic/periodic.xsd"
XS = "{http://www.w3.org/2001/XMLSchema}"


def known_to_readers(text):
    """<element> and attribute= of the sources that read periodic.xml."""
    elements = re.findall(r'\{"(\w+)",\s*(?:&|\[\])', text)
    attributes = re.findall(r'(?:attribute_field|required_attribute)\(element, "(\w+)"', text)
    return {f"<{name}>" for name in elements} | {f"{name}=" for name in attributes}


def known_to_schema(text):
    """The same of the schema, with the words that values may be."""
    root = ElementTree.fromstring(text)
    elements = {f"<{element.get('name')}>" for element in root.iter(f"{XS}element")} - {"<periodic>"}
    attributes = {f"{attribute.get('name')}=" for attribute in root.iter(f"{XS}attribute")}
    words = {word.get("value") for word in root.iter(f"{XS}enumeration")}
    return elements | attributes, words


def named_in_page(text):
    """What the tables name: (elements and attributes of their first column, all words in backquotes)."""
    rows = re.findall(r"^\| (.*?) \|", text, re.MULTILINE)
    names = {name for row in rows for name in re.findall(r"`(<\w+>|\w+=)`", row)}
    headed = set(re.findall(r"^## (\w+)$", text, re.MULTILINE))  # elements without a text have a part of their own
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    words = set(re.findall(r"`([^`]+)`", prose))
    return names | {f"<{name}>" for name in headed if f"<{name} " in text or f"<{name}>" in text}, words


def examples(text):
    """The examples, each a whole file."""
    return re.findall(r"^```xml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def complaints_of_program(example):
    """What `periodic check` says of an example's file; the crontab and the tasks are another matter."""
    with tempfile.TemporaryDirectory() as home:
        (pathlib.Path(home) / "periodic.xml").write_text(example, encoding="utf-8")
        done = subprocess.run([os.environ["PROGRAM"], "-C", home, "check"], capture_output=True, text=True, check=False)
        return re.findall(r"^.*periodic\.xml:\d.*$", done.stdout + done.stderr, re.MULTILINE)


def mistakes(page, readers, schema):
    """What is wrong with the page's names."""
    known, words = known_to_schema(schema)
    named, quoted = named_in_page(page)
    pool = {"<pool>"} if "attribute of `<pool>`" in page else set()
    yield from (f"{name} is not in the page" for name in sorted((known | known_to_readers(readers)) - named - pool))
    yield from (f"{name} is in the page alone" for name in sorted(named - known))
    yield from (f"the word {word} is not in the page" for word in sorted(words - quoted))


if __name__ == "__main__":
    page_text = (SOURCE / "docs/configuration.md").read_text(encoding="utf-8")
    reader_text = "".join((SOURCE / file).read_text(encoding="utf-8") for file in READERS)
    found = list(mistakes(page_text, reader_text, (SOURCE / SCHEMA).read_text(encoding="utf-8")))
    for file_text in examples(page_text):
        found += complaints_of_program(file_text)
        done = subprocess.run(["xmllint", "--noout", "--schema", SOURCE / SCHEMA, "-"], input=file_text,
                              capture_output=True, text=True, check=False)
        found += [done.stderr] if done.returncode else []
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.exit(bool(found) or len(known_to_readers(reader_text)) < 30 or not examples(page_text))
