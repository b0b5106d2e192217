"""daemon, start, stop, restart, revive, reload and status."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from home import PATIENCE_SECONDS, PROGRAM, HomeTest, environment, shell


class DaemonTest(HomeTest):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.end_daemon)
        self.ledger = self.home / "ledger"
        self.task("tick", shell(f"echo $PERIODIC_SCHEDULED_AT >> {self.ledger}"))

    def end_daemon(self):
        for pid in self.daemons():
            os.kill(pid, signal.SIGKILL)

    def daemons(self):
        """The processes that are this home's daemon."""
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = pathlib.Path(f"/proc/{name}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(self.home).encode() in words and b"daemon" in words:
                found.append(int(name))
        # What is just being started shows its parent's words.
        parents = {pid: int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
                   for pid in found if os.path.exists(f"/proc/{pid}/stat")}
        return [pid for pid, parent in parents.items() if parent not in parents]

    def until(self, met):
        limit = time.monotonic() + PATIENCE_SECONDS
        while not met():
            self.assertLess(time.monotonic(), limit, "it never came")
            time.sleep(0.02)

    def lines(self):
        return self.ledger.read_text().splitlines() if self.ledger.exists() else []

    def status(self):
        return self.periodic("--output", "json", "status").document

    def log(self):
        return (self.home / "var/periodic.log").read_text()

    def events(self, number):
        return [event["event"] for event in self.json("job", "show", number)["events"]]

    def foreground(self, *words, **options):
        process = subprocess.Popen([PROGRAM, "-C", str(self.home), "daemon", *words], env=environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, **options)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process


class Background(DaemonTest):
    def test_runs_what_is_due_until_it_is_stopped(self):
        self.crontab("@every 1s tick\n")
        answer = self.periodic("start")
        self.assertEqual(answer.code, 0, answer)
        self.assertRegex(answer.out, r"^Started, pid [0-9]+\.\n$")
        self.until(lambda: len(self.lines()) >= 2)
        self.assertEqual(self.periodic("stop").out, "Stopped.\n")
        self.assertEqual(self.daemons(), [])
        self.assertEqual(self.periodic("stop").code, 0)
        self.assertEqual(len(set(self.lines())), len(self.lines()))

    def test_starts_once(self):
        self.assertEqual(self.periodic("start").code, 0)
        again = self.periodic("start")
        self.assertEqual(again.code, 0)
        self.assertIn("runs already", again.out)
        self.assertEqual(len(self.daemons()), 1)

    def test_starts_once_also_when_many_start_it(self):
        starts = [subprocess.Popen([PROGRAM, "-C", str(self.home), "start"], env=environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                  for _ in range(6)]
        said = [start.communicate(timeout=PATIENCE_SECONDS) for start in starts]
        self.assertEqual([start.returncode for start in starts], [0] * 6, said)
        self.assertEqual([err for _, err in said], [""] * 6)
        self.assertEqual(sum("Started" in out for out, _ in said), 1, said)
        self.assertEqual(sum("runs already" in out for out, _ in said), 5, said)
        self.assertEqual(len(self.daemons()), 1)

    def test_is_not_taken_for_gone_while_it_says_nothing(self):
        self.periodic("start")
        daemon, = self.daemons()
        os.kill(daemon, signal.SIGSTOP)
        for command in ("status", "stop"):
            answer = self.periodic(command)
            self.assertEqual(answer.code, 75, answer)
            self.assertIn(f"the daemon (pid {daemon}) does not answer", answer.err)
        self.assertEqual(self.periodic("unlock").code, 0)
        self.until(lambda: not self.daemons())
        self.assertEqual(self.periodic("start").code, 0)

    def test_leaves_the_home_to_the_next_one_when_all_its_state_was_removed(self):
        self.crontab("@every 1s tick\n")
        self.periodic("start")
        first, = self.daemons()
        self.until(self.lines)
        shutil.rmtree(self.home / "var")
        self.assertEqual(self.periodic("start").code, 0)
        second = self.status()["pid"]
        self.assertNotEqual(second, first)
        self.until(lambda: self.daemons() == [second])
        self.assertEqual(self.status()["pid"], second)
        self.assertIn("another executor has the home", self.log())
        self.assertEqual(self.periodic("stop").code, 0)
        self.assertEqual(self.daemons(), [])
        self.assertEqual(len(set(self.lines())), len(self.lines()))

    def test_makes_its_log_anew(self):
        self.crontab("@every 1s tick\n")
        self.periodic("start")
        (self.home / "var/periodic.log").unlink()
        self.until(lambda: (self.home / "var/periodic.log").exists())

    def test_is_left_alone_while_it_sleeps_for_longer_than_release_after(self):
        self.write("periodic.xml", '<periodic><lock releaseAfter="1"/></periodic>')
        self.crontab("@yearly tick\n")
        self.periodic("start")
        daemons = self.daemons()
        time.sleep(2.1)
        self.assertEqual(self.periodic("run").code, 0)
        self.assertEqual(self.daemons(), daemons)
        self.assertNotIn("hung", self.log())

    def test_goes_on_with_a_crontab_that_leads_nowhere(self):
        (self.home / "crontab").unlink(missing_ok=True)
        (self.home / "crontab").symlink_to("crontab")
        self.assertEqual(self.periodic("start").code, 0)
        self.assertEqual(len(self.daemons()), 1)

    def test_says_on_the_terminal_what_is_wrong_with_the_crontab_and_runs_the_rest(self):
        self.crontab("61 * * * * tick\n@every 1s tick\n")
        answer = self.periodic("start")
        self.assertEqual((answer.code, answer.out), (0, f"Started, pid {self.daemons()[0]}.\n"), answer)
        self.assertIn("crontab:1:1: minute: '61' is out of range", answer.err)
        self.until(self.lines)

    def test_gives_what_runs_as_long_as_was_said(self):
        # Within what is usual it would come to its end.
        self.task("long", shell('touch "$PERIODIC_HOME/begun"; sleep 25'))
        for words in (["start"], ["restart"]):
            self.assertEqual(self.periodic(*words, "--stop-within", "0s").code, 0)
            number = self.ok("job", "add", "long").strip()
            self.until((self.home / "begun").exists)
            (self.home / "begun").unlink()
            self.assertEqual(self.periodic("stop").code, 0)
            self.assertEqual(self.json("job", "show", number)["state"], "stopped")

    def test_says_on_the_terminal_why_it_does_not_start(self):
        self.write("periodic.xml", "<periodic><pool/></periodic>")
        answer = self.periodic("start")
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("periodic.xml:1:", answer.err)
        (self.home / "periodic.xml").unlink()
        (self.home / "var").mkdir(exist_ok=True)
        (self.home / "var/periodic.db").write_text("no database at all, but long enough to be read as one\n" * 9)
        answer = self.periodic("start")
        self.assertEqual(answer.code, 74, answer)
        self.assertIn("periodic.db", answer.err)

    def test_lets_go_of_its_streams(self):
        # With the daemon holding one of them this would never end.
        answer = self.periodic("start")
        self.assertEqual(answer.code, 0)
        streams = [os.readlink(f"/proc/{self.daemons()[0]}/fd/{stream}") for stream in range(3)]
        self.assertEqual(streams, ["/dev/null"] * 3)

    def test_runs_a_job_that_is_added_at_once(self):
        self.periodic("start")
        number = self.periodic("job", "add", "tick", "--wait")
        self.assertEqual(number.code, 0, number)
        self.assertEqual(len(self.lines()), 1)

    def test_stops_a_job_when_asked_to(self):
        self.task("long", shell("sleep 600"))
        self.periodic("start")
        number = self.periodic("job", "add", "long").out.strip()
        self.until(lambda: self.periodic("--output", "json", "job", "show", number).document["state"] == "running")
        self.assertEqual(self.periodic("job", "stop", number).code, 0)
        self.until(lambda: self.periodic("--output", "json", "job", "show", number).document["state"] == "stopped")

    def test_makes_its_socket_and_lock_anew_though_it_has_nothing_to_do(self):
        self.assertEqual(self.periodic("start").code, 0)
        for names in (["control"], ["lock"], ["control", "lock"]):
            with self.subTest(names):
                for name in names:
                    (self.home / "var" / name).unlink()
                self.until(lambda: all((self.home / "var" / name).exists() for name in ("control", "lock")))
                number = self.periodic("job", "add", "tick", "--wait")
                self.assertEqual(number.code, 0, number)
        (self.home / "var/control").unlink()
        self.assertEqual(self.periodic("stop").out, "Stopped.\n")
        self.assertEqual(self.daemons(), [])

    def test_hears_who_comes_while_many_say_nothing(self):
        self.assertEqual(self.periodic("start").code, 0)
        silent = []
        for _ in range(200):
            client = socket.socket(socket.AF_UNIX)
            self.addCleanup(client.close)
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):  # more than wait in line
                client.connect(str(self.home / "var/control"))
            silent.append(client)
        self.assertEqual(self.periodic("stop").out, "Stopped.\n")
        self.assertEqual(self.daemons(), [])

    def test_gives_running_jobs_their_time_and_a_second_stop_ends_that(self):
        self.task("long", shell("sleep 600"))
        self.periodic("start")
        number = self.periodic("job", "add", "long").out.strip()
        self.until(lambda: self.periodic("--output", "json", "job", "show", number).document["state"] == "running")
        self.assertEqual(self.periodic("stop", "--wait", "1s").code, 75)
        self.assertEqual(len(self.daemons()), 1)
        self.assertEqual(self.periodic("stop").code, 0)
        job = self.periodic("--output", "json", "job", "show", number).document
        self.assertEqual((job["state"], job["reason"]), ("stopped", "stopped"))

    def test_goes_without_what_it_cannot_end_and_the_next_start_settles_that(self):
        """What a job left has started the daemon: nobody is ended by what it has started."""
        done = self.home / "done"
        self.task("long", shell(f"test -e {done} || sleep 600"), config="<killAfter>0</killAfter>")
        program = 'env -u PERIODIC_HOME -u PERIODIC_JOB_ID "$0" -C "$1"'
        left = subprocess.Popen(
            ["sh", "-c", f'{program} daemon --stop-within 0s; {program} run; touch "$2"; sleep 600',
             PROGRAM, str(self.home), str(done)], start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment(PERIODIC_HOME=str(self.home), PERIODIC_JOB_ID="1"))
        self.addCleanup(left.wait)
        self.addCleanup(left.kill)
        self.until(self.daemons)
        self.assertEqual(self.periodic("job", "add", "long", "--group", "g").out, "1\n")
        self.until(lambda: self.json("job", "show", "1")["pid"])
        os.kill(self.json("job", "show", "1")["worker"], signal.SIGKILL)
        self.until(lambda: "blocked" in self.events("1"))
        self.assertEqual(self.periodic("job", "add", "long", "--group", "g").out, "2\n")
        stopped = self.periodic("stop")
        self.assertEqual(stopped.out, "Stopped.\n")
        self.assertIn("could not end everything: left running: 1 (long)", stopped.err)
        self.assertEqual(self.status()["ends"][0]["reason"], "stopped by request; left running: 1 (long)")
        self.assertIn("[long job 1] it does not end, and is left running", self.log())
        self.assertEqual(self.periodic("revive").code, 0)
        self.assertEqual(self.daemons(), [], "somebody has stopped it")

        self.until(done.exists)
        self.assertEqual(self.events("1")[-2:], ["left", "blocked"])
        self.assertEqual(self.json("job", "show", "1")["state"], "running")
        self.assertEqual(self.json("job", "show", "2")["waiting_for"], "group")
        left.kill()
        self.periodic("run")
        self.assertEqual(self.json("job", "show", "1")["reason"], "lost")
        self.assertEqual(self.json("job", "show", "2")["state"], "succeeded")

    def test_restart_takes_what_is_new(self):
        self.periodic("start")
        before = self.daemons()
        self.write("periodic.xml", "<periodic><broken/></periodic>")
        self.assertEqual(self.periodic("restart").code, 78)
        self.assertEqual(self.daemons(), before)
        self.write("periodic.xml", "<periodic/>")
        self.assertEqual(self.periodic("restart").code, 0)
        self.assertNotEqual(self.daemons(), before)
        self.assertEqual(len(self.daemons()), 1)

    def test_revive_brings_back_what_died_and_not_what_was_stopped(self):
        self.assertEqual(self.periodic("revive").code, 0)
        self.assertEqual(len(self.daemons()), 1)
        self.assertEqual(self.periodic("revive").out, "")
        self.end_daemon()
        self.until(lambda: not self.daemons())
        self.assertEqual(self.periodic("revive").code, 0)
        self.assertEqual(len(self.daemons()), 1)
        os.kill(self.daemons()[0], signal.SIGTERM)  # as at the machine's end
        self.until(lambda: not self.daemons())
        self.periodic("revive")
        self.assertEqual(len(self.daemons()), 1)
        self.periodic("stop")
        self.assertEqual(self.periodic("revive").code, 0)
        self.assertEqual(self.daemons(), [])

    def test_settles_what_a_killed_one_left(self):
        self.task("long", shell("sleep 600"))
        self.periodic("start")
        number = self.periodic("job", "add", "long").out.strip()
        self.until(lambda: self.periodic("--output", "json", "job", "show", number).document["state"] == "running")
        before = self.daemons()[0]
        self.end_daemon()
        self.periodic("start")
        self.assertIn(f"the daemon before it, pid {before}, died", self.log())
        job = self.periodic("--output", "json", "job", "show", number).document
        self.assertEqual((job["state"], job["reason"]), ("failed", "lost"))


    def test_runs_jobs_in_worker_processes_of_their_pool(self):
        self.write("periodic.xml", '<periodic><workers><pool topic="default" static="1" dynamic="0"/>'
                                   '<pool topic="mail" static="1" dynamic="0" slots="2"/></workers></periodic>')
        self.task("mail", shell("echo $PPID; sleep 0.2"), config="<topic>mail</topic>")
        self.periodic("start")
        number = self.periodic("job", "add", "mail", "--wait").out.split()[0]
        job = self.periodic("--output", "json", "job", "show", number).document
        workers = {process["topic"]: process["pid"] for process in self.status()["processes"]}
        self.assertEqual(job["worker"], workers["mail"])
        self.assertNotEqual(workers["mail"], self.daemons()[0])

    def test_replaces_workers_one_by_one(self):
        self.periodic("start")
        before = {process["pid"] for process in self.status()["processes"]}
        self.assertEqual(self.periodic("reload", "--workers").code, 0)
        self.until(lambda: not before & {process["pid"] for process in self.status()["processes"]})
        self.assertEqual(len(self.status()["processes"]), 2)


    def test_a_program_that_is_no_worker_replaces_none(self):
        program = self.home / "periodic"
        shutil.copy(PROGRAM, program)

        def call(*words):
            return subprocess.run([program, "-C", str(self.home), *words], env=environment(), stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=PATIENCE_SECONDS)

        self.assertEqual(call("start").returncode, 0)
        before = {process["pid"] for process in self.status()["processes"]}
        program.unlink()
        shutil.copy("/bin/false", program)
        answer = self.periodic("reload", "--workers")
        self.assertEqual(answer.code, 1, answer)
        self.assertIn("no worker for this daemon (exit code 1)", answer.err)
        self.assertIn("periodic restart", answer.err)
        self.assertEqual({process["pid"] for process in self.status()["processes"]}, before)
        self.assertEqual(self.periodic("job", "add", "tick", "--wait").code, 0)


class Files(DaemonTest):
    def test_a_changed_crontab_is_read_by_itself(self):
        self.periodic("start")
        self.crontab("@every 1s tick\n")
        self.until(lambda: len(self.lines()) >= 1)
        self.assertEqual(self.status()["entries"], 1)

    def test_a_crontab_with_mistakes_takes_no_place(self):
        self.crontab("@every 1s tick\n")
        self.periodic("start")
        self.crontab("@every 1s tick\n61 * * * * tick\n")
        answer = self.periodic("reload")
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("crontab:2:1:", answer.err)
        before = len(self.lines())
        self.until(lambda: len(self.lines()) > before)
        self.crontab("@daily tick\n@hourly tick\n")
        self.assertEqual(self.periodic("reload").code, 0)
        self.assertEqual(self.status()["entries"], 2)

    def test_of_very_many_mistakes_the_first_ones_are_shown(self):
        self.periodic("start")
        self.crontab("61 * * * * tick\n" * 100)
        answer = self.periodic("reload")
        self.assertEqual((answer.code, answer.err.count("/crontab:")), (78, 20), answer)
        self.assertIn("and 80 more problems", answer.err)
        self.assertEqual(len(self.json("reload", code=78)["problems"]), 100)
        self.until(lambda: "and 80 more problems" in self.log())
        self.assertEqual(self.log().count("/crontab:21:"), 0)

    def test_a_broken_task_stays_as_it_was(self):
        self.crontab("@every 1s tick\n")
        self.periodic("start")
        self.until(lambda: len(self.lines()) >= 1)
        self.write("tasks/tick.xml", "<task><comand/></task>")
        before = len(self.lines())
        self.until(lambda: len(self.lines()) > before)
        self.assertIn("goes on with the task as it was", self.log())

    def test_a_hangup_is_a_reload(self):
        process = self.foreground()
        self.until(lambda: self.status()["running"])
        process.send_signal(signal.SIGHUP)
        self.until(lambda: "anew (request)" in self.log())
        self.assertIsNone(process.poll())

    def test_reload_without_a_daemon_is_an_error(self):
        answer = self.periodic("reload")
        self.assertEqual(answer.code, 1)
        self.assertIn("periodic start", answer.err)


class Documents(DaemonTest):
    """--output json gives one document on standard output, whatever became of it."""

    def test_of_a_start_names_the_daemon(self):
        document = self.json("start")
        self.assertEqual(document, {"started": True, "pid": self.daemons()[0]})
        self.assertEqual(self.json("start"), {"started": False, "pid": document["pid"]})
        self.assertEqual(self.json("revive"), {"started": False, "pid": document["pid"]})
        self.assertEqual(self.json("restart"), {"started": True, "pid": self.daemons()[0]})
        self.assertNotEqual(self.daemons()[0], document["pid"])

    def test_of_a_start_that_fails_names_none(self):
        self.write("var/periodic.db", "this is no database " * 100)
        self.assertEqual(self.json("start", code=74), {"started": False, "pid": None})

    def test_of_a_stop_says_whether_there_was_one(self):
        self.json("start")
        self.assertEqual(self.json("stop"), {"stopped": True})
        self.assertEqual(self.json("stop"), {"stopped": False})
        self.assertEqual(self.json("revive"), {"started": False, "pid": None})

    def test_of_a_reload_says_what_was_done(self):
        self.json("start")
        sound = {"reloaded": True, "workers_replaced": False, "kept": [], "problems": []}
        self.assertEqual(self.json("reload"), sound)
        self.assertEqual(self.json("reload", "--workers"), {**sound, "workers_replaced": True})
        self.write("periodic.xml", '<periodic><timeZone>Europe/Berlin</timeZone><log level="debug"/></periodic>')
        self.assertEqual(self.json("reload"), {**sound, "kept": ["timeZone", "log"]})

    def test_of_a_reload_has_all_mistakes(self):
        self.json("start")
        self.crontab("61 * * * * tick\n* * * * * tick\n62 * * * * tick\n")
        document = self.json("reload", code=78)
        self.assertFalse(document["reloaded"])
        self.assertEqual([(problem["file"], problem["line"], problem["column"]) for problem in document["problems"]],
                         [(str(self.home / "crontab"), 1, 1), (str(self.home / "crontab"), 3, 1)])
        self.write("periodic.xml", "<periodic><broken/></periodic>")
        document = self.json("reload", code=78)
        self.assertEqual([os.path.basename(problem["file"]) for problem in document["problems"]],
                         ["periodic.xml", "crontab", "crontab"])
        self.assertEqual({problem["severity"] for problem in document["problems"]}, {"error"})

    def test_of_a_reload_for_nobody_is_none(self):
        answer = self.periodic("--output", "json", "reload")
        self.assertEqual((answer.code, answer.out), (1, ""), answer)
        self.write("periodic.xml", "<periodic><broken/></periodic>")
        self.assertEqual(self.periodic("reload").code, 78)


class Configuration(DaemonTest):
    def pools(self):
        return {pool["topic"]: (pool["workers"], pool["slots"]) for pool in self.status()["pools"]}

    def write_pools(self, text, more=""):
        self.write("periodic.xml", f"<periodic><workers>{text}</workers>{more}</periodic>")

    def test_changed_pools_are_read_by_itself_and_jobs_go_on(self):
        self.task("long", shell("while ! test -e go; do sleep 0.02; done"))
        self.periodic("start")
        number = self.periodic("job", "add", "long").out.strip()
        self.until(lambda: self.periodic("--output", "json", "job", "show", number).document["state"] == "running")
        self.write_pools('<pool topic="default" static="1" dynamic="0"/><pool topic="mail" static="2" slots="3"/>')
        self.until(lambda: self.pools() == {"default": (1, 1), "mail": (2, 6)})
        self.write("go", "")
        self.until(lambda: self.periodic("--output", "json", "job", "show", number).document["state"] == "succeeded")

    def test_changed_notifiers_are_told(self):
        self.task("bad", shell("exit 1"))
        self.periodic("start")
        self.write_pools("", f'<notify on="failed"><exec>echo $PERIODIC_TASK > {self.home}/told</exec></notify>')
        self.assertEqual(self.periodic("reload").code, 0)
        self.periodic("job", "add", "bad", "--wait")
        self.until(lambda: (self.home / "told").exists() and (self.home / "told").read_text() == "bad\n")

    def test_what_wants_a_restart_is_said(self):
        self.periodic("start")
        self.write("periodic.xml", '<periodic><timeZone>Europe/Berlin</timeZone><log level="debug"/></periodic>')
        answer = self.periodic("reload")
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual(answer.err, "periodic: <timeZone>, <log> stay as they were until 'periodic restart'\n")

    def test_a_broken_one_takes_no_place(self):
        self.write_pools('<pool topic="default" static="1" dynamic="0"/>')
        self.periodic("start")
        self.write_pools('<pool topic="default" static="none"/>')
        answer = self.periodic("reload")
        self.assertEqual(answer.code, 78, answer)
        self.assertIn("periodic.xml:1:", answer.err)
        self.until(lambda: "the configuration stays as it was" in self.log())
        self.write_pools('<pool topic="default" static="3" dynamic="0"/>')
        self.until(lambda: self.pools() == {"default": (3, 3)})


class Status(DaemonTest):
    MEMBERS = {"running", "pid", "since_time", "since_epoch", "generation", "entries", "next_time", "next_epoch",
               "pools", "processes", "ends"}

    def test_says_that_nothing_runs(self):
        answer = self.periodic("status")
        self.assertEqual(answer.code, 3)
        self.assertEqual(answer.out, "No daemon runs here.\n")
        document = self.status()
        self.assertEqual(set(document), self.MEMBERS)
        self.assertEqual((document["running"], document["pid"], document["pools"]), (False, None, []))

    def test_says_how_it_is(self):
        self.crontab("@daily tick\n")
        self.periodic("start")
        document = self.status()
        self.assertEqual(set(document), self.MEMBERS)
        self.assertEqual((document["running"], document["entries"]), (True, 1))
        self.assertEqual(document["pid"], self.daemons()[0])
        pool = document["pools"][0]
        self.assertEqual((pool["topic"], pool["workers"], pool["slots"]), ("default", 2, 2))
        self.assertEqual([process["kind"] for process in document["processes"]], ["static"] * 2)
        self.assertTrue(document["next_time"].endswith("00:00:00+00:00"), document["next_time"])
        self.assertEqual(self.periodic("status").code, 0)

    def test_says_what_waits_and_why_and_what_is_paused(self):
        self.task("one", shell("sleep 600"))
        self.task("held", shell("true"), config="<topic>held</topic>")
        self.periodic("start")
        for words in (["one", "--group", "g"], ["one"], ["held", "--group", "g"], ["held"]):
            self.periodic("job", "add", *words)
        self.until(lambda: "RUNNING" in self.periodic("status").out)
        self.periodic("pause", "--topic", "held", "--reason", "moved")
        text = self.periodic("status").out
        self.assertRegex(text, r"(?m)^PROCESS +TOPIC +KIND +SINCE +JOBS +BUSY WITH$")
        self.assertRegex(text, r"(?m)^\d+ +default +static .* 0 +1$")
        self.assertRegex(text, r"(?m)^1 +one +default ")
        self.assertRegex(text, r"(?m)^2 +one +default .*waits for another job of its task$")
        self.assertRegex(text, r"(?m)^3 +held +g +held .*paused$")
        self.assertRegex(text, r"(?m)^topic +held .*moved$")

    def test_shows_and_stops_what_runs_where_the_configuration_is_broken(self):
        self.periodic("start")
        self.write("periodic.xml", "<periodic><broken/></periodic>")
        answer = self.periodic("status")
        self.assertEqual(answer.code, 0, answer)
        self.assertIn("unknown element <broken>", answer.err)
        self.assertIn("Runs since", answer.out)
        answer = self.periodic("stop")
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual(self.daemons(), [])

    def test_its_begin_and_end_are_in_the_log(self):
        self.periodic("start")
        pid = self.daemons()[0]
        self.periodic("stop")
        self.assertIn(f"daemon pid {pid} begins, generation 1, with 0 entries", self.log())
        self.assertIn(f"daemon pid {pid} ends: stopped by request", self.log())

    def test_keeps_the_last_ten_ends(self):
        for _ in range(3):
            self.periodic("start")
            self.periodic("stop")
        self.periodic("start")
        self.end_daemon()
        self.until(lambda: len(self.status()["ends"]) == 4)
        self.assertEqual([end["reason"] for end in self.status()["ends"]], ["died"] + ["stopped by request"] * 3)


class Foreground(DaemonTest):
    def test_logs_to_standard_error(self):
        process = self.foreground()
        self.until(lambda: self.status()["running"])
        self.periodic("job", "add", "tick", "--wait")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 0)
        self.assertIn("[tick job 1] succeeded", errors)

    def test_a_second_one_is_sent_away(self):
        self.foreground()
        self.until(lambda: self.status()["running"])
        answer = self.periodic("daemon")
        self.assertEqual(answer.code, 75, answer)
        self.assertIn("daemon", answer.err)

    def test_waits_for_a_run_which_begins_nothing_more(self):
        self.task("slow", shell("sleep 1"))
        for _ in range(20):
            self.periodic("job", "add", "slow")
        run = subprocess.Popen([PROGRAM, "-C", str(self.home), "run", "--concurrency", "1"], env=environment())
        self.until(lambda: self.periodic("--output", "json", "job", "list", "--state", "running").document["jobs"])
        answer = self.periodic("start")
        self.assertEqual(answer.code, 0, answer)
        self.assertEqual(run.wait(PATIENCE_SECONDS), 0)
        self.assertTrue(self.status()["running"])

    def test_tells_the_service_manager(self):
        directory = tempfile.mkdtemp()
        self.addCleanup(os.rmdir, directory)
        path = f"{directory}/notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            self.addCleanup(os.unlink, path)
            manager.settimeout(PATIENCE_SECONDS)
            process = subprocess.Popen([PROGRAM, "-C", str(self.home), "daemon"], stdin=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL,
                                       env=environment(NOTIFY_SOCKET=path, WATCHDOG_USEC="200000"))
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            self.assertEqual(manager.recv(1000), b"READY=1")
            self.assertEqual(manager.recv(1000), b"WATCHDOG=1")
            process.send_signal(signal.SIGTERM)
            while (said := manager.recv(1000)) != b"STOPPING=1":
                self.assertEqual(said, b"WATCHDOG=1")


if __name__ == "__main__":
    unittest.main()
