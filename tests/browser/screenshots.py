"""Pictures of the report and the live page for the README: screenshots.py MCBATCH FOLDER. Takes six minutes: 3,000 jobs
are submitted to a sandbox and followed to their end."""

import os
import pathlib
import shutil
import sys
import tempfile

from program import Program, manifest
from webdriver import Browser

WIDTH = 1280
LIMITS = ["--limit", "200/10s", "--limit", "1600/100s"]


def shoot_live(browser, url, path):
    """When the run waits for longer."""
    browser.open(url)
    browser.wait_for("return parseInt(/(\\d+) s from now/.exec(document.querySelector('#waiting-until').textContent)?.[1]) > 12",
                     seconds=120)
    browser.screenshot(path, WIDTH, 990)


def main(mcbatch, target):
    folder = tempfile.mkdtemp(prefix="mcbatch-screenshots-")
    program = Program(mcbatch, folder)
    ledger = "catalog.jsonl.ledger"
    try:
        program.sandbox(*LIMITS, "--conversions", "time=5s,failed=0.03,cancelled=0.01", "--faults", "422:0.02,500:0.005",
                        "--latency", "40ms")
        manifest(program.path("catalog.jsonl"), 3000, odd={17, 418, 1234})
        program.submit("catalog.jsonl", *LIMITS, "--max-jobs", "700", seconds=100)
        with Browser() as browser:
            submitting, url = program.watch("submit", "catalog.jsonl", *LIMITS)
            browser.prefer(color_scheme="light")
            browser.resize(WIDTH, 900)
            try:
                shoot_live(browser, url, os.path.join(target, "live.png"))
                submitting.wait(400)
            finally:
                submitting.kill()
            program.track(ledger, *LIMITS, "--max-duration", "4m", seconds=300)
            program.run("report", ledger)
            report = pathlib.Path(program.path(ledger + ".html")).as_uri()
            for scheme in ("light", "dark"):
                browser.prefer(color_scheme=scheme)
                browser.resize(WIDTH, 900)
                browser.open(report)
                browser.run("document.querySelector('details.problem').open = true")
                browser.screenshot(os.path.join(target, f"report-{scheme}.png"), WIDTH, 1190)
    finally:
        program.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*(os.path.abspath(path) for path in sys.argv[1:3]))
