"""Pictures of the report and the live page for the README: screenshots.py MCBATCH LIVE_PAGE FOLDER. Takes six minutes:
3,000 jobs are submitted to a sandbox and followed to their end."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from event_server import EventServer
from program import Program, manifest
from webdriver import Browser

WIDTH = 1280
LIMITS = ["--limit", "200/10s", "--limit", "1600/100s"]


def live_picture(program, ledger):
    """Of a second run, when it waits for longer: as the page of a live run has it."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        time.sleep(0.2)
        p = program.json("report", ledger)
        if len(p["runs"]) == 2 and p["waiting"] and p["waiting"]["until"] - p["generated_at"] > 12:
            pace = p["jobs"]["submitted"] / (p["generated_at"] - p["runs"][0]["started_at"])
            return {**p, "live": True, "eta_s": p["jobs"]["pending"] / pace}
    raise RuntimeError("the run did not come to wait")


def shoot_live(browser, live_page, picture, path):
    page = subprocess.run([live_page], input=json.dumps(picture), capture_output=True, text=True, check=True).stdout
    server = EventServer(page)
    try:
        browser.open(server.url)
        browser.wait_for("return /from now/.test(document.querySelector('#waiting-until').textContent)")
        browser.screenshot(path, WIDTH, 990)
    finally:
        server.close()


def main(mcbatch, live_page, target):
    folder = tempfile.mkdtemp(prefix="mcbatch-screenshots-")
    program = Program(mcbatch, folder)
    ledger = "catalog.jsonl.ledger"
    try:
        program.sandbox(*LIMITS, "--conversions", "time=5s,failed=0.03,cancelled=0.01", "--faults", "422:0.02,500:0.005",
                        "--latency", "40ms")
        manifest(program.path("catalog.jsonl"), 3000, odd={17, 418, 1234})
        program.submit("catalog.jsonl", *LIMITS, "--max-jobs", "700", seconds=100)
        with Browser() as browser:
            submitting = threading.Thread(target=program.submit, args=["catalog.jsonl", *LIMITS], kwargs={"seconds": 400})
            submitting.start()
            browser.prefer(color_scheme="light")
            browser.resize(WIDTH, 900)
            shoot_live(browser, live_page, live_picture(program, ledger), os.path.join(target, "live.png"))
            submitting.join()
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
    main(*(os.path.abspath(path) for path in sys.argv[1:4]))
