"""A host program with a command of its own."""

from example import Example


class Embed(Example):
    FOLDER = "embed"

    def test_its_own_command_and_the_shell_run_in_one_job(self):
        self.assertEqual(self.call(self.home), "ran 1, succeeded 1\njob 1 of count: succeeded\n"
                         "  log: poem.txt has 5 words\n  log: the shell was told of poem.txt\n  response: 5\n")

    def test_jobs_are_kept_between_runs(self):
        self.call(self.home)
        self.assertIn("job 2 of count: succeeded", self.call(self.home))

    def test_a_missing_file_fails_the_job(self):
        (self.home / "poem.txt").unlink()
        shown = self.call(self.home, code=1)
        self.assertIn("job 1 of count: failed", shown)
        self.assertIn("cannot open", shown)
