"""What docs/crontab.md shows can be pasted."""

import pathlib
import re
import unittest

from home import HomeTest, shell

PAGE = pathlib.Path(__file__).parents[2] / "docs/crontab.md"


class Page(HomeTest):
    def test_begins_with_a_crontab_that_is_sound(self):
        text = re.search(r"^```\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)[1]
        self.crontab(text)
        missing = re.findall(r"there is no task '([^']+)'", self.periodic("check").err)
        self.assertIn("db-dump", missing)
        for name in missing:
            self.task(name, shell("true"))
        answer = self.periodic("check")
        self.assertEqual((answer.code, answer.err), (0, ""), answer)
        self.assertIn(f"All is well: {len(missing)} entries", answer.out)


if __name__ == "__main__":
    unittest.main()
