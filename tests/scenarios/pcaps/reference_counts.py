"""Decodes real packets that others recorded and compares the counts with those of an independent reader.

    reference_counts.py UNDERSTUDY FOLDER

FOLDER holds the packets and a README.md with a table of counts by file. Exits 77 (skipped) where it is absent.
"""
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

COLUMNS = {  # table column -> (side, message)
    "Query": ("frontend", "Query"), "Parse": ("frontend", "Parse"), "Bind": ("frontend", "Bind"),
    "Execute": ("frontend", "Execute"), "Sync": ("frontend", "Sync"),
    "CommandComplete": ("backend", "CommandComplete"), "ErrorResponse": ("backend", "ErrorResponse"),
    "DataRow": ("backend", "DataRow"), "RFQ": ("backend", "ReadyForQuery"), "startup": ("frontend", "StartupMessage"),
}
OTHERS = {  # words of the last column
    "SSLRequest": ("frontend", "SSLRequest"), "->N": ("backend", "EncryptionRefused"),
    "->S": ("backend", "EncryptionAccepted"), "Auth(p)": ("frontend", "PasswordMessage"),
    "CopyData": ("backend", "CopyData"), "CopyOutResponse": ("backend", "CopyOutResponse"),
    "NoData": ("backend", "NoData"), "NoticeResponse": ("backend", "NoticeResponse"),
    "Terminate": ("frontend", "Terminate"),
}


def table(readme):
    lines = [line for line in readme.splitlines() if line.startswith("|")]
    names = [cell.strip() for cell in lines[0].strip("|").split("|")]
    for line in lines[2:]:
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        yield dict(zip(names, cells))


def inspect(program, folder, row):
    name = row["file"]
    path = os.path.join(folder, name)
    with tempfile.TemporaryDirectory() as work:
        if name.endswith(".gz"):
            with gzip.open(path) as packed, open(os.path.join(work, "plain"), "wb") as plain:
                shutil.copyfileobj(packed, plain)
            path = plain.name
        output = os.path.join(work, "out.pgcap")
        port = "15432" if "15432" in name else "5432"
        subprocess.run([program, "capture", "--pcap", path, "--port", port, "--output", output, "--quiet"],
                       stderr=subprocess.PIPE, check=False)
        found = subprocess.run([program, "inspect", output, "--json"], stdout=subprocess.PIPE, check=True)
        return json.loads(found.stdout)


def differences(row, found):
    counts = found["messages"]

    def expect(what, want, side, message):
        got = counts.get(side, {}).get(message, 0)
        if got != want:
            yield f"{what}: {got} instead of {want}"

    for column, (side, message) in COLUMNS.items():
        yield from expect(column, int(row[column] or 0), side, message)
    for word, number in re.findall(r"([^\s;]+)=(\d+)", row["other"]):
        if word in OTHERS:
            yield from expect(word, int(number), *OTHERS[word])
    states = dict(re.findall(r"(\w{5})x(\d+)", row["SQLSTATEs"]))
    got_states = {state: str(count) for state, count in found["sqlstates"].items()}
    if states != got_states:
        yield f"SQLSTATEs: {got_states} instead of {states}"
    postgresql = "bad/partial startup" not in row["other"]
    if found["sessions"] != (int(row["streams"]) if postgresql else 0):
        yield f"sessions: {found['sessions']} instead of {row['streams']} streams"


def main():
    program, folder = sys.argv[1:3]
    readme = os.path.join(folder, "README.md")
    if not os.path.exists(readme):
        print(f"{folder} is not here")
        return 77
    failed = 0
    with open(readme, encoding="utf-8") as file:
        rows = list(table(file.read()))
    for row in rows:
        for difference in differences(row, inspect(program, folder, row)):
            failed += 1
            print(f"{row['file']}: {difference}")
    print(f"{len(rows)} files, {failed} differences")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
