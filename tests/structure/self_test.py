"""The structure checks find what they are for: each is shown a small tree with that one fault."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import arrows
import names
import packages


class Tree(unittest.TestCase):
    """A made-up source tree in a temporary directory."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class Arrows(Tree):
    def setUp(self):
        super().setUp()
        for file in ("base/files", "cron/parser", "task/loader", "store/rows", "run/planner", "cli/check"):
            self.write(f"src/{file}.hpp", "#pragma once\n#include <vector>\n")

    def complaint(self, name, text):
        """The only complaint about the tree with this one file added, '' if there is none."""
        self.assertEqual(arrows.problems(self.root), [])
        self.write(name, text)
        found = arrows.problems(self.root)
        self.assertLessEqual(len(found), 1, found)
        return found[0] if found else ""

    def test_down_is_allowed(self):
        self.assertEqual(self.complaint("src/run/executor.cpp", '#include "store/rows.hpp"\n#include "planner.hpp"\n'), "")

    def test_up_is_refused(self):
        self.assertIn("src/base/a.cpp:2", self.complaint("src/base/a.cpp", '#include <string>\n#include "run/planner.hpp"\n'))

    def test_store_does_not_know_task(self):
        self.assertIn("not below src/store", self.complaint("src/store/a.cpp", '#include "task/loader.hpp"\n'))

    def test_cron_does_not_know_store_by_a_public_header_either(self):
        self.assertIn("not below src/cron", self.complaint("src/cron/a.cpp", '#include "periodic/job_store.hpp"\n'))

    def test_a_public_header_obeys_too(self):
        self.assertIn("not below", self.complaint("include/periodic/job_store.hpp", '#include "periodic/task.hpp"\n'))

    def test_a_public_header_includes_nothing_from_src(self):
        self.assertIn("not below", self.complaint("include/periodic/task.hpp", '#include "task/loader.hpp"\n'))

    def test_a_new_public_header_must_be_given_a_layer(self):
        self.assertIn("no layer", self.complaint("include/periodic/novelty.hpp", "\n"))

    def test_commands_see_only_the_public_headers(self):
        self.assertIn("include/periodic only", self.complaint("commands/a.cpp", '#include "base/files.hpp"\n'))

    def test_a_parent_folder_is_no_way_around(self):
        self.assertIn("not below", self.complaint("src/cron/a.cpp", '#include "../store/rows.hpp"\n'))

    def test_others_headers_stay_in_their_folder(self):
        for name, file in (("pugixml.hpp", "src/run/a.cpp"), ("sqlite3.h", "src/store/a.cpp"),
                           ("boost/json.hpp", "src/store/b.cpp"), ("boost/process/v2.hpp", "src/run/a.cpp"),
                           ("spdlog/spdlog.h", "src/cli/a.cpp"), ("cctz/time_zone.h", "src/run/a.cpp"),
                           ("CLI/CLI.hpp", "src/run/a.cpp"), ("tl/expected.hpp", "src/base/a.cpp")):
            with self.subTest(name):
                self.assertIn("stays in the files", self.complaint(file, f"#include <{name}>\n"))
                (self.root / file).unlink()

    def test_an_unknown_library_must_be_placed(self):
        self.assertIn("unknown", self.complaint("src/base/a.cpp", "#include <absl/strings/str_cat.h>\n"))

    def test_only_base_reads_the_clock(self):
        self.assertIn("wall clock", self.complaint("src/run/a.cpp", "auto now = std::chrono::system_clock::now();\n"))

    def test_the_clock_in_a_comment_or_in_base_is_fine(self):
        self.assertEqual(self.complaint("src/run/a.cpp", "// not system_clock::now()\n"), "")
        self.assertEqual(self.complaint("src/base/a.cpp", "return system_clock::now();\n"), "")

    def test_an_empty_tree_is_not_fine(self):
        with tempfile.TemporaryDirectory() as empty:
            self.assertEqual(len(arrows.problems(empty)), 1)


class Names(Tree):
    def problems(self):
        return names.check(self.root)[0]

    def test_good_names_pass(self):
        self.write("src/run/job_runner.hpp", "class JobRunner {};  // the manager of no one\n")
        self.assertEqual(names.check(self.root), ([], []))

    def test_vague_files_folders_and_types_are_named(self):
        self.write("src/utils/a.hpp", "")
        self.write("src/run/lock_helper.cpp", "")
        self.write("src/run/b.hpp", "class JobManager {};\n")
        self.assertEqual(len(self.problems()), 3, self.problems())

    def test_an_open_end_is_named(self):
        self.write("src/run/a.cpp", "int x;\n// " + "TO" + "DO later\n")
        self.assertIn("src/run/a.cpp:2", self.problems()[0])

    def test_two_types_of_one_name_are_named(self):
        self.write("src/a/a.hpp", "namespace periodic {\n\nstruct Mail {\n};\n\n}  // namespace periodic\n")
        self.write("src/b/b.hpp", "namespace periodic {\n\nclass Mail final : public A {\n};\n\n}  // namespace periodic\n")
        self.assertEqual(len(self.problems()), 1, self.problems())

    def test_types_that_nobody_else_sees_may_share_a_name(self):
        text = "namespace periodic {{\nnamespace {} {{\n\nstruct Mail {{\n}};\n\n}}  // namespace {}\n}}  // namespace periodic\n"
        self.write("src/a/a.cpp", text.format("", "").replace("namespace  {", "namespace {"))
        self.write("src/b/b.cpp", text.format("", "").replace("namespace  {", "namespace {"))
        self.write("src/c/c.hpp", text.format("sqlite", "sqlite"))
        self.assertEqual(self.problems(), [])

    def test_a_long_file_is_only_a_warning(self):
        self.write("src/run/a.cpp", "int x;\n" * 501)
        self.assertEqual(names.check(self.root), ([], ["src/run/a.cpp: 501 lines"]))


class Packages(unittest.TestCase):
    DATABASE = ("g++\tg++-12 (>= 12), cpp\t\t\n" "g++-12\tlibc6-dev | libc-dev\tlibstdc++-12-dev:amd64\t\n"
                "cpp\t\t\t\n" "libc6-dev\t\t\tlibc-dev (= 2.36)\n" "libstdc++-12-dev\t\t\t\n" "stray-dev\t\t\t\n")

    def test_the_closure_follows_versions_alternatives_and_provides(self):
        self.assertEqual(packages.closure({"g++"}, self.DATABASE), {"g++", "g++-12", "cpp", "libc6-dev", "libstdc++-12-dev"})

    def test_what_nothing_needs_is_outside(self):
        self.assertNotIn("stray-dev", packages.closure({"g++"}, self.DATABASE))

    def test_what_is_not_installed_is_outside(self):
        self.assertEqual(packages.closure({"absent"}, self.DATABASE), set())

    def test_headers_of_the_tree_and_the_build_are_ours(self):
        files = {pathlib.Path(name) for name in ("/src/a.hpp", "/out/b.hpp", "/usr/include/stray.h")}
        self.assertEqual(packages.foreign_headers(files, "/src", "/out"), {pathlib.Path("/usr/include/stray.h")})

    def test_a_header_by_hand_has_no_owner(self):
        with tempfile.NamedTemporaryFile(suffix=".h") as header:
            self.assertIn("no Debian package", packages.owner(pathlib.Path(header.name)))


class Build(Tree):
    """A directory with depfiles stands for a build; dpkg is the real one."""

    def compiled_with(self, *headers):
        self.write("build/a.d", "a.o: " + " \\\n ".join(headers) + "\n")
        self.write("tree/scripts/packages.txt", "g++  # and a comment\n")
        return packages.problems(self.root / "tree", self.root / "build")

    def test_the_compilers_own_headers_pass(self):
        self.assertEqual(self.compiled_with("/usr/include/c++/12/vector", "/usr/include/stdio.h"), [])

    def test_a_header_of_an_unlisted_package_is_named(self):
        self.assertIn("libgtest-dev", self.compiled_with("/usr/include/c++/12/vector", "/usr/include/gtest/gtest.h")[0])

    def test_a_header_installed_by_hand_is_named(self):
        self.write("usr/local/include/stray.h", "")
        found = self.compiled_with("/usr/include/c++/12/vector", str(self.root / "usr/local/include/stray.h"))
        self.assertIn("no Debian package", found[0])

    def test_an_empty_build_says_so(self):
        self.assertIn("nothing was compiled", self.compiled_with()[0])


if __name__ == "__main__":
    unittest.main()
