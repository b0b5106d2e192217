"""Two hundred runs at once: each occurrence is one job, which runs once."""

import os
import subprocess
import unittest

from home import PROGRAM, HomeTest, environment, shell

# Fewer under a sanitizer, of which each process takes many times the memory.
RUNS = int(os.environ.get("PERIODIC_RUNS_AT_ONCE", "200"))


class ManyRunsAtOnce(HomeTest):
    def test_run_each_job_once(self):
        self.task("count", shell('echo "$PERIODIC_JOB_ID" >> "$PERIODIC_HOME/ran"'))
        self.make_due(["count"])
        runs = [subprocess.Popen([PROGRAM, "-C", str(self.home), "run"], env=environment(),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for _ in range(RUNS)]
        answers = [(run.communicate(timeout=120), run.returncode) for run in runs]
        for (out, err), code in answers:
            self.assertEqual((code, out, err), (0, b"", b""))
        ran = (self.home / "ran").read_text().split()
        self.assertEqual(len(ran), len(set(ran)), "a job ran twice")
        jobs = self.json("job", "list", "--limit", "5000", "--state", "succeeded")["jobs"]
        self.assertEqual(sorted(job["id"] for job in jobs), sorted(int(each) for each in ran))
        scheduled = [job["scheduled_epoch"] for job in jobs]
        self.assertEqual(len(scheduled), len(set(scheduled)), "an occurrence became two jobs")


if __name__ == "__main__":
    unittest.main()
