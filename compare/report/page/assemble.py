#!/usr/bin/env python3
"""Puts a JSON report into the page, as the program does; for tests and for work on the page.

usage: assemble.py REPORT.json PAGE.html [--hash]
   --hash   the page's policy allows this one script by its digest, in place of any inline script

page.html has these placeholders, each replaced by bare text:
   <!--TITLE-->    (twice) a title, with & < > " escaped
   <!--VERDICT-->  one line of text, escaped in the same way
   <!--STYLE-->    page.css
   <!--SCRIPT-->   all *.js of this folder, in the order of their names
   <!--REPORT-->   the JSON, in which every < is written as \\u003c: nothing in it can end the element
"""
import base64
import hashlib
import html
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VERDICT_WORDS = {
    "same": "SAME: the candidate answers as the baseline does",
    "divergent": "DIVERGENT",
    "inconclusive": "INCONCLUSIVE",
}


def text_of(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def script():
    names = sorted(name for name in os.listdir(HERE) if name.endswith(".js"))
    return "".join(text_of(name) for name in names)


def verdict_line(report):
    word = VERDICT_WORDS.get(report.get("verdict"), "No verdict")
    reasons = report.get("reasons") or []
    return f"{word}: {reasons[0]}" if reasons else word


def assemble(report, by_hash=False):
    """The page for a report, which is a dict."""
    code = script()
    parts = {
        "TITLE": html.escape(report.get("title") or "Comparison of two replays"),
        "VERDICT": html.escape(verdict_line(report)),
        "STYLE": text_of("page.css"),
        "SCRIPT": code,
        "REPORT": json.dumps(report, ensure_ascii=False).replace("<", "\\u003c"),
    }
    # In one pass: what was put in is not looked at again.
    page = re.sub(r"<!--([A-Z]+)-->", lambda found: parts[found.group(1)], text_of("page.html"))
    if by_hash:
        digest = base64.b64encode(hashlib.sha256(("\n" + code + "\n").encode()).digest()).decode()
        page = page.replace("script-src 'unsafe-inline'", f"script-src 'sha256-{digest}'", 1)
    return page


def main(arguments):
    files = [argument for argument in arguments if argument != "--hash"]
    if len(files) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    with open(files[0], encoding="utf-8") as file:
        report = json.load(file)
    with open(files[1], "w", encoding="utf-8") as file:
        file.write(assemble(report, "--hash" in arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
