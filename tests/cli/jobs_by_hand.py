"""What the tests of jobs by hand share: a home with a few tasks, and jobs that other processes run."""

import subprocess

from home import PATIENCE_SECONDS, PROGRAM, HomeTest, environment, shell

CHANGES = {"matched", "changed", "ids", "refused"}
REFUSAL = {"id", "state", "message"}


class JobsTest(HomeTest):
    """A home with tasks that succeed, fail, and go on until they are let go."""

    def setUp(self):
        super().setUp()
        self.task("good", shell('echo one; printf "the answer" >> "$PERIODIC_RESPONSE"'))
        self.task("bad", shell("exit 3"))
        self.task("long", shell('touch "$PERIODIC_HOME/begun.$PERIODIC_JOB_ID"; '
                                'until [ -e "$PERIODIC_HOME/go" ]; do sleep 0.02; done'),
                  config="<concurrency>0</concurrency>")

    def add(self, *words):
        """The id of a job that was added."""
        return int(self.ok("job", "add", *words))

    def job(self, number):
        return self.json("job", "show", str(number))

    def state(self, number):
        return self.job(number)["state"]

    def states(self):
        return {job["id"]: job["state"] for job in self.json("job", "list")["jobs"]}

    def changes(self, *words, code=0):
        """The document of something that acts on several jobs."""
        document = self.json(*words, code=code)
        self.assertEqual(set(document), CHANGES)
        for refusal in document["refused"]:
            self.assertEqual(set(refusal), REFUSAL)
        return document

    def start(self, *words, **options):
        """A call in the background; it is ended with the test."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen([PROGRAM, "-C", str(self.home), *words], env=environment(), **options)

        def end():
            if process.poll() is None:
                process.kill()
            process.communicate()

        self.addCleanup(end)
        return process

    def start_long(self, task="long"):
        """A job of the task that runs in another process, and that process."""
        number = self.add(task)
        process = self.start("run")
        self.until((self.home / f"begun.{number}").exists)
        return number, process

    def let_go(self, process):
        """Lets `long` end, and waits for who ran it; its exit code."""
        self.write("go", "")
        process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode
