#!/usr/bin/env python3
"""Carries out docker/Dockerfile without an engine: each stage in a clean Debian that debootstrap makes, its steps by chroot. Then
the last stage's program runs as the user that the file names, and the Debian package is installed and removed in another one.

usage: dockerfile_proof.py [--stage NAME] [--work FOLDER] [--ccache FOLDER] [--keep] [--no-deb]
  --stage NAME   stop after this stage (builder, tested); without it all but `tested`, whose tests need an hour
  --work FOLDER  where the roots go (default: a temporary folder; 6 GB)
  --ccache FOLDER  a compiler cache that the stages that compile share, such as ~/.cache/ccache
Needs root, debootstrap and Debian's packages: those of this machine's apt, whose settings the roots get.
Exit code 0 passed, 1 failed, 77 skipped. It takes about half an hour.
"""
import argparse
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
DOCKERFILE = os.path.join(ROOT, "docker", "Dockerfile")
SUITE = "bookworm"
IMAGES = {"debian:12", "debian:12-slim"}
KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"}


class Stage:
    def __init__(self, base, name):
        self.base, self.name, self.steps = base, name, []


def stages_of(text):
    """The stages with their steps, (instruction, rest); an instruction that is not known here is an error."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    stages = []
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if not line.strip():
            continue
        word, rest = line.split(None, 1)
        if word not in KNOWN:
            raise SystemExit(f"dockerfile_proof.py does not know {word}")
        if word == "FROM":
            parts = rest.split()
            stages.append(Stage(parts[0], parts[2] if len(parts) == 3 else f"stage{len(stages)}"))
        else:
            stages[-1].steps.append((word, rest))
    return stages


def run(*command):
    done = subprocess.run(command, check=False)
    if done.returncode != 0:
        raise SystemExit(f"failed ({done.returncode}): {' '.join(command)[:300]}")


class Chroot:
    """A root file system; what a container's engine mounts is mounted while a command runs, in a mount namespace of its own."""

    def __init__(self, path):
        self.path = path
        self.folder, self.user = "/", None
        self.entrypoint, self.command, self.ccache = [], [], None

    def shell(self, command, user=None):
        mounts = "mount --rbind /dev {0}/dev && mount -t proc proc {0}/proc && mount -t tmpfs tmpfs {0}/dev/shm"
        if self.ccache and os.path.exists(self.path + "/usr/bin/ccache"):
            os.makedirs(self.path + "/tmp/.cache/ccache", exist_ok=True)
            mounts += " && mount --bind " + shlex.quote(self.ccache) + " {0}/tmp/.cache/ccache"
        script = mounts.format(shlex.quote(self.path)) + " && exec " + shlex.join(
            ["chroot", *([f"--userspec={user}"] if user else []), self.path, "/usr/bin/env", "-i",
             "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
             "LANG=C.UTF-8", "HOME=/tmp",
             "CCACHE_BASEDIR=/src", "CCACHE_NOHASHDIR=1", "/bin/sh", "-c", f"cd {shlex.quote(self.folder)} && {command}"])
        run("unshare", "--mount", "--pid", "--fork", "bash", "-c", script)

    def copy_in(self, sources, target):
        target = os.path.join(self.folder, target) if not target.startswith("/") else target
        place = self.path + target
        if target.endswith(("/", "/.")) or len(sources) > 1 or sources[0].endswith("/."):
            os.makedirs(place, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(place), exist_ok=True)
        for source in sources:
            run("cp", "-a", "--no-target-directory" if source.endswith("/.") else "--", source, place)


def ignored():
    with open(DOCKERFILE + ".dockerignore", encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip()]


def copy_context(folder):
    """What an engine would be sent: the tree without what Dockerfile.dockerignore names."""
    context = os.path.join(folder, "context")
    os.makedirs(context, exist_ok=True)
    excludes = [f"--exclude=./{name}" if "*" not in name else f"--exclude={name}" for name in ignored()]
    run("bash", "-c", f"tar -C {shlex.quote(ROOT)} {shlex.join(excludes)} -cf - . | tar -C {shlex.quote(context)} -xf -")
    return context


def bootstrap(folder):
    """The image `debian:12`: made once, copied for every stage."""
    base = os.path.join(folder, "debian")
    if os.path.isdir(base):
        return base
    with open("/etc/apt/sources.list.d/debian.sources", encoding="utf-8") as file:
        mirror = re.search(r"^URIs: *(\S+)", file.read(), re.MULTILINE)[1]
    run("debootstrap", "--variant=minbase", "--include=ca-certificates", SUITE, base + ".part", mirror)
    for name in ("/etc/apt/sources.list.d", "/etc/apt/apt.conf.d", "/etc/apt/auth.conf.d", "/etc/ssl/certs",
                 "/usr/local/share/ca-certificates"):
        if os.path.isdir(name):
            run("cp", "-aL", "--remove-destination", "--no-target-directory", name, base + ".part" + name)
    for stale in glob.glob(base + ".part/etc/apt/sources.list"):
        os.remove(stale)
    shutil.copy("/etc/resolv.conf", base + ".part/etc/resolv.conf")
    os.rename(base + ".part", base)
    return base


def carry_out(stage, chroot, roots, context):
    for word, rest in stage.steps:
        print(f"[{stage.name}] {word} {rest[:100]}", flush=True)
        if word == "RUN":
            chroot.shell(rest, chroot.user)
        elif word == "WORKDIR":
            chroot.folder = rest
            os.makedirs(chroot.path + rest, exist_ok=True)
        elif word == "COPY":
            words = rest.split()
            origin = context
            if words[0].startswith("--from="):
                origin = roots[words.pop(0)[len("--from="):]].path
            sources = [os.path.join(origin, name.lstrip("/")) for name in words[:-1]]
            sources = [os.path.join(source, ".") if os.path.isdir(source) else source for source in sources]
            chroot.copy_in(sources, words[-1])
        elif word == "USER":
            chroot.user = rest
        elif word == "ENTRYPOINT":
            chroot.entrypoint = json.loads(rest)
        elif word == "CMD":
            chroot.command = json.loads(rest)


def try_image(chroot):
    """What `docker run` would do, and what the image must not be."""
    chroot.shell(shlex.join(chroot.entrypoint + chroot.command) + " >/dev/null", chroot.user)
    chroot.shell('test "$(id -u)" != 0 && touch mine && rm mine', chroot.user)
    chroot.shell("! command -v g++ && ! command -v gcc")
    size = int(subprocess.run(["du", "-sm", chroot.path], capture_output=True, text=True, check=True).stdout.split()[0])
    print(f"the last image has {size} MB", flush=True)


def try_package(builder, base, folder):
    """Built where the builder's stage ended, installed in a Debian that has nothing."""
    builder.shell("tools/deb")
    root = os.path.join(folder, "deb")
    run("cp", "-a", base, root)
    clean = Chroot(root)
    for package in glob.glob(builder.path + "/src/build/release/understudy_*.deb"):
        clean.copy_in([package], "/tmp/")
    clean.shell("apt-get update -q && apt-get install -q -y --no-install-recommends /tmp/understudy_*.deb")
    clean.shell("understudy --version && understudy rehearse --help >/dev/null")
    for path in ("lib/systemd/system/understudy-capture.service", "share/bash-completion/completions/understudy"):
        clean.shell("test -e /usr/" + path)
    clean.shell("apt-get remove -q -y understudy && ! command -v understudy")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("--stage")
    parser.add_argument("--work")
    parser.add_argument("--ccache")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--no-deb", action="store_true")
    options = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        print("skipped: needs root, and debootstrap (tools/setup chroot)")
        return 77
    folder = options.work or tempfile.mkdtemp(prefix="understudy-image-")
    os.makedirs(folder, exist_ok=True)
    try:
        with open(DOCKERFILE, encoding="utf-8") as file:
            stages = stages_of(file.read())
        base, context, roots = bootstrap(folder), copy_context(folder), {}
        for stage in stages:
            if stage.name == "tested" and options.stage != "tested":
                continue
            if stage.base not in IMAGES and stage.base not in roots:
                raise SystemExit(f"FROM {stage.base}: neither an image that is known here nor a stage")
            path = os.path.join(folder, stage.name)
            run("cp", "-a", base if stage.base in IMAGES else roots[stage.base].path, path)
            roots[stage.name] = Chroot(path)
            roots[stage.name].ccache = options.ccache
            if stage.base in roots:
                roots[stage.name].folder = roots[stage.base].folder
            carry_out(stage, roots[stage.name], roots, context)
            if stage.name == options.stage:
                return 0
        try_image(roots[stages[-1].name])
        if not options.no_deb:
            try_package(roots["builder"], base, folder)
        print("the Dockerfile's steps and the package work in a clean Debian")
        return 0
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
