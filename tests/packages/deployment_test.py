#!/usr/bin/env python3
"""docker/compose.yaml and docker/kubernetes without a cluster: every call of the program has commands and options that there
are; what a container mounts and reads is defined; nobody is root or has more than they need; and the service's configuration
is one that the program serves.

usage: deployment_test.py UNDERSTUDY
Exit code 0 passed, 1 failed, 77 skipped (no python3-yaml).
"""
import glob
import os
import signal
import subprocess
import sys
import time
import urllib.request

try:
    import yaml
except ImportError:
    print("skipped: python3-yaml is not there (tools/setup test)")
    sys.exit(77)

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
DOCKER = os.path.join(ROOT, "docker")
sys.path.insert(0, os.path.join(ROOT, "tests", "docs"))
from docs_test import Commands, check, scratch_folder  # noqa: E402
import lab  # noqa: E402

OUTSIDE = {("secret", "production"), ("secret", "staging"), ("configMap", "migrations")}  # a user's; the files say so
STATE = "/var/lib/understudy"


def documents(path):
    with open(path, encoding="utf-8") as file:
        return [one for one in yaml.safe_load_all(file) if one]


def call_of(words):
    """What the image's entry point gets; the capture has its own program."""
    return words[1:] if words and words[0] in ("understudy", "understudy-capture") else words


def calls_are_known(commands, where, words):
    words = ["'" + word + "'" if " " in word and not word.startswith("--") else word.split()[0] for word in words]
    check(words, f"{where}: no command")
    breach = commands.breach(" ".join(words))
    check(not breach, f"{where}: {breach}")


def compose(commands):
    file = documents(os.path.join(DOCKER, "compose.yaml"))[0]
    seen = 0
    for name, service in file["services"].items():
        for volume in service.get("volumes", []):
            source = volume.rsplit(":/", 1)[0]
            known = source in file["volumes"] or source.startswith("${") or os.path.exists(os.path.join(DOCKER, source))
            check(known, f"{name}: the volume {source} is not defined")
        if service["image"] != "understudy":
            continue
        seen += 1
        check(service.get("cap_drop") == ["ALL"], f"{name} keeps capabilities")
        check(service.get("cap_add", []) == (["NET_RAW"] if name == "capture" else []), f"{name}: {service.get('cap_add')}")
        for port in service.get("ports", []):
            check(port.startswith("127.0.0.1:"), f"{name}: {port} is open to others")
        if "command" in service:
            calls_are_known(commands, name, service["command"])
    check(seen == 3, f"{seen} services of the image")


def is_confined(name, pod, container):
    context = container["securityContext"]
    captures = container.get("command", [""])[0] == "understudy-capture"
    non_root = context.get("runAsNonRoot", pod.get("securityContext", {}).get("runAsNonRoot"))
    check(non_root is True, f"{name} may be root")
    check(context["capabilities"]["drop"] == ["ALL"], f"{name} keeps capabilities")
    check(context["capabilities"].get("add", []) == (["NET_RAW"] if captures else []), f"{name}: {context}")
    check(context["allowPrivilegeEscalation"] is captures, f"{name}: a file capability counts only where it may")
    check(context["readOnlyRootFilesystem"] is True, f"{name} may write its image")
    check("memory" in container["resources"]["limits"], f"{name} may take all memory")


def mounts(name, pod, claims, defined):
    volumes = {one["name"]: one for one in pod["volumes"]}
    for one in volumes.values():
        kind, which = next((key, value) for key, value in one.items() if key != "name")
        if kind != "emptyDir":
            reference = ("configMap", which["name"]) if kind == "configMap" else ("claim", which["claimName"])
            check(reference in defined | OUTSIDE, f"{name}: {reference} is defined nowhere")
    for container in pod["containers"]:
        for mount in container["volumeMounts"]:
            check(mount["name"] in volumes or mount["name"] in claims, f"{name}: no volume {mount['name']}")
        for variable in container.get("env", []):
            secret = ("secret", variable["valueFrom"]["secretKeyRef"]["name"])
            check(secret in OUTSIDE, f"{name}: {secret}")
    return volumes


def pods_of(document):
    spec = document.get("spec", {})
    if document["kind"] == "CronJob":
        return [spec["jobTemplate"]["spec"]["template"]["spec"]]
    return [spec["template"]["spec"]] if "template" in spec else []


def kubernetes(commands):
    paths = sorted(glob.glob(os.path.join(DOCKER, "kubernetes", "*.yaml")))
    all_documents = [document for path in paths for document in documents(path)]
    defined = {("claim", one["metadata"]["name"]) for one in all_documents if one["kind"] == "PersistentVolumeClaim"}
    customs = documents(os.path.join(DOCKER, "kustomization.yaml"))[0]
    for name in customs["resources"] + [name for one in customs["configMapGenerator"] for name in one["files"]]:
        check(os.path.exists(os.path.join(DOCKER, name)), f"kustomization.yaml: there is no {name}")
    defined |= {("configMap", one["name"]) for one in customs["configMapGenerator"]}
    seen = 0
    for document in all_documents:
        check("apiVersion" in document and document["metadata"]["name"], f"{document}")
        claims = {one["metadata"]["name"] for one in document.get("spec", {}).get("volumeClaimTemplates", [])}
        for pod in pods_of(document):
            name = document["metadata"]["name"]
            mounts(name, pod, claims, defined)
            for container in pod["containers"]:
                if container["image"] == "understudy":
                    seen += 1
                    is_confined(container["name"], pod, container)
                    calls_are_known(commands, container["name"], call_of(container.get("command", [])) + container["args"])
    check(seen == 3, f"{seen} containers of the image")


def served(program):
    """The configuration of docker/service, with its state in a folder of this test."""
    with scratch_folder() as folder:
        port = lab.free_port()
        for name in ("serve.yaml", "nightly.yaml"):
            text = lab.contents(os.path.join(DOCKER, "service", name))
            check(STATE in text, f"{name} keeps nothing in {STATE}")
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text.replace(STATE, os.path.join(folder, "state")).replace("0.0.0.0:8480", f"127.0.0.1:{port}"))
        config = os.path.join(folder, "serve.yaml")
        token = subprocess.run([program, "serve", "token", "add", "anna", "--role", "view", "--config", config],
                               capture_output=True, text=True, check=True).stdout.strip()
        process = subprocess.Popen([program, "serve", "--config", config], stderr=subprocess.PIPE, text=True)
        try:
            for path in ("/healthz", "/readyz", "/api/v1/rehearsals"):
                request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"})
                answer = ask(request, process)
            check(b"nightly" in answer, f"{answer}")
        finally:
            process.send_signal(signal.SIGTERM)
            check(process.wait(30) == 0, "the service did not end as it should")
        planned = subprocess.run([program, "rehearse", "--config", os.path.join(folder, "nightly.yaml"), "--plan"],
                                 capture_output=True, text=True, check=False)
        check(planned.returncode == 4 and "/captures/prod" in planned.stderr, f"nightly.yaml: {planned.stderr}")


def ask(request, process):
    for _ in range(100):
        check(process.poll() is None, "the service ended")
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return response.read()
        except urllib.error.URLError as error:
            if isinstance(error, urllib.error.HTTPError) and error.code != 503:
                raise
            time.sleep(0.1)
    check(False, f"no answer to {request.full_url}")


def main():
    commands = Commands(sys.argv[1])
    compose(commands)
    kubernetes(commands)
    served(sys.argv[1])


lab.run(main)
