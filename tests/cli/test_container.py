"""The daemon as process 1 of a container: a PID namespace of its own stands for one."""

import os
import pathlib
import signal
import subprocess
import unittest

from home import PATIENCE_SECONDS, PROGRAM, HomeTest, environment, shell

IN_A_NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


def may_make_namespaces():
    try:
        return subprocess.run([*IN_A_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def children_of(pid):
    """(pid, state) of each child of the first thread, zombies too."""
    children = []
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            stat = pathlib.Path(f"/proc/{child}/stat").read_text()
        except OSError:
            continue
        children.append((int(child), stat.rsplit(")", 1)[1].split()[0]))
    return children


@unittest.skipUnless(may_make_namespaces(), "may not make a PID namespace")
class Container(HomeTest):
    def start(self, *words):
        """Process 1 of a new namespace: (what runs it, its pid out here)."""
        # A container that fails must not fill the pipe.
        errors = open(self.home / "errors", "w+")
        self.addCleanup(errors.close)
        outside = subprocess.Popen([*IN_A_NAMESPACE, PROGRAM, "-C", str(self.home), "daemon", *words],
                                   env=environment(), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        self.addCleanup(outside.wait)
        self.addCleanup(outside.kill)
        self.until(lambda: self.json_status() is not None or outside.poll() is not None)
        self.assertIsNone(outside.poll(), (self.home / "errors").read_text())
        return outside, children_of(outside.pid)[0][0]

    def json_status(self):
        answer = self.periodic("--output", "json", "status")
        return answer.document if answer.code == 0 else None

    def enter(self, pid, script):
        """As `docker exec` does it."""
        done = subprocess.run(["nsenter", "--target", str(pid), "--pid", "--mount", "sh", "-c", script],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def state(self, number):
        return self.periodic("--output", "json", "job", "show", number).document

    def test_is_process_one_and_runs_jobs(self):
        self.task("who", shell("echo $(cat /proc/1/comm) > who"))
        _, first = self.start()
        self.assertEqual(self.json_status()["pid"], 1)
        self.assertEqual(self.periodic("job", "add", "who", "--wait").code, 0)
        self.assertEqual((self.home / "who").read_text().strip(), "periodic")
        self.assertEqual(pathlib.Path(f"/proc/{first}/comm").read_text().strip(), "periodic")

    def test_reaps_what_others_left_without_a_job_to_wake_it(self):
        _, first = self.start()
        workers = {pid for pid, _ in children_of(first)}
        self.enter(first, "for i in 1 2 3 4 5; do sleep 0.$i & done; echo made > " + str(self.home / "made"))
        # They are its children now, and end one after the other.
        self.until(lambda: not {pid for pid, _ in children_of(first)} - workers)
        self.assertTrue((self.home / "made").exists())

    def test_reaps_what_a_job_has_left_running_after_its_worker_went(self):
        self.task("leave", '<command type="shell" leave="true">setsid sleep 2 &amp;</command>')
        _, first = self.start()
        self.assertEqual(self.periodic("job", "add", "leave", "--wait").code, 0)
        before = {pid for pid, _ in children_of(first)}
        self.assertEqual(self.periodic("reload", "--workers").code, 0)
        self.until(lambda: not before & {pid for pid, _ in children_of(first)})
        self.until(lambda: len(children_of(first)) == 2)
        self.assertEqual([state for _, state in children_of(first) if state == "Z"], [])

    def test_takes_no_exit_code_from_its_own(self):
        told = self.home / "told"
        self.write("periodic.xml", '<periodic><notify on="failed" every="0">'
                                   f"<exec>echo $PERIODIC_JOB_ID >> {told}; exit 0</exec></notify></periodic>")
        self.task("three", shell("exit 3"))
        _, first = self.start()
        self.enter(first, "for i in $(seq 300); do (sleep 0.$((i % 90 + 10)) &) ; done")
        numbers = [self.periodic("job", "add", "three").out.strip() for _ in range(20)]
        self.until(lambda: all(self.state(number)["state"] == "failed" for number in numbers))
        self.assertEqual({self.state(number)["exit_code"] for number in numbers}, {3})
        self.until(lambda: told.exists() and len(told.read_text().split()) == len(numbers))
        self.assertNotIn("the program ended with", (self.home / "errors").read_text())

    def test_a_signal_from_outside_is_a_graceful_stop(self):
        self.task("work", shell("sleep 0.5; echo done > done"))
        outside, first = self.start()
        number = self.periodic("job", "add", "work").out.strip()
        self.until(lambda: self.state(number)["state"] == "running")
        os.kill(first, signal.SIGTERM)
        self.assertEqual(outside.wait(PATIENCE_SECONDS), 0)
        self.assertEqual(self.state(number)["state"], "succeeded")
        self.assertEqual((self.home / "done").read_text(), "done\n")

    def test_a_second_signal_passes_it_on_to_the_jobs(self):
        self.task("long", shell("trap 'echo asked > asked; exit 1' TERM; sleep 600 & wait"))
        outside, first = self.start()
        number = self.periodic("job", "add", "long").out.strip()
        self.until(lambda: self.state(number)["state"] == "running" and self.state(number)["pid"])
        os.kill(first, signal.SIGTERM)
        self.until(lambda: "is stopping" in self.periodic("status").out)
        os.kill(first, signal.SIGINT)
        self.assertEqual(outside.wait(PATIENCE_SECONDS), 0)
        self.assertEqual(self.state(number)["state"], "stopped")
        self.assertEqual((self.home / "asked").read_text(), "asked\n")

    def test_a_container_that_was_killed_is_settled_by_the_next(self):
        self.task("long", shell("sleep 600"))
        outside, _ = self.start()
        number = self.periodic("job", "add", "long").out.strip()
        self.until(lambda: self.state(number)["state"] == "running")
        outside.kill()
        outside.wait()
        self.start()
        self.assertEqual((self.state(number)["state"], self.state(number)["reason"]), ("failed", "lost"))


if __name__ == "__main__":
    unittest.main()
