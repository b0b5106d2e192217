"""<notify> and <heartbeat>: people hear of what went wrong, and nothing waits for that."""

import base64
import http.server
import json
import socketserver
import threading
import time
import unittest

from home import HomeTest, environment, shell


class Listener:
    """A web address that writes down what it is told."""

    def __init__(self, test, status=200, body=b"", hang=None):
        self.requests = []
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                listener.requests.append((self.command, self.path, dict(self.headers), self.rfile.read(length).decode()))
                if hang:
                    hang.wait()
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)

    def paths(self):
        return [path for _, path, _, _ in self.requests]


class MailServer:
    """As much of SMTP as a mail needs."""

    def __init__(self, test):
        self.mails = []
        mails = self.mails

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                said, text, data = [], [], False
                self.wfile.write(b"220 here\r\n")
                for line in self.rfile:
                    line = line.decode().rstrip("\r\n")
                    if data:
                        if line == ".":
                            data = False
                            mails.append((said, text))
                            self.wfile.write(b"250 taken\r\n")
                        else:
                            text.append(line)
                        continue
                    said.append(line)
                    data = line == "DATA"
                    self.wfile.write(b"354 go on\r\n" if data else b"250 fine\r\n")
                    if line == "QUIT":
                        return

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)


class Notify(HomeTest):
    def configure(self, *rules):
        self.write("periodic.xml", "<periodic>" + "".join(rules) + "</periodic>")

    def log_text(self):
        return (self.home / "var/periodic.log").read_text()

    def test_runs_a_program_that_knows_what_happened(self):
        self.configure("<notify on='failed recovered' prefix='web1'><exec>"
                       "echo \"$PERIODIC_EVENT|$PERIODIC_TASK|$PERIODIC_JOB_ID|$PERIODIC_COUNT|$PERIODIC_PREFIX|"
                       "$PERIODIC_MESSAGE\" >> told</exec></notify>")
        self.task("a", shell("exit 3"))
        self.periodic("run", "a")
        told = (self.home / "told").read_text()
        self.assertTrue(told.startswith("failed|a|1|1|web1|"), told)
        self.task("a", shell("true"))
        self.ok("run", "a")
        self.ok("run", "a")
        lines = (self.home / "told").read_text().splitlines()
        self.assertEqual(lines[1:], ["recovered|a|2|1|web1|it succeeds again"])

    def test_counts_rows_and_intervals_over_many_runs(self):
        self.configure("<notify on='failed' after='2' every='1h'><exec>echo x >> told</exec></notify>")
        self.task("a", shell("exit 1"))
        self.periodic("run", "a")
        self.assertFalse((self.home / "told").exists())
        for _ in range(3):
            self.periodic("run", "a")
        self.assertEqual((self.home / "told").read_text(), "x\n")

    def test_posts_to_web_addresses_with_their_secrets(self):
        listener = Listener(self)
        (self.home / "token").write_text("s3cret\n")
        (self.home / "address").write_text(listener.url + "/hook/T0P\n")
        self.configure(
            f"<notify on='failed'><webhook url='{listener.url}/plain' tokenFile='token'/></notify>",
            "<notify on='failed'><webhook urlFile='address' format='slack'/></notify>",
            "<notify on='failed'><webhook urlEnv='HOOK' format='dingtalk' tokenEnv='TOKEN'/></notify>")
        self.ok("check")
        self.task("a", shell("exit 3"))
        self.periodic("run", "a", env=environment(HOOK=listener.url + "/ding", TOKEN="t0ken"))
        told = {path: (headers, body) for _, path, headers, body in listener.requests}
        self.assertEqual(set(told), {"/plain", "/hook/T0P", "/ding?access_token=t0ken"})
        self.assertEqual(told["/plain"][0]["Authorization"], "Bearer s3cret")
        document = json.loads(told["/plain"][1])
        self.assertEqual((document["event"], document["task"], document["job"]), ("failed", "a", 1))
        self.assertEqual(list(json.loads(told["/hook/T0P"][1])), ["text"])

    def test_secrets_that_are_missing_are_warned_of(self):
        self.configure("<notify on='failed'><webhook urlFile='nowhere' tokenEnv='NO_TOKEN'/>"
                       "<email to='a@b' server='smtp://h' user='u' passwordFile='no-password'/></notify>")
        answer = self.periodic("check")
        self.assertEqual(answer.code, 0, answer)
        for said in ("from nowhere, which", "from $NO_TOKEN, which", "from no-password, which"):
            self.assertIn(said, answer.err)

    def test_tells_nobody_a_secret(self):
        listener = Listener(self, status=404)
        refusing = Listener(self, body=b'{"errcode":310000,"errmsg":"sign"}')
        self.configure(
            f"<notify on='failed'><webhook url='{listener.url}/hook/S3CRET'/></notify>",
            f"<notify on='failed'><webhook url='{refusing.url}/S3CRET' format='dingtalk' tokenEnv='TOKEN'/></notify>",
            "<notify on='failed'><webhook url='http://127.0.0.1:1/S3CRET' tokenEnv='NOWHERE'/></notify>")
        self.task("a", shell("exit 3"))
        answer = self.periodic("run", "a", env=environment(TOKEN="S3CRET"))
        self.assertEqual(answer.code, 1)
        text = self.log_text() + answer.out + answer.err
        self.assertNotIn("S3CRET", text)
        for said in ("answered 404; given up", "errcode 310000; given up", "the environment has no NOWHERE; given up"):
            self.assertIn(said, text)
        self.assertEqual(len(listener.requests), 1)

    def test_waits_for_nobody_who_hangs(self):
        release = threading.Event()
        self.addCleanup(release.set)
        listener = Listener(self, hang=release)
        self.configure(f"<notify on='failed'><webhook url='{listener.url}/x'/></notify>"
                       "<notify on='failed'><exec>echo x >> told; sleep 1000</exec></notify>")
        self.task("a", shell("exit 3"))
        self.task("b", shell("true"))
        begun = time.monotonic()
        self.assertEqual(self.periodic("run", "a").code, 1)
        self.assertLess(time.monotonic() - begun, 60)
        self.assertIn("1 was given up at the end of the run", self.log_text())
        self.assertEqual((self.home / "told").read_text(), "x\n")
        self.ok("run", "b")

    def test_sends_mail_over_smtp(self):
        server = MailServer(self)
        self.configure(f"<notify on='failed'><email to='ops@example.org, b@example.org' from='p@example.org' "
                       f"server='{server.address}'/></notify>")
        self.ok("check")
        self.task("a", shell("exit 3"))
        self.periodic("run", "a")
        self.assertEqual(len(server.mails), 1, self.log_text())
        said, text = server.mails[0]
        self.assertIn("RCPT TO:<ops@example.org>", said)
        self.assertIn("RCPT TO:<b@example.org>", said)
        self.assertTrue(any(line.startswith("MAIL FROM:<p@example.org>") for line in said), said)
        self.assertIn("Subject: failed: a, job 1: ", "\n".join(text))
        body = base64.b64decode("".join(text[text.index("") + 1:])).decode()
        self.assertIn("Log: periodic job log 1\n", body)

    def test_sends_no_password_over_an_open_line(self):
        server = MailServer(self)
        self.configure(f"<notify on='failed'><email to='ops@example.org' server='{server.address}' user='u' "
                       "passwordEnv='PASSWORD'/></notify>")
        self.task("a", shell("exit 3"))
        self.periodic("run", "a", env=environment(PASSWORD="S3CRET"))
        self.assertEqual(server.mails, [])
        self.assertIn("the mail server did not take it", self.log_text())
        self.assertNotIn("S3CRET", self.log_text())

    def test_sends_mail_by_the_systems_program(self):
        bin = self.home / "bin"
        bin.mkdir()
        (bin / "sendmail").write_text(f"#!/bin/sh\n{{ echo \"$@\"; cat; }} > {self.home}/mail\n")
        (bin / "sendmail").chmod(0o755)
        self.configure("<notify on='failed'><email to='ops@example.org'/></notify>")
        self.task("a", shell("exit 3"))
        self.periodic("run", "a", env=environment(PATH=f"{bin}:/usr/bin:/bin"))
        text = (self.home / "mail").read_bytes().decode()
        self.assertTrue(text.startswith("-t -i\nFrom: "), text)
        self.assertIn("\nTo: ops@example.org\n", text)
        self.assertNotIn("\r", text)

    def test_tells_of_a_job_that_never_could_start(self):
        self.configure("<notify on='failed'><exec>echo \"$PERIODIC_TASK\" >> told</exec></notify>")
        self.task("bad", "<command type='nope'/>")
        self.make_due(["bad"])
        self.periodic("run")
        self.assertIn("bad\n", (self.home / "told").read_text())

    def test_tells_of_a_backlog_once(self):
        self.configure("<workers><pool alertAt='2'/></workers>"
                       "<notify on='backlog'><exec>echo \"$PERIODIC_COUNT $PERIODIC_MESSAGE\" >> told</exec></notify>")
        self.task("a", shell("true"))
        for _ in range(4):
            self.ok("job", "add", "a", "--in", "1h")
        self.task("b", shell("true"))
        self.ok("run", "b")
        self.ok("run", "b")
        self.assertEqual((self.home / "told").read_text(), "4 4 jobs wait in the topic default\n")


class Heartbeat(HomeTest):
    def test_pings_start_success_and_failure(self):
        listener = Listener(self)
        config = f'<heartbeat url="{listener.url}/ping/ID"/>'
        self.task("a", shell("echo fine"), config)
        self.ok("run", "a")
        self.assertEqual(listener.paths(), ["/ping/ID/start", "/ping/ID"])
        self.task("a", shell("echo before; echo trouble >&2; exit 3"), config)
        self.periodic("run", "a")
        self.assertEqual(listener.paths()[2:], ["/ping/ID/start", "/ping/ID/fail"])
        method, _, _, body = listener.requests[-1]
        self.assertEqual(method, "POST")
        self.assertIn("before\ntrouble\n", body)
        self.assertIn("failed: ", body)

    def test_sends_no_more_than_the_end_of_a_log(self):
        listener = Listener(self)
        self.task("a", shell("seq 1 20000; exit 3"), f'<heartbeat url="{listener.url}/x"/>')
        self.periodic("run", "a")
        body = listener.requests[-1][3]
        self.assertLessEqual(len(body.encode()), 10 * 1024)
        self.assertGreater(len(body), 5000)
        self.assertIn("\n20000\n", body)

    def test_that_fails_is_a_warning_and_no_more(self):
        listener = Listener(self, status=404)
        self.task("a", shell("true"), f'<heartbeat url="{listener.url}/ping/ID"/>')
        self.ok("run", "a")
        self.assertEqual(len(listener.requests), 2)
        self.assertIn("heartbeat", (self.home / "var/periodic.log").read_text())


if __name__ == "__main__":
    unittest.main()
