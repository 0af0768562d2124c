"""understudy serve with TLS of its own: which versions, requests, viewers, and what becomes of those who speak otherwise.

    tls_test.py UNDERSTUDY
"""
import contextlib
import os
import socket
import ssl
import sys
import time
import warnings

import viewers
from certificates import self_made
from host import host, lab

RUN = "20261101T020000-aaaaaa"
NIGHTLY = "rehearse:\n  capture: nothing.pgcap\n  target: host=127.0.0.1 port=1 dbname=shop\n  migration: up.sql\n"


def prepare(service):
    certificate, _ = self_made(service.folder, "own")
    service.tls = ssl.create_default_context(cafile=certificate)
    service.keep_run(RUN, None, "nightly", state="failed", exit_code=4, failure="no such capture")


def client(service, version):
    """A context that speaks one version, as far as OpenSSL itself still does."""
    context = ssl.create_default_context(cafile=os.path.join(service.folder, "own.pem"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    if version < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def connected(service, context):
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=15)
    return context.wrap_socket(connection, server_hostname="127.0.0.1")


def versions(service):
    """1.2 and 1.3; what is older is refused by the service, with the alert that is for it (RFC 8446 section 6.2)."""
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        with connected(service, client(service, version)) as connection:
            lab.check(connection.version() == name, f"{connection.version()}")
    before = service.metric("tls_failures_total")
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        try:
            connected(service, client(service, version)).close()
            raise lab.Failure(f"{version} was taken")
        except ssl.SSLError as error:
            lab.check("ALERT_PROTOCOL_VERSION" in str(error), f"{version}: {error}")
    lab.check(service.metric("tls_failures_total") == before + 2, "not counted")


def requests(service):
    answer = service.call("GET", f"/api/v1/runs/{RUN}", "view")
    lab.check(answer.status == 200 and answer.json()["id"] == RUN, f"{answer.status} {answer.body}")
    lab.check(int(answer.headers["strict-transport-security"].split("=")[1].split(";")[0]) > 0, f"{answer.headers}")
    lab.check(service.call("GET", "/api/v1/runs").status == 401, "no token was needed")
    lab.check(len(service.call("GET", "/app.js").body) > 50_000, "a long answer was cut")
    started = service.call("POST", "/api/v1/rehearsals/nightly/start", "run", {})
    lab.check(started.status == 202 and service.wait_over(started.json()["id"])["state"] == "failed", f"{started.body}")
    with contextlib.suppress(ssl.SSLError):
        connected(service, ssl.create_default_context()).close()
        raise lab.Failure("a client that does not know the certificate took it")


def followed(service):
    """A viewer over TLS sees a run begin and end; a page that came without TLS may not follow."""
    connection, hello = viewers.signed_in(service.port, service.tokens["view"], service.tls)
    with connection:
        lab.check(hello["type"] == "hello", f"{hello}")
        lab.check(service.call("POST", "/api/v1/rehearsals/nightly/start", "run", {}).status == 202, "not started")
        states = []
        while "failed" not in states:
            said = viewers.message(connection)
            states += [said["run"]["state"]] if said["type"] == "run" else []
        lab.check(states == ["running", "failed"], f"{states}")
    for scheme, wanted in (("https", " 101 "), ("http", " 403 ")):
        connection, line = viewers.handshake(service.port, f"{scheme}://127.0.0.1:{service.port}", tls=service.tls)
        connection.close()
        lab.check(wanted in line, f"{scheme}: {line}")


def otherwise(service):
    """Who speaks no TLS is hung up on at once, with an alert at most; who says nothing, after ten seconds; others are served."""
    before = service.metric("tls_failures_total")
    for said in (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\xff\xff", b"\x16\x03\x01\x00\x05hello", 300 * b"\0"):
        begin = time.monotonic()
        answer = service.raw(said)
        # At most one record of TLS, an alert (RFC 8446 section 5.1: 21).
        lab.check(answer == b"" or (answer[0] == 21 and len(answer) == 7), f"{said[:20]!r}: {answer!r}")
        lab.check(time.monotonic() - begin < 5, f"{said[:20]!r}: hung up on after {time.monotonic() - begin:.1f} s")
    lab.check(service.metric("tls_failures_total") == before + 4, f"counted {service.metric('tls_failures_total') - before}")
    silent = [socket.create_connection(("127.0.0.1", service.port), timeout=20) for _ in range(20)]
    begin = time.monotonic()
    timed_out = service.metric("timed_out_total")
    lab.check(time.monotonic() - begin < 2, "others wait")
    for connection in silent:
        with connection, contextlib.suppress(ConnectionError):
            lab.check(connection.recv(100) == b"", "it was answered")
    lab.check(5 < time.monotonic() - begin < 15, f"silence was heard for {time.monotonic() - begin:.1f} s")
    lab.check(service.metric("timed_out_total") == timed_out + 20, "silence is not counted")


def wrong_files(service):
    """A key of another certificate, or none at all, is said before anything is served."""
    service.end()
    own, key = os.path.join(service.folder, "own.pem"), os.path.join(service.folder, "own.key")
    _, other = self_made(service.folder, "other")
    for certificate, its_key in ((own, other), (key, key), (own, own), (own, "nowhere")):
        config = lab.contents(service.config).replace("own.pem", certificate).replace("own.key", its_key)
        path = service.write("wrong.yaml", config)
        done = lab.Understudy(service.understudy).call("serve", "--config", path)
        lab.check(done.returncode != 0 and "tls: " in done.stderr, f"{certificate} {its_key}: {done}")
    service.start()


def main():
    lab.need_programs("openssl")
    with host(sys.argv[1], {"nightly": NIGHTLY}, "  tls: {certificate: own.pem, key: own.key}\n", prepare) as service:
        for part in (versions, requests, followed, otherwise, wrong_files):
            part(service)
            lab.check(service.process.poll() is None, f"{part.__name__}: the service is gone: {service.log()[-2000:]}")
            lab.say(part.__name__)
        service.end()


if __name__ == "__main__":
    lab.run(main)
