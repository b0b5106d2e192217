"""The web hook: who may call it, what it does, and what it refuses."""

import http.client
import json
import signal
import socket
import subprocess

from example import PROGRAM, Example, environment

SECRET = "a secret that is long enough"


class Webhook(Example):
    FOLDER = "webhook"

    def setUp(self):
        super().setUp()
        (self.place / "secret").write_text(SECRET + "\n", encoding="utf-8")
        self.server = subprocess.Popen([PROGRAM, str(self.home), "0"], cwd="/", stdin=subprocess.DEVNULL,
                                       env=environment(WEBHOOK_TOKEN_FILE=str(self.place / "secret")),
                                       stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        line = self.server.stdout.readline()
        self.assertRegex(line, r"^listening on http://127\.0\.0\.1:\d+$")
        self.port = int(line.rsplit(":", 1)[1])

    def stop(self):
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(60), 0)
        self.server.stdout.close()

    def ask(self, method, path, body=None, secret=SECRET, **headers):
        """(status, document) of a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.addCleanup(connection.close)
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def test_a_job_is_queued_and_runs(self):
        status, document = self.ask("POST", "/tasks/deploy", '{"branch": "main"}')
        self.assertEqual(status, 201)
        path = f"/jobs/{document['id']}"
        self.wait_for("the job", lambda: self.ask("GET", path) == (200, {"state": "succeeded"}))

    def test_a_run_is_accepted(self):
        self.assertEqual(self.ask("POST", "/run"), (202, {"accepted": True}))

    def test_nobody_gets_in_without_the_secret(self):
        for secret in (None, "", SECRET[:-1], SECRET + "x", SECRET[:-1] + "X"):
            with self.subTest(secret):
                self.assertEqual(self.ask("POST", "/tasks/deploy", '{"branch": "main"}', secret=secret)[0], 401)
        self.assertEqual(self.ask("GET", "/jobs/1")[0], 404)

    def test_refusals_say_why(self):
        for method, path, body, status in (
                ("POST", "/tasks/absent", "", 404), ("POST", "/tasks/deploy", "", 400),
                ("POST", "/tasks/deploy", "[1]", 400), ("POST", "/tasks/deploy", '{"branch": "$(reboot)"}', 400),
                ("GET", "/tasks/deploy", None, 405), ("GET", "/jobs/0", None, 400), ("GET", "/jobs/9", None, 404),
                ("GET", "/", None, 404)):
            with self.subTest(path=path, body=body):
                got, document = self.ask(method, path, body)
                self.assertEqual(got, status, document)
                self.assertTrue(document["error"])

    def test_a_name_that_is_a_path_names_no_file(self):
        for name in ("..%2f..%2fetc%2fpasswd", "../crontab", ""):
            with self.subTest(name):
                self.assertIn(self.ask("POST", f"/tasks/{name}")[0], (400, 404))

    def test_what_is_too_big_is_refused(self):
        self.assertEqual(self.ask("POST", "/tasks/deploy", "x" * (64 * 1024 + 1))[0], 413)
        self.assertEqual(self.ask("POST", "/run", **{"X-Long": "x" * 10_000})[0], 431)

    def test_what_is_no_request_is_refused(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as stream:
            stream.sendall(b"\x16\x03\x01 not HTTP\r\n\r\n")
            self.assertTrue(stream.recv(1024).startswith(b"HTTP/1.1 400"))

    def test_it_listens_on_loopback_alone(self):
        with open(f"/proc/{self.server.pid}/net/tcp", encoding="ascii") as table:
            listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
        self.assertIn(f"0100007F:{self.port:04X}", listening)
        self.assertNotIn(f"00000000:{self.port:04X}", listening)


class Secrets(Example):
    FOLDER = "webhook"

    def test_it_does_not_start_without_a_good_secret(self):
        for given in ({}, {"WEBHOOK_TOKEN": "swordfish"}, {"WEBHOOK_TOKEN_FILE": "/nonexistent"}):
            with self.subTest(given):
                done = subprocess.run([PROGRAM, str(self.home), "0"], env=environment(**given), cwd="/",
                                      capture_output=True, text=True, timeout=60)
                self.assertNotEqual(done.returncode, 0)
                self.assertNotIn("swordfish", done.stderr)
                self.assertTrue(done.stderr)
