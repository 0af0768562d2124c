"""A service under test: its folder, its configuration, its process, and a client of its interface."""
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "differential"))
sys.path.insert(0, os.path.join(HERE, "..", "web"))
import fixtures  # noqa: E402
import lab  # noqa: E402

ROLES = ("view", "run", "admin")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, {k.lower(): v for k, v in headers}, body

    def json(self):
        return json.loads(self.body)


class Host:
    """`rehearsals`: name to the text of its understudy.yaml."""

    def __init__(self, understudy, folder, rehearsals, extra=""):
        self.understudy, self.folder = understudy, folder
        self.port = lab.free_port()
        self.state = os.path.join(folder, "state")
        self.config = os.path.join(folder, "serve.yaml")
        self.tokens, self.process, self.scheme, self.tls = {}, None, "http", None
        listed = ""
        for name, text in rehearsals.items():
            self.write(f"{name}.yaml", text)
            listed += f"    {name}: {{config: {name}.yaml, title: \"The {name}\"}}\n"
        self.write("serve.yaml", f"serve:\n  listen: 127.0.0.1:{self.port}\n  state: state\n{extra}  rehearsals:\n{listed}")
        for role in ROLES:
            self.add_token(role)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def add_token(self, role, name=None):
        done = subprocess.run([self.understudy, "serve", "token", "add", name or role, "--role", role, "--config", self.config],
                              capture_output=True, text=True, check=False)
        lab.check(done.returncode == 0, f"token add: {done.stderr}")
        self.tokens[name or role] = done.stdout.strip()

    def keep_run(self, run, report, rehearsal, **more):
        """A run as an earlier service left it."""
        folder = os.path.join(self.state, "runs", run)
        os.makedirs(folder, exist_ok=True)
        figures = None
        if report is not None:
            with open(os.path.join(folder, "report.json"), "w", encoding="utf-8") as file:
                json.dump(report, file)
            figures = {"verdict": report["verdict"], "title": report.get("title", ""), "reasons": report.get("reasons", []),
                       "severities": report.get("severities", {}), "findings": len(report.get("findings", [])),
                       "compared": report.get("compared", 0),
                       "coverage_percent": report.get("coverage", {}).get("percent", 0), "sections": {}}
        at = time.mktime(time.strptime(run[:15], "%Y%m%dT%H%M%S"))
        record = {"id": run, "rehearsal": rehearsal, "target": "", "started_by": "schedule", "stopped_by": "",
                  "state": "finished",
                  "created_ns": int(at * 1e9), "ended_ns": int((at + 95) * 1e9), "missed": 0,
                  "process": {"pid": 0, "start": 0, "boot": ""}, "exit_code": 1, "failure": "", "cleaned": "", "report": figures}
        with open(os.path.join(folder, "run.json"), "w", encoding="utf-8") as file:
            json.dump({**record, **more}, file)

    def start(self, environment=None):
        log = open(os.path.join(self.folder, "serve.log"), "a", encoding="utf-8")  # noqa: SIM115
        self.process = subprocess.Popen([self.understudy, "serve", "--config", self.config], stdout=log, stderr=log,
                                        env={**os.environ, **(environment or {})})
        log.close()
        lab.wait_for(lambda: self.process.poll() is not None or self.is_ready(), "the service to be ready", seconds=60)
        lab.check(self.process.poll() is None, f"the service did not start: {self.log()}")

    def is_ready(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.call("GET", "/readyz").status == 200
        return False

    def log(self):
        return lab.contents(os.path.join(self.folder, "serve.log"))

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(timeout=90)
        lab.check(number == signal.SIGKILL or code == 0, f"the service ended with {code}: {self.log()[-2000:]}")

    def call(self, method, path, role=None, body=None, headers=None):
        """One request on a connection of its own. `role` may be a token's name; `body` a value for JSON, or bytes."""
        made = dict(headers or {})
        if role is not None:
            made["Authorization"] = "Bearer " + self.tokens.get(role, role)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            made.setdefault("Content-Type", "application/json")
        connection = (http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.tls) if self.tls else
                      http.client.HTTPConnection("127.0.0.1", self.port, timeout=30))
        try:
            connection.request(method, path, body=body, headers=made)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def raw(self, data, seconds=15):
        """Bytes in, bytes out, until the service closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            said = b""
            with contextlib.suppress(OSError):
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    said += part
            return said

    def run_of(self, run):
        return self.call("GET", f"/api/v1/runs/{run}", "view").json()

    def wait_over(self, run, seconds=120):
        lab.wait_for(lambda: self.run_of(run)["ended"] is not None, f"the end of run {run}", seconds=seconds)
        return self.run_of(run)

    def metric(self, name):
        text = self.call("GET", "/metrics", "view").body.decode()
        found = [line.split()[-1] for line in text.splitlines() if line.startswith(f"understudy_service_{name} ")]
        lab.check(len(found) == 1, f"no metric {name}")
        return float(found[0])

    def audit(self):
        return [json.loads(line) for line in lab.contents(os.path.join(self.state, "audit.log")).splitlines()]


@contextlib.contextmanager
def host(understudy, rehearsals, extra="", prepare=None, environment=None):
    """`prepare(host)` is called before the service starts."""
    with lab.scratch_folder() as folder:
        made = Host(os.path.abspath(understudy), folder, rehearsals, extra)
        if prepare:
            prepare(made)
        made.start(environment)
        try:
            yield made
        finally:
            if made.process.poll() is None:
                made.process.kill()
                made.process.wait()
