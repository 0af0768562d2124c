#!/usr/bin/env python3
"""The report page in Chromium: what it shows, how it is operated, what it must not do, and how quick it is.

usage: report_page_test.py [PART]
   PART is a part of a check's name, such as "filter"; without it all run.
UNDERSTUDY_WEB_SHOTS=FOLDER keeps the pages there, and screenshots at 360, 768 and 1280 pixels in both themes.
Exit code 0 passed, 1 failed, 77 skipped.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
PAGE = os.path.join(ROOT, "compare", "report", "page")
sys.path.insert(0, PAGE)
import assemble  # noqa: E402
import fixtures  # noqa: E402

SKIPPED = 77
MAX_LINES, MAX_COLUMNS = 350, 130
PLACEHOLDERS = {"TITLE": 2, "VERDICT": 1, "STYLE": 1, "SCRIPT": 1, "REPORT": 1}
# Ways for text to become markup or code, and for a page to ask a network.
FORBIDDEN = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\b|"
                       r"\bnew Function\b|\bfetch\(|XMLHttpRequest|WebSocket|importScripts|\bimport\b|</script|<!--|"
                       r"https?://(?!www\.w3\.org/2000/svg)")


def clients():
    folder = os.environ.get("UNDERSTUDY_WEB_CLIENTS") or os.path.join(ROOT, "build", "web-clients")
    return os.path.abspath(folder)


def missing():
    """What is not installed, with how to get it; empty if all is there."""
    if not (shutil.which("chromium") or os.environ.get("UNDERSTUDY_CHROMIUM")):
        return "chromium is not installed: tools/setup web"
    if not shutil.which("node"):
        return "node is not installed: tools/setup web"
    for name in ("playwright-core", "axe-core"):
        if not os.path.isdir(os.path.join(clients(), "node_modules", name)):
            return f"{name} is not installed: tools/web-clients"
    return ""


def source_breaches():
    """House rules for what the tidy test does not read, and what the page promises by its source."""
    for name in sorted(os.listdir(PAGE)):
        if not name.endswith((".js", ".css", ".html")):
            continue
        text = assemble.text_of(name)
        lines = text.split("\n")
        if len(lines) - 1 > MAX_LINES:
            yield f"{name}: {len(lines) - 1} lines, {MAX_LINES} allowed"
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_COLUMNS or line != line.rstrip() or "\t" in line:
                yield f"{name}:{number}: too long, or white space at its end, or a tab"
            if name.endswith(".js") and FORBIDDEN.search(line):
                yield f"{name}:{number}: {FORBIDDEN.search(line).group()}"
            if name.endswith(".css") and re.search(r"url\(|@import", line):
                yield f"{name}:{number}: asks for another file"
    template = assemble.text_of("page.html")
    for name, count in PLACEHOLDERS.items():
        if template.count(f"<!--{name}-->") != count:
            yield f"page.html: <!--{name}--> should stand there {count} times"


def embedded_page():
    """The page as CMake puts it into the program, or nothing without cmake."""
    script = os.path.join(PAGE, "embed.cmake")
    if not (os.path.exists(script) and shutil.which("cmake")):
        return None
    with tempfile.TemporaryDirectory() as folder:
        made = os.path.join(folder, "page_text.cpp")
        subprocess.run(["cmake", "-D", f"OUT={made}", "-P", script], check=True)
        with open(made, encoding="utf-8") as file:
            return file.read().split('kPage = R"page(', 1)[1].rsplit(')page"', 1)[0]


def embedding_breaches():
    page = embedded_page()
    if page is None:
        return
    template = assemble.text_of("page.html")
    expected = template.replace("<!--STYLE-->", assemble.text_of("page.css")).replace("<!--SCRIPT-->", assemble.script())
    if page != expected:
        yield "embed.cmake puts together another page than assemble.py"


def write_pages(folder):
    pages = {name: make() for name, make in fixtures.ALL.items()}
    pages["newer"] = {**fixtures.same(), "format_version": 2}
    for name, report in pages.items():
        with open(os.path.join(folder, f"{name}.html"), "w", encoding="utf-8") as file:
            file.write(assemble.assemble(report))
        with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(report, file)
    # The same under the stricter policy, and one whose report was cut off.
    with open(os.path.join(folder, "hashed.html"), "w", encoding="utf-8") as file:
        file.write(assemble.assemble(fixtures.hostile(), by_hash=True))
    with open(os.path.join(folder, "broken.html"), "w", encoding="utf-8") as file:
        file.write(assemble.assemble(fixtures.same()).replace('"verdict": "same"', '"verdict": '))


def main(arguments):
    breaches = [*source_breaches(), *embedding_breaches()]
    for breach in breaches:
        print(breach)
    if breaches:
        return 1
    reason = missing()
    if reason:
        print(f"SKIPPED: {reason}")
        return SKIPPED
    kept = os.environ.get("UNDERSTUDY_WEB_SHOTS")
    folder = kept or tempfile.mkdtemp(prefix="understudy-web-")
    os.makedirs(folder, exist_ok=True)
    try:
        write_pages(folder)
        chromium = os.environ.get("UNDERSTUDY_CHROMIUM") or shutil.which("chromium")
        ran = subprocess.run(["node", os.path.join(HERE, "drive.mjs"), folder, clients(), chromium, *arguments], check=False)
        return ran.returncode
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
