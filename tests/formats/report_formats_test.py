#!/usr/bin/env python3
"""JUnit XML and SARIF against the schemas of those who read them: Jenkins' XSD, and OASIS' schema of SARIF 2.1.0.

usage: report_formats_test.py REPORT_SAMPLES [FILE...]
REPORT_SAMPLES writes reports of chance; FILEs (*.xml, *.sarif) are validated besides. The schemas and the JSON validator
are npm packages (tools/web-clients), xmllint is of libxml2-utils (tools/setup web).
Exit code 0 passed, 1 failed, 77 skipped.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

SKIPPED = 77
SAMPLES = 400
HERE = os.path.dirname(os.path.abspath(__file__))
CLIENTS = os.path.abspath(os.environ.get("UNDERSTUDY_WEB_CLIENTS") or os.path.join(HERE, "..", "..", "build", "web-clients"))
MODULES = os.path.join(CLIENTS, "node_modules")
SCHEMAS = os.path.join(CLIENTS, "schemas")
XSD = os.path.join(SCHEMAS, "jenkins-junit.xsd")


def missing():
    for program in ("xmllint", "node"):
        if not shutil.which(program):
            return f"{program} is not installed: tools/setup web"
    for path in (os.path.join(MODULES, "ajv-draft-04"), os.path.join(MODULES, "ajv-formats"), XSD,
                 os.path.join(SCHEMAS, "sarif-2.1.0-rtm.5.json")):
        if not os.path.exists(path):
            return f"{path} is not installed: tools/web-clients"
    return ""


def batches(files, size=100):
    for at in range(0, len(files), size):
        yield files[at:at + size]


def breaches_of(command, files):
    """What a validator says of files that it does not accept."""
    for batch in batches(files):
        done = subprocess.run(command + batch, capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            yield from [line for line in done.stderr.splitlines() if not line.endswith(" validates")][:20]


def junit_breaches(files):
    return breaches_of(["xmllint", "--noout", "--nonet", "--schema", XSD], files)


def sarif_breaches(files):
    return breaches_of(["node", os.path.join(HERE, "validate_sarif.mjs"), CLIENTS], files)


def count_breaches(files):
    """The schema does not say that the counts must be those of the test cases; readers take them for it."""
    for path in files:
        suite = xml.etree.ElementTree.parse(path).getroot().find("testsuite")
        for attribute, path_of in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error"),
                                   ("skipped", "testcase/skipped")):
            if int(suite.get(attribute)) != len(suite.findall(path_of)):
                yield f"{path}: {attribute} is {suite.get(attribute)}, there are {len(suite.findall(path_of))}"


def validators_refuse(folder):
    """A validator that accepts everything would be no test."""
    xml_file, sarif_file = os.path.join(folder, "wrong.xml"), os.path.join(folder, "wrong.sarif")
    with open(xml_file, "w", encoding="utf-8") as file:
        file.write("<testsuites><testsuite name='a' tests='1'><testcase/></testsuite></testsuites>")
    with open(sarif_file, "w", encoding="utf-8") as file:
        json.dump({"version": "2.1.0", "runs": [{"tool": {}, "results": []}]}, file)
    if not list(junit_breaches([xml_file])):
        yield "the validator of JUnit accepts a test case without a name"
    if not list(sarif_breaches([sarif_file])):
        yield "the validator of SARIF accepts a tool without a driver"


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    if missing():
        print("skipped:", missing())
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder, str(SAMPLES)], check=True)
        files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))] + sys.argv[2:]
        junit = [name for name in files if name.endswith(".xml")]
        sarif = [name for name in files if name.endswith(".sarif")]
        breaches = list(validators_refuse(folder)) + list(junit_breaches(junit)) + list(sarif_breaches(sarif))
        breaches += [] if breaches else list(count_breaches(junit))
    for breach in breaches[:40]:
        print(breach)
    print(f"{len(junit)} JUnit files, {len(sarif)} SARIF files:", "FAILED" if breaches else "valid")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
