"""A program of one's own with all subcommands and one command more."""

from example import Example


class Program(Example):
    FOLDER = "program"

    def test_the_command_is_listed_among_the_built_in_ones(self):
        names = [command["name"] for command in self.document("commands")]
        self.assertIn("app.greet", names)
        self.assertIn("shell", names)

    def test_the_home_is_sound(self):
        self.call("-C", self.home, "check")

    def test_the_command_runs(self):
        job = self.document("run", "greet", "name=World")
        self.assertEqual(job["state"], "succeeded")
        self.assertEqual(self.log_of(job["id"]), ["Good morning, World"])
