"""What hooks talk to, in place of a bus, Slack, GitHub and GitLab: it keeps what it was sent, and answers as it is told."""
import contextlib
import http.server
import json
import ssl
import threading
import time


class Said:
    def __init__(self, handler, body):
        self.at, self.method, self.path = time.monotonic(), handler.command, handler.path
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = body

    def json(self):
        return json.loads(self.body)


class Receiver:
    """`statuses`: the beginning of a path to the answers that come before 200 does; the last stays where it is in `for_ever`.
    `comments`: the beginning of a list's path to its comments."""

    def __init__(self, certificate=None, port=0):
        self.said, self.statuses, self.for_ever, self.comments, self.slow = [], {}, {}, {}, set()
        self.lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                outer.answer(self)
            do_GET = do_POST = do_PUT = do_PATCH = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler):
        said = Said(handler, handler.rfile.read(int(handler.headers.get("Content-Length") or 0)))
        with self.lock:
            self.said.append(said)
            status, body = self.status_of(said), b"{}"
            if status == 200:
                status, body = self.comment_of(said)
        if any(said.path.startswith(path) for path in self.slow):
            time.sleep(14)
        handler.send_response(status)
        if status in (301, 302, 307, 308):
            handler.send_header("Location", f"{self.url}/elsewhere")
        if status == 429:
            handler.send_header("Retry-After", "6")
        handler.send_header("Content-Length", str(len(body)))
        with contextlib.suppress(OSError):  # whoever asked has gone
            handler.end_headers()
            handler.wfile.write(body)

    def status_of(self, said):
        for path, status in self.for_ever.items():
            if said.path.startswith(path):
                return status
        for path, statuses in self.statuses.items():
            if said.path.startswith(path) and statuses:
                return statuses.pop(0)
        return 200

    def comment_of(self, said):
        """Lists, makes and changes comments, 100 a page, as both forges do."""
        path, _, query = said.path.partition("?")
        for prefix, comments in self.comments.items():
            if path != prefix and said.method in ("GET", "POST"):
                continue
            if said.method == "GET":
                page = int(dict(part.split("=") for part in query.split("&"))["page"])
                return 200, json.dumps(comments[100 * (page - 1):100 * page]).encode()
            if said.method == "POST":
                comments.append({"id": 1000 + len(self.said), "body": said.json()["body"]})
                return 201, b"{}"
            for comment in comments:
                if path.endswith(f"/{comment['id']}"):
                    comment["body"] = said.json()["body"]
        return 200, b"[]" if said.method == "GET" else b"{}"

    def to(self, path):
        with self.lock:
            return [said for said in self.said if said.path.startswith(path)]

    def end(self):
        self.server.shutdown()
        self.server.server_close()
