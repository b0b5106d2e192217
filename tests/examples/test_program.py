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

    def test_the_newsletter_is_sent_slice_by_slice(self):
        job = self.document("job", "add", "newsletter", "to=ann ben cleo", "batch=2")["id"]
        phases = []
        for _ in range(4):
            phases.append(self.document("job", "run", job)["phase"])
        self.assertEqual(phases, ["sending", "sending", "done", "terminated"])
        self.assertEqual(self.document("job", "show", job)["message"], "3 letters are sent")
        self.assertEqual((self.home / "sent").read_text().split(), ["ann", "ben", "cleo"])
