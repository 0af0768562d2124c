#!/usr/bin/env python3
"""What is installed: every command has a manual page that groff takes without a warning, bash completes commands and options,
units of systemd are sound, and the Debian package holds all of it and says what it depends on.

usage: packages_test.py BUILD_FOLDER
Parts whose tool is not on this machine (cpack with dpkg-dev, zsh, groff, systemd-analyze) are named and left out.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
failures = []
left_out = []


def check(what, held, detail=""):
    if not held:
        failures.append(f"{what}: {detail}"[:600])


def output(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout


def commands_of(program, path=()):
    """All commands, told by --help: ("schema", "diff") …"""
    text = output(program, *path, "--help")
    found = []
    if "Subcommands:" in text:
        for line in text.split("Subcommands:")[1].splitlines()[1:]:
            match = re.match(r"  ([a-z][a-z-]*) ", line)
            if not match:
                if line and not line.startswith("   "):
                    break
                continue
            found += [(*path, match[1]), *commands_of(program, (*path, match[1]))]
    return found


def manual(program, commands, folder):
    output(program, "manual", folder)
    pages = set(os.listdir(folder))
    wanted = {"understudy.1"} | {"-".join(("understudy", *command)) + ".1" for command in commands}
    check("manual pages", pages == wanted, f"missing {wanted - pages}, without command {pages - wanted}")
    for command in commands:
        with open(os.path.join(folder, "-".join(("understudy", *command)) + ".1"), encoding="utf-8") as file:
            text = file.read().replace("\\-", "-")
        for flag in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", output(program, *command, "--help"), re.MULTILINE):
            check("manual page of " + " ".join(command), f"\\fB{flag}\\fR" in text, f"{flag} is not in it")
    if not shutil.which("groff"):
        left_out.append("groff")
        return
    for page in sorted(pages):
        done = subprocess.run(["groff", "-K", "utf8", "-ww", "-man", "-Tutf8", "-z", os.path.join(folder, page)],
                              capture_output=True, text=True, check=False)
        check(page, done.returncode == 0 and not done.stderr, done.stderr)


def completed_by_bash(script, *words):
    """What bash offers for the last of `words`."""
    line = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    return output("bash", "--norc", "-c", f'source "{script}"; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _understudy; '
                                          'printf "%s\\n" "${COMPREPLY[@]}"').split()


def completion(program, commands, folder):
    script = os.path.join(folder, "understudy.bash")
    with open(script, "w", encoding="utf-8") as file:
        file.write(output(program, "completion", "bash"))
    first = {command[0] for command in commands}
    offered = completed_by_bash(script, "understudy", "")
    check("bash: commands", first <= set(offered), f"not offered: {first - set(offered)}")
    check("bash: the beginning of a command", completed_by_bash(script, "understudy", "reh") == ["rehearse"], "")
    check("bash: options", "--migration" in completed_by_bash(script, "understudy", "rehearse", "x.pgcap", "--mig"), "")
    check("bash: a command of a command", completed_by_bash(script, "understudy", "schema", "fing") == ["fingerprint"], "")
    check("bash: options there", "--capture" in completed_by_bash(script, "understudy", "schema", "diff", "--cap"), "")
    check("bash: a value is a file's name", completed_by_bash(script, "understudy", "rehearse", "--migration", "") == [], "")
    check("bash: an argument is one, too", completed_by_bash(script, "understudy", "inspect", "") == [], "")
    if not shutil.which("zsh"):
        left_out.append("zsh")
        return
    script = os.path.join(folder, "_understudy")
    with open(script, "w", encoding="utf-8") as file:
        file.write(output(program, "completion", "zsh"))
    done = subprocess.run(["zsh", "-n", script], capture_output=True, text=True, check=False)
    check("zsh reads its script", done.returncode == 0, done.stderr)


def units(folder):
    """Where systemd's own checker is on the machine, with the installed program in place."""
    names = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    check("units", len(names) >= 3, f"{names}")
    if not shutil.which("systemd-analyze"):
        left_out.append("systemd-analyze")
        return
    for name in names:
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", name], capture_output=True, text=True, check=False)
        ours = [line for line in done.stderr.splitlines() if "understudy" in line and "is not executable" not in line]
        check(name, not ours, "\n".join(ours))


def debian_package(build, commands, folder):
    if not shutil.which("cpack") or not shutil.which("dpkg-shlibdeps"):
        left_out.append("cpack with dpkg-dev: tools/setup package")
        return
    done = subprocess.run(["cpack", "-G", "DEB", "-B", folder, "--config", os.path.join(build, "CPackConfig.cmake")],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        check("cpack", False, done.stderr + done.stdout[-500:])
        return
    package = next(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".deb"))
    depends = output("dpkg-deb", "--field", package, "Depends")
    for library in ("libpg-query", "libpqxx", "libprotobuf", "libpcap", "libc6"):
        check("the package's dependencies", library in depends, f"no {library} in {depends}")
    root = os.path.join(folder, "root")
    output("dpkg-deb", "--extract", package, root)
    installed = {os.path.relpath(os.path.join(path, name), root) for path, _, names in os.walk(root) for name in names}
    wanted = {"usr/bin/understudy", "usr/share/bash-completion/completions/understudy",
              "usr/share/zsh/vendor-completions/_understudy", "usr/share/doc/understudy/README.md"}
    wanted |= {"usr/share/man/man1/" + "-".join(("understudy", *command)) + ".1.gz" for command in commands}
    check("the package's files", wanted <= installed, f"missing {wanted - installed}")
    foreign = {name for name in installed if re.search(r"test|bench/|\.cpp|\.hpp", name)}
    check("the package's files", not foreign, f"too many: {foreign}")
    version = output(os.path.join(root, "usr/bin/understudy"), "--version").split()[1]
    check("version", output("dpkg-deb", "--field", package, "Version").strip() == version, version)
    service = os.path.join(root, "usr/lib/systemd/system/understudy-capture.service")
    with open(service, encoding="utf-8") as file:
        check("the unit's program", "ExecStart=/usr/bin/understudy capture" in file.read(), "")
    units(os.path.dirname(service))


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    build = os.path.abspath(sys.argv[1])
    program = os.path.join(build, "bin", "understudy")
    with tempfile.TemporaryDirectory() as folder:
        commands = commands_of(program)
        check("commands", ("schema", "diff") in commands and ("rehearse",) in commands, f"{commands}")
        manual(program, commands, os.path.join(folder, "man"))
        completion(program, commands, folder)
        debian_package(build, commands, os.path.join(folder, "deb"))
    for what in left_out:
        print("left out, not on this machine:", what)
    for failure in failures:
        print("FAILED", failure)
    print(f"{len(commands)} commands:", "FAILED" if failures else "passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
