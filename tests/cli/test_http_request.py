"""http.request, against a server of the test's own."""

import http.server
import json
import ssl
import subprocess
import threading

from home import PROGRAM, HomeTest, environment, shell


class Answering(http.server.BaseHTTPRequestHandler):
    """Does what the path says."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        server = self.server
        size = int(self.headers.get("Content-Length", 0))
        server.requests.append((self.command, self.path, dict(self.headers), self.rfile.read(size).decode()))
        name = self.path.strip("/").split("?")[0]
        if name == "hang":
            server.hanging.set()
            server.over.wait(120)
            return
        if name in ("301", "303", "307", "loop", "away"):
            place = {"loop": "/loop", "away": server.elsewhere}.get(name, "/fine")
            self.send(int(name) if name.isdigit() else 302, b"", {"Location": place})
        elif name == "large":
            self.send(200, b"x" * ((16 << 20) + 1))
        elif name.isdigit():
            self.send(int(name), b"as asked")
        else:
            self.send(200, b"hello \xff\n")

    def send(self, code, body, headers=None):
        self.send_response(code)
        for header, value in (headers or {}).items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            try:
                self.wfile.write(body)
            except OSError:
                pass  # it hung up

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer

    def log_message(self, *_):
        pass


class Server:
    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.server.daemon_threads = True
        self.server.requests = []
        self.server.hanging, self.server.over = threading.Event(), threading.Event()
        self.server.elsewhere = "/"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def requests(self):
        return self.server.requests

    def url(self, path="", user=""):
        return f"http://{user}127.0.0.1:{self.server.server_port}/{path}"

    def close(self):
        self.server.over.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class HttpRequest(HomeTest):
    def setUp(self):
        super().setUp()
        self.server = Server()
        self.addCleanup(self.server.close)

    def request(self, name, url, more="", config=""):
        self.task(name, f'<command type="http.request"><url>{url}</url>{more}</command>', config)

    def job(self, name, *words, code=0, **options):
        return self.json("run", name, *words, code=code, **options)

    def test_takes_the_answer_as_the_response(self):
        self.request("a", self.server.url("fine"))
        job = self.job("a")
        self.assertEqual((job["state"], job["attributes"], job["response_bytes"]), ("succeeded", {"status": 200}, 8))
        self.assertIn("200", job["message"])
        self.assertEqual(self.server.requests[0][:2], ("GET", "/fine"))
        self.assertTrue(self.server.requests[0][2]["User-Agent"].startswith("periodic/"))

    def test_fails_on_a_status_that_was_not_expected(self):
        self.request("a", self.server.url("404"))
        job = self.job("a", code=1)
        self.assertEqual((job["state"], job["attributes"]), ("failed", {"status": 404}))
        self.assertIn("200-299 was expected", job["message"])
        self.assertEqual(self.json("job", "response", "1")["response"], "as asked")
        self.request("b", self.server.url("404"), "<status>200, 400-410</status>")
        self.assertEqual(self.job("b")["state"], "succeeded")

    def test_writes_a_failure_to_the_log_once(self):
        url = self.server.url("404")
        self.request("a", url)
        self.task("b", f'<command type="http.request" onFailure="continue"><url>{url}</url></command>')
        for name, code in (("a", 1), ("b", 0)):
            self.job(name, code=code)
            said = [line["text"] for line in self.json("job", "log", name) if "was expected" in line["text"]]
            self.assertEqual(len(said), 1, (name, said))
        self.assertIn('http.request failed (goes on: onFailure="continue")', self.ok("job", "log", "b"))
        answer = self.periodic("run", "a")
        self.assertEqual((answer.out.count("was expected"), answer.err.count("was expected")), (1, 1), answer)

    def test_sends_method_headers_and_body(self):
        self.write("token", "s3cret\n")
        self.request("a", self.server.url("fine"),
                     '<method>PUT</method><header name="X-One">1</header><header name="X-Two" fromEnv="TWO"/>'
                     '<header name="X-Three" fromFile="token"/><body>a &lt; b</body>')
        self.job("a", env=environment(TWO="2"))
        method, _, headers, body = self.server.requests[0]
        self.assertEqual((method, body), ("PUT", "a < b"))
        self.assertEqual([headers[f"X-{name}"] for name in ("One", "Two", "Three")], ["1", "2", "s3cret"])

    def test_sends_parameters_as_json(self):
        self.request("a", self.server.url("fine"), '<body send="parameters"/>')
        self.job("a", "name=Wörld", "n=3")
        method, _, headers, body = self.server.requests[0]
        self.assertEqual((method, headers["Content-Type"]), ("POST", "application/json"))
        self.assertEqual(json.loads(body), {"name": "Wörld", "n": "3"})

    def test_follows_redirects_as_browsers_do(self):
        for code, method in ((301, "GET"), (303, "GET"), (307, "POST")):
            with self.subTest(code):
                self.server.requests.clear()
                self.request("a", self.server.url(str(code)), "<body>x</body>")
                self.job("a")
                self.assertEqual([request[0] for request in self.server.requests], ["POST", method])
        self.request("loop", self.server.url("loop"))
        self.assertIn("more than 5 redirects", self.job("loop", code=1)["message"])
        self.request("none", self.server.url("301"), "<redirects>0</redirects><status>301</status>")
        self.assertEqual(self.job("none")["attributes"], {"status": 301})

    def test_sends_a_secret_to_no_other_host(self):
        other = Server()
        self.addCleanup(other.close)
        self.server.server.elsewhere = other.url("fine")
        self.request("a", self.server.url("away"),
                     '<header name="X-Open">1</header><header name="X-Key" fromEnv="KEY"/>')
        self.job("a", env=environment(KEY="s3cret"))
        self.assertIn("X-Key", self.server.requests[0][2])
        self.assertIn("X-Open", other.requests[0][2])
        self.assertNotIn("X-Key", other.requests[0][2])

    def test_never_logs_credentials(self):
        self.request("a", self.server.url("fine?key=s3cret", user="ann:s3cret@"),
                     '<header name="X-Key" fromEnv="KEY"/>')
        self.request("b", "http://ann:s3cret@127.0.0.1:1/x?key=s3cret")
        self.job("a", env=environment(KEY="s3cret-too"))
        self.job("b", code=1)
        self.assertIn("Authorization", self.server.requests[0][2])
        store = self.json("job", "list", "--limit", "10")["jobs"]
        said = json.dumps([store, self.json("job", "log", "1"), self.json("job", "log", "2")])
        said += "".join(path.read_text() for path in self.home.rglob("*.log"))
        self.assertIn("127.0.0.1:1/x", said)
        self.assertNotIn("s3cret", said)

    def test_ends_at_its_timeout_and_at_the_deadline_of_the_job(self):
        self.request("a", self.server.url("hang"), "<timeout>1s</timeout>")
        job = self.job("a", code=1)
        self.assertEqual(job["state"], "failed")
        self.assertRegex(job["message"], "(?i)time")
        self.request("b", self.server.url("hang"), "<timeout>0</timeout>", "<timeout>1s</timeout>")
        self.assertEqual(self.job("b", code=1)["reason"], "timeout")

    def test_ends_when_its_job_is_stopped(self):
        self.request("a", self.server.url("hang"), "<timeout>1h</timeout>")
        self.json("job", "add", "a")
        run = subprocess.Popen([PROGRAM, "-C", str(self.home), "run"], env=environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(run.wait)
        self.assertTrue(self.server.server.hanging.wait(120))
        self.ok("job", "stop", "1")
        run.wait(120)
        self.assertEqual(self.json("job", "show", "1")["state"], "stopped")

    def test_takes_no_more_than_16_mebibytes(self):
        self.request("a", self.server.url("large"))
        job = self.job("a", code=1)
        self.assertIn("longer than 16777216 bytes", job["message"])
        self.assertEqual(job["response_bytes"], 0)

    def test_says_why_no_answer_came(self):
        self.request("a", "http://127.0.0.1:1/")
        self.assertRegex(self.job("a", code=1)["message"], "(?i)connect")
        self.request("b", "https://127.0.0.1:%d/" % self.server.server.server_port)
        self.assertEqual(self.job("b", code=1)["state"], "failed")
        self.request("c", self.server.url("fine"), '<header name="X" fromEnv="NOT_THERE"/>')
        self.assertIn("NOT_THERE", self.job("c", code=1)["message"])
        self.request("d", self.server.url("fine"), '<header name="X" fromFile="not-there"/>')
        self.assertIn("not-there", self.job("d", code=1)["message"])

    def test_refuses_what_cant_be(self):
        cases = ["<url>ftp://example.org/</url>", "<url>example.org</url>",
                 "<url>http://a b/</url>", "<url>http://a/</url><method>A B</method>",
                 "<url>http://a/</url><status>20</status>", "<url>http://a/</url><status>299-200</status>",
                 "<url>http://a/</url><header>x</header>", '<url>http://a/</url><body send="all"/>',
                 '<url>http://a/</url><header name="X" fromEnv="A">b</header>',
                 "<url>http://a/</url><redirects>21</redirects>", "<url>http://a/</url><insecure>true</insecure>"]
        for body in cases:
            with self.subTest(body):
                self.task("bad", f'<command type="http.request">{body}</command>')
                self.assertEqual(self.periodic("check").code, 78)

    def test_maps_the_library_only_when_a_request_is_sent(self):
        request = f'<command type="http.request"><url>{self.server.url("fine")}</url></command>'
        report = shell('sed -n "s/^.* //p" /proc/$PPID/maps | grep -E "curl|periodic-http" | wc -l')
        self.task("without", report)
        self.task("with", request + report)
        self.assertEqual(self.last_line("without"), "0")
        self.assertNotEqual(self.last_line("with"), "0")
        linked = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("curl", linked)

    def last_line(self, task):
        return self.json("job", "log", str(self.job(task)["id"]))[-1]["text"]


class Certificate(HomeTest):
    def test_that_nobody_vouches_for_is_refused(self):
        pem = self.home / "server.pem"
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                               "/CN=127.0.0.1", "-keyout", str(pem), "-out", str(self.home / "cert.pem")],
                              capture_output=True)
        if made.returncode:
            self.skipTest("openssl makes no certificate here")
        server = Server()
        self.addCleanup(server.close)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.home / "cert.pem", pem)
        server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
        self.task("a", f'<command type="http.request"><url>https://127.0.0.1:{server.server.server_port}/</url>'
                       "</command>")
        job = self.json("run", "a", code=1)
        self.assertRegex(job["message"], "(?i)certificate")
        self.assertEqual(server.requests, [])
