"""The page of a run that goes on, in a real browser: test_live_page.py MCBATCH [unittest's arguments].

Network: loopback alone, ports by the kernel. A minute and a half, for a run that does not know yet how
long conversions take asks about them late."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from program import Program, manifest
from webdriver import Browser

MCBATCH = os.path.abspath(sys.argv[1])

PILL = "return document.querySelector('#state').textContent"
PICTURE = "return JSON.parse(document.querySelector('#picture').textContent)"
# What the page was told last: it keeps no copy that a test could reach, so the test listens beside it.
LISTEN = """window.heard = []; const s = new EventSource('events');
            s.onmessage = (e) => { const p = JSON.parse(e.data); window.heard.push(p); if (p.ended) s.close(); }"""
LAST = "return window.heard.at(-1) ?? null"
CARDS = """return Object.fromEntries([...document.querySelectorAll('.card')].map(
    c => [c.querySelector('dt').textContent, c.querySelector('.big').textContent]))"""


def number(text):
    return float(text.replace(",", ""))


class Run:
    """`mcbatch` with a page, which goes on beside the test."""

    def __init__(self, program, *arguments):
        self.errors = program.path("run.err")
        with open(self.errors, "w") as errors, open(program.path("run.out"), "w") as out:
            self.process = subprocess.Popen([MCBATCH, *arguments, *program.service, "--page", "127.0.0.1:0", "--progress",
                                             "none"], cwd=program.folder, env=program.environment, stdout=out,
                                            stderr=errors)

    def said(self):
        with open(self.errors) as file:
            return file.read()

    def link(self):
        for _ in range(200):
            found = re.search(r"the page is at (http://127\.0\.0\.1:\d+/)", self.said())
            if found:
                return found[1]
            time.sleep(0.05)
        raise AssertionError("no page: " + self.said())

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)


class LivePageTest(unittest.TestCase):
    """In the order of their names: the second goes on with what the first left."""

    LIMIT = ["--limit", "30/1s", "--limit", "2000/1h"]

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="mcbatch-live-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.program = Program(MCBATCH, cls.folder)
        cls.addClassCleanup(cls.program.close)
        cls.program.sandbox(*cls.LIMIT, "--conversions", "time=2s,failed=0.1", "--faults", "422:0.05")
        manifest(cls.program.path("catalog.jsonl"), 120, odd={7})
        cls.ledger = "catalog.jsonl.ledger"
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def begin(self, *arguments, limit=LIMIT):
        run = Run(self.program, *arguments, *limit)
        self.addCleanup(run.stop)
        self.browser.resize(1280, 900)
        self.browser.messages()
        self.browser.open(run.link())
        self.browser.run(LISTEN)
        return run

    def assert_the_end(self, run, code):
        """What the page shows last is what the ledger holds."""
        last = self.browser.wait_for("const p = window.heard.at(-1); return p && p.ended ? p : null", seconds=60)
        self.assertEqual(run.process.wait(30), code, run.said())
        status = self.program.json("status", self.ledger)
        self.assertEqual(last["jobs"], status["jobs"])
        self.assertEqual(last["conversions"], status["conversions"])
        self.assertEqual(last["missing"], status["missing"])
        for sums in ("estimated_micros", "final_micros", "final_jobs"):
            self.assertEqual(last["cost"][sums], status["cost"][sums])
        self.assertEqual(last["progress"]["done"], last["progress"]["all"])
        self.assertEqual(last["runs"][-1]["stop_reason"], "done")
        self.assertEqual([run["going_on"] for run in last["runs"]], [False] * len(last["runs"]))
        self.browser.wait_for(PILL + " === 'Last run: done'")
        self.assertTrue(self.browser.run("return document.title").startswith("100 %"))
        cards = self.browser.run(CARDS)
        self.assertEqual(number(cards["Converted"]), status["conversions"]["completed"])
        told = [m for m in self.browser.messages() if "favicon" not in m["message"] and "/events" not in m["message"]]
        self.assertEqual(told, [])
        return last

    def test_1_submission_and_the_conversions_after_it(self):
        run = self.begin("submit", "catalog.jsonl", "--track")
        self.browser.wait_for(PILL + " === 'Live: submitting'")
        during = self.browser.wait_for("return window.heard.find(p => p.doing === 'submitting' && p.eta_s > 0) ?? null")
        self.assertGreater(during["jobs"]["submitted"], 0)
        run_of = "return window.heard.map(p => p.runs.at(-1)).find(r => r && r.going_on) ?? null"
        self.assertEqual(self.browser.wait_for(run_of)["kind"], "submit")
        self.browser.wait_for(PILL + " === 'Live: tracking'", seconds=40)
        # Counts are of the moment, and so is the quota.
        pictures = self.browser.run("return window.heard")
        settled = [p["progress"]["done"] for p in pictures if p["progress"]["of"] == "jobs"]
        self.assertEqual(settled, sorted(settled))
        self.assertTrue(all(l["used_now"] <= l["requests"] for p in pictures for l in p["quota"]["limits"]))
        self.assertTrue(all(p["survey_at"] <= p["generated_at"] for p in pictures if p["survey_at"] is not None))
        last = self.assert_the_end(run, 1)
        self.assertEqual(sum(last["requests"]["accepted"]), last["jobs"]["submitted"])
        self.assertGreaterEqual(sum(last["requests"]["told"]), 1)

    def test_2_conversions_that_are_followed_later(self):
        manifest(self.program.path("catalog.jsonl"), 240, odd={7})
        self.program.submit("catalog.jsonl", *self.LIMIT)
        spent = self.program.json("report", self.ledger)["runs"][-1]["requests"]
        killed = subprocess.Popen([MCBATCH, "submit", "--ledger", self.ledger, "-", *self.program.service], cwd=self.folder,
                                  env=self.program.environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(killed.stdin.close)
        for _ in range(200):
            if self.program.json("report", self.ledger)["runs"][-1]["going_on"]:
                break
            time.sleep(0.05)
        killed.kill()
        killed.wait(10)

        run = self.begin("track", self.ledger)
        self.browser.wait_for(PILL + " === 'Live: tracking'")
        first = self.browser.run(PICTURE)
        hour = [l["used_now"] for l in first["quota"]["limits"] if l["window_s"] == 3600]
        self.assertGreaterEqual(hour[0], spent, "what earlier processes spent is used as well")
        tracking = self.browser.wait_for("return window.heard.find(p => p.runs.at(-1).kind === 'track') ?? null")
        self.assertEqual([r["going_on"] for r in tracking["runs"]][-2:], [False, True], "the submission was killed")
        last = self.assert_the_end(run, 1)
        self.assertEqual(sum(last["requests"]["accepted"]), 0)
        self.assertGreaterEqual(sum(last["requests"]["told"]), last["conversions"]["completed"] // 2)
        self.assertIsNotNone(last["latency_ms"], "polls are timed")
        self.assertTrue(any(p["eta_s"] for p in self.browser.run("return window.heard")), "the time left is told")
        waits = {p["waiting"]["for"] for p in self.browser.run("return window.heard") if p["waiting"]}
        self.assertLessEqual(waits, {"waiting to ask about the next conversion", "waiting for the quota of 1s"})

    def test_3_what_is_waited_for_is_told_to_others_too(self):
        manifest(self.program.path("catalog.jsonl"), 250, odd={7})
        self.program.submit("catalog.jsonl", *self.LIMIT)
        run = self.begin("track", self.ledger, limit=["--limit", "3/60s"])
        self.browser.wait_for("return window.heard.find(p => p.waiting?.for === \"waiting for the minute's quota\") ?? null",
                              seconds=40)
        status = self.program.json("status", self.ledger)
        self.assertEqual(status["last_run"]["kind"], "track")
        self.assertEqual([status["running"], status["waiting"]["for"], status["waiting"]["window"]], [True, "window", "3/60s"])
        run.process.terminate()
        self.assertEqual(run.process.wait(30), 75, run.said())
        status = self.program.json("status", self.ledger)
        self.assertEqual([status["last_run"]["stop_reason"], status["waiting"]], ["signal", None])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
