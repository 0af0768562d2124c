"""A live capture that is told to stop or finds its disk full, and inputs that are not whole: exit codes as the README has
them, and all that was whole is kept.

    inputs_test.py UNDERSTUDY signals|disk_full|half_written
"""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import kill_test
import lab
import workload

PASSED, USAGE, INCONCLUSIVE, ENVIRONMENT = 0, 2, 3, 4
DISK = "512k"


def verify(understudy, path):
    done = understudy.call("inspect", path, "--verify", "--json")
    return done.returncode, json.loads(done.stdout)["files"][0]


def started(server, output):
    """A live capture, and clients that keep the server busy."""
    understudy = lab.Understudy(sys.argv[1])
    stack = contextlib.ExitStack()
    capture = stack.enter_context(understudy.live(server.port, output))
    stack.enter_context(kill_test.busy(server, 60, 4))
    return stack, capture


def signals(understudy, folder):
    """SIGINT and SIGTERM end a capture with a whole file and exit code 0, with sessions open and traffic running."""
    with lab.server(folder) as server:
        workload.prepare(server)
        for number in (signal.SIGINT, signal.SIGTERM):
            output = os.path.join(folder, f"{number.name}.pgcap")
            stack, capture = started(server, output)
            with stack:
                time.sleep(1.7)
                capture.send_signal(number)
                lab.check(capture.wait(20) == PASSED, f"{number.name}: exit code {capture.returncode}")
            code, file = verify(understudy, output)
            lab.check(code == PASSED and file["complete"], f"{number.name}: {file}")
            answered = kill_test.true_exchanges(understudy, output)
            summary = understudy.summary(output)
            open_ends = summary["session_ends"].get("still_open", 0)
            lab.check(answered > kill_test.AT_LEAST and open_ends >= 4, f"{number.name}: {answered} statements, {open_ends} open")
            lab.say(f"{number.name}: {answered} statements true, {open_ends} sessions still open")


@contextlib.contextmanager
def small_disk(folder):
    disk = os.path.join(folder, "disk")
    os.mkdir(disk)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", disk], stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise lab.Skip(f"a small tmpfs may not be mounted here: {done.stderr.decode().strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def disk_full(understudy, folder):
    """Exit code 4 and a reason; what was written before is readable to the last whole chunk, and true."""
    with small_disk(folder) as disk, lab.server(folder) as server:
        workload.prepare(server)
        output = os.path.join(disk, "full.pgcap")
        stack, capture = started(server, output)
        with stack:
            lab.wait_for(lambda: capture.poll() is not None, "the capture on a full disk to give up", 100)
        lab.check(capture.returncode == ENVIRONMENT, f"disk full: exit code {capture.returncode}")
        code, file = verify(understudy, output)
        damage = file["damage"]
        lab.check(code == ENVIRONMENT and damage["trailer_missing"] and damage["bad_chunks"] == 0, f"disk full: {file}")
        answered = kill_test.true_exchanges(understudy, output)
        lab.check(answered > kill_test.AT_LEAST, f"disk full: {answered} statements")
        lab.say(f"disk full: {answered} statements true, {damage['bytes_cut_off']} bytes cut off")


def recorded(understudy, folder):
    """A pcap of real traffic and its capture."""
    pcap, capture = os.path.join(folder, "in.pcap"), os.path.join(folder, "in.pgcap")
    with lab.server(folder) as server:
        workload.prepare(server)
        with lab.packets_into(pcap, server.port):
            workload.perform(server, workload.PSQL)
            workload.perform(server, workload.RAW)
        port = server.port
    understudy.decode(pcap, port, capture)
    return pcap, capture, port


def cuts(size):
    return sorted({0, 1, 3, 8, 24, 30, size - 1, size - 20, *range(0, size, max(1, size // (400 if lab.long_run() else 25)))})


def cut_copy(path, length, target):
    shutil.copyfile(path, target)
    os.truncate(target, length)
    return target


def prefix(understudy, part, whole):
    """What a cut input tells of each session begins what the whole one tells."""
    begun = workload.statements_by_session(understudy.exchanges(part))
    lab.check(set(begun) <= set(whole), "a cut file has other sessions than the whole one")
    for session, statements in begun.items():
        known = whole[session][:len(statements)]
        # The last one may still be unanswered: then it has the text, and no rows.
        lab.check(statements[:-1] == known[:-1], f"session {session}: {statements[-3:]} instead of {known[-3:]}")
    return sum(map(len, begun.values()))


def not_inputs(understudy, folder, pcap, capture):
    """One is said to be what it is not; nothing is left of it."""
    output = os.path.join(folder, "never.pgcap")
    for path in ("/dev/null", os.path.join(folder, "missing"), pcap):
        done = understudy.call("inspect", path)
        lab.check(done.returncode == ENVIRONMENT and path in done.stderr and not done.stdout,
                  f"inspect {path}: exit code {done.returncode}: {done.stderr}{done.stdout}")
    for path in (folder, "/dev/null", os.path.join(folder, "missing"), capture):
        done = understudy.call("capture", "--pcap", path, "--output", output)
        lab.check(done.returncode == ENVIRONMENT and path in done.stderr,
                  f"capture --pcap {path}: exit code {done.returncode}: {done.stderr}")
        lab.check(not os.path.exists(output), f"capture --pcap {path} left a file")


def half_written(understudy, folder):
    pcap, capture, port = recorded(understudy, folder)
    whole = workload.statements_by_session(understudy.exchanges(capture))
    total = sum(map(len, whole.values()))
    part, output = os.path.join(folder, "part"), os.path.join(folder, "out.pgcap")
    most = 0
    for length in cuts(os.path.getsize(pcap)):
        done = understudy.call("capture", "--pcap", cut_copy(pcap, length, part), "--port", str(port), "--output", output)
        where = f"pcap cut to {length} bytes: exit code {done.returncode}: {done.stderr}"
        # A cut between two packets is no error, as nobody can see it; of the file's header alone, there is no session.
        lab.check(done.returncode in (PASSED, INCONCLUSIVE, ENVIRONMENT), where)
        if length <= 24:
            lab.check(done.returncode == (INCONCLUSIVE if length == 24 else ENVIRONMENT), where)
        if length < 24:
            lab.check(not os.path.exists(output), f"{where}; a file was left")
            continue
        lab.check(verify(understudy, output)[0] == PASSED, f"{where}; its capture is not whole")
        most = max(most, prefix(understudy, output, whole))
        os.remove(output)
    lab.check(most > total * 0.8, f"{most} of {total} statements from the longest part of the pcap")
    for length in cuts(os.path.getsize(capture)):
        cut_copy(capture, length, part)
        done = understudy.call("inspect", part, "--verify", "--json")
        where = f"capture cut to {length} bytes: exit code {done.returncode}: {done.stderr}"
        lab.check(done.returncode == ENVIRONMENT, where)
        file = json.loads(done.stdout)["files"][0] if done.stdout else {"error": done.stderr}
        if not file.get("error"):
            lab.check(file["damage"]["bad_chunks"] == 0 and file["damage"]["trailer_missing"], f"{where} {file}")
            prefix(understudy, part, whole)
    not_inputs(understudy, folder, pcap, capture)
    done = understudy.call("capture", "--pcap", pcap, "--port", str(port), "--output", pcap)
    lab.check(done.returncode == USAGE, f"overwriting the input: exit code {done.returncode}")
    lab.say(f"{total} statements, {most} of them in the longest part of the packets")


def main():
    lab.need_programs("psql")
    lab.need_packets()
    understudy = lab.Understudy(sys.argv[1])
    with lab.scratch_folder() as folder:
        {"signals": signals, "disk_full": disk_full, "half_written": half_written}[sys.argv[2]](understudy, folder)


if __name__ == "__main__":
    lab.run(main)
