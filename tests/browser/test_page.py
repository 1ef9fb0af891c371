"""The report and the live page in a real browser: test_page.py MCBATCH LIVE_PAGE [unittest's arguments].

Network: loopback alone, ports by the kernel. A run of the program takes a few seconds, all of it half a minute."""

import collections
import copy
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

from event_server import EventServer
from hostile_service import HostileService
from program import Program, manifest
from webdriver import Browser

MCBATCH, LIVE_PAGE = (os.path.abspath(path) for path in sys.argv[1:3])

HOSTILE = "<script>hacked=1</script><img src=x onerror=hacked=1>\"'&amp;</script>\x1b[2J\u202egpj.exe"
HOSTILE_SHOWN = HOSTILE.replace("\x1b", "\\u001b").replace("\u202e", "\\u202e")
LONG = "long-" + "x" * 10_000

# Every table row as a list of its cells' texts.
ROWS = "return [...document.querySelectorAll(arguments[0])].map(r => [...r.cells].map(c => c.textContent.trim()))"
CARDS = """return Object.fromEntries([...document.querySelectorAll('.card')].map(
    c => [c.querySelector('dt').textContent, c.querySelector('.big').textContent]))"""
OPEN_ALL = "document.querySelectorAll('details').forEach(d => { d.open = true })"
TEXT = "return document.querySelector(arguments[0]).textContent"


def number(text):
    return float(text.replace(",", ""))


def micros(text):
    euros, _, fraction = text.replace("€", "").replace(",", "").partition(".")
    return int(euros) * 1_000_000 + int(fraction.ljust(6, "0"))


def end_conversions(ledger):
    """As if all but some had ended, two seconds after they were submitted: to wait for that would take a minute."""
    db = sqlite3.connect(ledger)
    states = {0: (4, ""), 1: (3, "CORRUPT"), 2: (3, "INPUT_NOT_FOUND"), 3: (1, "")}  # cancelled, failed, failed, processing
    with db:
        jobs = db.execute("SELECT id, answered_at FROM jobs JOIN answers USING (id) WHERE state = 2").fetchall()
        for job, at in jobs[20:]:
            state, error = states.get(job % 12, (2, ""))
            end = at + 2_000_000 + job * 10_000 if state > 1 else None
            cost = {2: 123_457 + job, 3: 0}.get(state)
            db.execute("INSERT INTO conversions VALUES (?, ?, 50, ?, 2, 1000, ?, ?, ?, ?)",
                       (job, state, cost, error, error and "It was not to be read.", end, at + 60_000_000))
    db.close()


def let_time_pass(ledger):
    """As if its jobs had been submitted a minute earlier: conversions are not asked about before they may have ended."""
    db = sqlite3.connect(ledger)
    with db:
        db.execute("UPDATE jobs SET sent_at = sent_at - 60000000")
        db.execute("UPDATE answers SET answered_at = answered_at - 60000000")
    db.close()


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="mcbatch-page-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.program = Program(MCBATCH, cls.folder)
        cls.addClassCleanup(cls.program.close)
        cls.program.sandbox("--limit", "100/1s", "--limit", "2000/1h", "--faults", "422:0.03,500:0.01")
        manifest(cls.program.path("catalog.jsonl"), 350, odd={7, 80})
        cls.program.submit("catalog.jsonl", "--limit", "100/1s", "--limit", "2000/1h")
        cls.ledger = "catalog.jsonl.ledger"
        end_conversions(cls.program.path(cls.ledger))
        cls.program.run("report", cls.ledger)
        cls.report = pathlib.Path(cls.program.path(cls.ledger + ".html")).as_uri()
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.resize(1280, 900)
        self.browser.prefer(color_scheme="light")
        self.breaks_off = False  # the test lets connections fail
        self.addCleanup(self.assert_quiet)

    def assert_quiet(self):
        """No error, and no violation of the page's policy."""
        self.assertEqual([m for m in self.browser.messages() if not self.is_expected(m)], [])

    def is_expected(self, message):
        return "favicon" in message["message"] or (self.breaks_off and message["source"] == "network")

    def open(self, url=None):
        self.browser.messages()
        self.browser.open(url or self.report)

    def rows(self, selector):
        return self.browser.run(ROWS, selector)

    @staticmethod
    def attention(status):
        return sum(status["jobs"][s] for s in ("rejected", "in_doubt", "invalid", "expired", "sending")) + \
            status["conversions"]["failed"] + status["conversions"]["cancelled"] + status.get("missing", 0)

    # What it shows

    def test_the_numbers_are_the_ledgers(self):
        self.open()
        status = self.program.json("status", self.ledger)
        jobs = status["jobs"]
        self.assertGreater(jobs["rejected"] * jobs["in_doubt"] * jobs["invalid"], 0, "the run was to have them all")
        cards = self.browser.run(CARDS)
        self.assertEqual(number(cards["Submitted"]), jobs["submitted"])
        self.assertEqual(number(cards["To be sent"]), jobs["pending"])
        self.assertEqual(number(cards["Need attention"]), self.attention(status))
        listed = self.browser.run("return [...document.querySelectorAll('.problem h3')].map(h => h.textContent)")
        self.assertEqual(sum(number(heading.split()[0]) for heading in listed), self.attention(status))
        self.assertEqual(number(cards["Converted"]), status["conversions"]["completed"])
        for table, counts in (("#job-states", jobs), ("#conversion-states", status["conversions"])):
            shown = {row[0].replace(" ", "_"): number(row[1]) for row in self.rows(f"{table} tbody tr")}
            self.assertEqual(shown, {state: n for state, n in counts.items() if n > 0 and state != "total"})
        progress = self.browser.run(TEXT, "#progress-text")
        ended = sum(status["conversions"][s] for s in ("completed", "failed", "cancelled"))
        self.assertIn(f"{ended:,} of {jobs['submitted']:,} conversions ended", progress)
        percent = 100 * ended // jobs["submitted"]
        self.assertEqual(self.browser.run("return document.title"), f"{percent} % — catalog.jsonl")

    def test_the_costs_are_exact(self):
        self.open()
        cost = self.program.json("status", self.ledger)["cost"]
        rows = self.rows("#costs tbody tr")
        self.assertEqual([[r[0], r[1], number(r[2]), micros(r[3])] for r in rows],
                         [[b["job_type"], b["state"], b["jobs"], b["estimated_micros"]] for b in cost["by"]])
        for row, by in zip(rows, cost["by"]):
            self.assertEqual(row[4], "–") if by["final_jobs"] == 0 else \
                self.assertEqual(micros(row[4].split(": ")[-1]), by["final_micros"])
        total = self.rows("#costs tfoot tr")[0]
        self.assertEqual(micros(total[3]), cost["estimated_micros"])
        self.assertEqual(micros(total[4].split(": ")[-1]), cost["final_micros"])

    def test_the_problems_are_those_of_the_export_with_what_to_do(self):
        self.open()
        self.browser.run(OPEN_ALL)
        expected = collections.Counter()
        for r in self.program.export(self.ledger):
            if r["state"] in ("rejected", "in_doubt", "invalid"):
                expected[r["state"]] += 1
            elif r["conversion"] in ("failed", "cancelled"):
                expected[r["conversion"]] += 1
        shown = {}
        for kind in expected:
            rows = self.rows(f"#problem-{kind} tbody tr")
            shown[kind] = sum(number(r[0]) for r in rows)
            self.assertRegex(rows[0][2], r"catalog\.jsonl line [\d,]+")
        self.assertEqual(shown, dict(expected))
        steps = self.browser.run("return [...document.querySelectorAll('.steps code')].map(c => c.textContent)")
        for step in ("mcbatch retry catalog.jsonl.ledger --rejected && mcbatch submit --ledger catalog.jsonl.ledger",
                     "mcbatch reconcile catalog.jsonl.ledger", "mcbatch export catalog.jsonl.ledger --state invalid"):
            self.assertIn(step, steps)
        lines = re.findall(r"line ([\d,]+)", self.rows("#problem-invalid tbody tr")[0][2])
        self.assertEqual(lines, ["8", "81"])

    def test_a_report_says_what_its_charts_do_not_hold(self):
        path = self.copy("odd.ledger")
        db = sqlite3.connect(path)
        with db:
            db.execute("UPDATE jobs SET sent_at = 0 WHERE id = (SELECT min(id) FROM jobs WHERE state = 2)")
            db.execute("UPDATE runs SET summary = ?", ('{"quota":{"tier":"pro","limits":["200/60s","10000/1h"]}}',))
        db.close()
        output = self.program.path("odd.html")
        self.program.run("report", path, "-o", output)
        self.open(pathlib.Path(output).as_uri())
        note = self.browser.run(TEXT, "#requests-note")
        for sentence in ("the last try of each job", "more may have been sent than is shown", "The limits are those of the tier pro.",
                         "Not in the charts: 1 request that a wrong clock dated before the first run or after now."):
            self.assertIn(sentence, note)
        self.assertRegex(self.browser.run(TEXT, "#window-60 figcaption p"), r"^At least \d+ of 200 in the fullest 1 min\.")

    def test_the_runs_are_listed(self):
        self.open()
        rows = self.rows("#runs tbody tr")
        self.assertEqual(len(rows), 1)
        jobs = self.program.json("status", self.ledger)["jobs"]
        self.assertEqual([rows[0][1], rows[0][4]], ["submit", "done"])
        self.assertEqual(number(rows[0][5]), jobs["submitted"])

    def test_every_chart_has_a_table_of_the_same_numbers(self):
        self.open()
        self.browser.run(OPEN_ALL)
        self.browser.wait_for("return document.querySelectorAll('figure tbody tr').length > 0")
        charts = self.browser.run("""return [...document.querySelectorAll('figure')].map(f => ({
            id: f.id,
            caption: f.querySelector('figcaption h3').textContent,
            role: f.querySelector('canvas').getAttribute('role'),
            label: f.querySelector('canvas').getAttribute('aria-label'),
            stacked: f.id === 'outcomes' || f.id === 'ended',
            columns: [...f.querySelectorAll('thead th')].map(c => c.textContent).slice(1),
            rows: [...f.querySelectorAll('tbody tr')].map(r => [...r.cells].map(c => c.textContent).slice(1)),
            drawn: Chart.getChart(f.querySelector('canvas')).data.datasets.map(
                d => ({ label: d.label, points: d.data.map(p => p.y) }))}))""")
        self.assertEqual([c["id"] for c in charts], ["window-1", "window-3600", "outcomes", "latency", "ended"])
        for chart in charts:
            with self.subTest(chart["id"]):
                self.assertEqual(chart["role"], "img")
                self.assertIn(chart["caption"], chart["label"])
                self.assertGreater(len(chart["rows"]), 2)
                self.assert_drawn(chart)

    def assert_drawn(self, chart):
        table = {name: [None if r[i] == "–" else number(r[i]) for r in chart["rows"]]
                 for i, name in enumerate(chart["columns"])}
        below = [0] * len(chart["rows"])
        for column in chart["drawn"]:
            values = table.pop(column["label"])
            if chart["id"] == "latency":
                self.assertEqual(column["points"], [v for v in values if v is not None])
                continue
            if chart["stacked"]:
                values = below = [a + b for a, b in zip(below, values)]
            self.assertEqual(column["points"], values + values[-1:])
        self.assertTrue(all(not any(values) for values in table.values()), "a column that is not drawn has nothing")

    def test_what_charts_show_adds_up_to_the_ledger(self):
        self.open()
        self.browser.run(OPEN_ALL)
        status = self.program.json("status", self.ledger)
        outcomes = self.rows("#outcomes tbody tr")
        columns = [sum(number(row[i]) for row in outcomes) for i in range(1, 6)]
        jobs = status["jobs"]
        self.assertEqual(columns, [jobs["submitted"], jobs["rejected"], jobs["in_doubt"], 0, 0])
        ended = self.rows("#ended tbody tr")
        self.assertEqual([sum(number(row[i]) for row in ended) for i in (1, 2, 3)],
                         [status["conversions"][s] for s in ("completed", "failed", "cancelled")])
        window = [number(row[1]) for row in self.rows("#window-1 tbody tr")]
        self.assertEqual(max(window), 100)
        self.assertEqual({row[2] for row in self.rows("#window-1 tbody tr")}, {"100"})
        self.assertEqual(max(number(row[1]) for row in self.rows("#window-3600 tbody tr")), sum(columns))

    # How it looks

    def test_nothing_is_wider_than_a_phone(self):
        for width in (360, 1280):
            self.browser.resize(width, 800)
            self.open()
            self.browser.run(OPEN_ALL)
            time.sleep(0.2)  # charts fit themselves to the width when the page has been laid out
            self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width)

    def test_dark_mode_recolors_page_and_charts(self):
        self.open()
        look = """const c = Chart.getChart(document.querySelector('#outcomes canvas'));
                  return [getComputedStyle(document.body).backgroundColor, c.data.datasets[0].backgroundColor,
                          c.options.scales.x.ticks.color]"""
        light = self.browser.run(look)
        self.browser.prefer(color_scheme="dark")
        drawn = "return Chart.getChart(document.querySelector('#outcomes canvas')).options.scales.x.ticks.color"
        self.browser.wait_for(drawn + " !== arguments[0]", light[2])
        dark = self.browser.run(look)
        for a, b in zip(light, dark):
            self.assertNotEqual(a, b)
        self.browser.prefer(color_scheme="light")
        self.browser.wait_for(drawn + " === arguments[0]", light[2])
        self.assertEqual(self.browser.run(look), light)

    def test_text_has_the_contrast_of_wcag_aa(self):
        pairs = [(ink, paper) for ink in ("ink", "quiet", "accent") for paper in ("paper", "panel")]
        pairs += [("ink", "doubt-soft"), ("good", "good-soft"), ("bad", "bad-soft"), ("doubt", "doubt-soft"),
                  ("accent", "accent-soft"), ("good", "panel"), ("bad", "panel"), ("good", "paper")]
        for scheme in ("light", "dark"):
            self.browser.prefer(color_scheme=scheme)
            self.open()
            for ink, paper in pairs:
                colors = self.browser.run("""const s = getComputedStyle(document.documentElement);
                    return [...arguments].map(n => s.getPropertyValue('--' + n).trim())""", ink, paper)
                with self.subTest(scheme=scheme, ink=ink, paper=paper):
                    self.assertGreaterEqual(contrast(*colors), 4.5)

    def test_on_paper_it_is_light_and_tells_all_problems(self):
        self.browser.prefer(color_scheme="dark")
        self.open()
        state = """return [getComputedStyle(document.documentElement).getPropertyValue('--panel').trim(),
                           document.querySelectorAll('details.problem:not([open])').length]"""
        before = self.browser.run(state)
        self.assertGreater(before[1], 0)
        self.assertEqual(self.browser.run("dispatchEvent(new Event('beforeprint')); " + state), ["#ffffff", 0])
        self.assertEqual(self.browser.run("dispatchEvent(new Event('afterprint')); " + state), before)

    # What gets in

    def copy(self, name):
        path = self.program.path(name)
        with open(self.program.path(self.ledger), "rb") as whole, open(path, "wb") as copied:
            shutil.copyfileobj(whole, copied)
        return path

    def hostile_ledger(self):
        path = self.copy("hostile.ledger")
        db = sqlite3.connect(path)
        with db:
            db.execute("UPDATE manifests SET path = ?", (HOSTILE,))
            db.execute("INSERT INTO manifests(path) VALUES (?)", (LONG,))
            db.execute("UPDATE answers SET error = ?, message = ? WHERE http_status >= 400", (HOSTILE, HOSTILE))
            db.execute("UPDATE answers SET message = ? WHERE http_status = 500", (LONG,))
            db.execute("UPDATE answers SET job_id = ?", (HOSTILE,))
            db.execute("UPDATE conversions SET error = ?, message = ? WHERE state = 3", (HOSTILE, HOSTILE))
            db.execute("UPDATE job_types SET name = ? WHERE name = 'video'", (HOSTILE,))
            db.execute("UPDATE job_types SET name = ? WHERE name = 'audio'", (LONG,))
            db.execute("UPDATE problems SET field = ?, message = ?", (HOSTILE, HOSTILE))
            db.execute("UPDATE runs SET stop_reason = ?", (HOSTILE,))
        db.close()
        return path

    def test_hostile_texts_are_shown_as_texts_and_do_nothing(self):
        ledger = self.hostile_ledger()
        output = self.program.path("hostile.html")
        self.program.run("report", ledger, "-o", output)
        self.assertLess(os.path.getsize(output), 1_000_000)
        self.browser.resize(360, 800)
        self.open(pathlib.Path(output).as_uri())
        self.browser.run(OPEN_ALL)
        self.assertIsNone(self.browser.run("return window.hacked ?? null"))
        self.assertEqual(self.browser.run("return document.querySelectorAll('img, main script, main a[href^=j]').length"), 0)
        for place in ("#costs", "#problem-rejected", "#problem-invalid", "#problem-failed", "#runs"):
            self.assertIn(HOSTILE_SHOWN, self.browser.run(TEXT, place), place)
        text = self.browser.run("return document.body.innerText")
        for character in ("\x1b", "\u202e"):
            self.assertNotIn(character, text)
        self.assertLess(text.count("x" * 600), 1)
        self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), 360)

    def test_the_policy_keeps_foreign_scripts_out(self):
        """And the console, by which the other tests know, tells of it."""
        self.open()
        self.browser.run("""const s = document.createElement('script'); s.textContent = 'window.hacked = 1';
                            document.body.append(s); document.body.setAttribute('style', 'color: red')""")
        self.assertIsNone(self.browser.run("return window.hacked ?? null"))
        told = [m["message"] for m in self.browser.messages()]
        self.assertTrue(any("script" in m and "Content Security Policy" in m for m in told), told)

    def test_a_report_says_nothing_of_signed_urls(self):
        self.program.run("report", self.ledger, "-o", "again.html")
        with open(self.program.path("again.html")) as file:
            text = file.read()
        self.assertNotIn("ingest.example.com", text)
        self.assertNotIn("delivery.example.com", text)

    # Live

    def wait_until(self, true, seconds=10):
        end = time.monotonic() + seconds
        while not true():
            self.assertLess(time.monotonic(), end, "it did not come about")
            time.sleep(0.02)

    def live(self, done, **more):
        """A picture of a run that has settled so many of 1,000 jobs."""
        p = copy.deepcopy(self.program.json("report", self.ledger))
        p["jobs"] = {**dict.fromkeys(p["jobs"], 0), "submitted": done, "pending": 1000 - done, "total": 1000}
        p["progress"] = {"of": "jobs", "done": done, "all": 1000}
        p.update({"live": True, "running": True, "doing": "submitting", "generated_at": time.time(), "eta_s": 125,
                  "every_request": True, **more})
        return p

    def serve(self, picture):
        """A server whose page begins with that, and is open."""
        page = subprocess.run([LIVE_PAGE], input=json.dumps(picture), capture_output=True, text=True, check=True,
                              timeout=10).stdout
        server = EventServer(page)
        self.addCleanup(server.close)
        self.addCleanup(self.browser.open, "about:blank")  # which listens no more when the server goes
        self.open(server.url)
        return server

    def show(self, server, picture):
        """Sends it, and waits until it is drawn."""
        self.browser.run("document.title = ''")
        server.send(json.dumps(picture))
        self.browser.wait_for("return document.title !== ''")

    def test_a_live_page_follows_its_run_to_the_end(self):
        server = self.serve(self.live(100))
        title = "return document.title === arguments[0]"
        pill = "return document.querySelector('#state').textContent === arguments[0]"
        self.assertEqual(self.browser.run("return document.title"), "10 % — catalog.jsonl")
        self.assertEqual(self.browser.run(TEXT, "#state"), "Live: submitting")
        self.assertIn("About 2 min left", self.browser.run(TEXT, "#progress-text"))

        server.send(json.dumps(self.live(205)))
        self.browser.wait_for(title, "20 % — catalog.jsonl")
        self.assertEqual(self.browser.run(CARDS)["Submitted"], "205")
        self.browser.run("document.querySelector('#outcomes details').open = true")

        until = time.time() + 100
        server.send(json.dumps(self.live(300, waiting={"for": "waiting for the minute's quota", "until": until})))
        self.browser.wait_for(title, "30 % — catalog.jsonl")
        self.assertEqual(self.browser.run(TEXT, "#waiting-for"), "Waiting for the minute's quota")
        self.assertRegex(self.browser.run(TEXT, "#waiting-until"), r"until \d\d:\d\d:\d\d, 2 min from now")
        self.assertTrue(self.browser.run("return document.querySelector('#outcomes details').open"))

        shade = "return getComputedStyle(document.querySelector('main')).opacity"
        self.breaks_off = True
        server.refusing = True
        server.drop()
        self.browser.wait_for(pill, "Connection lost")
        self.assertEqual(self.browser.run(shade), "0.6")
        self.wait_until(lambda: server.refused > 0)  # after which no browser connects again by itself
        self.assertEqual(self.browser.run("return document.title"), "30 % — catalog.jsonl")
        server.refusing = False
        server.send(json.dumps(self.live(410)))
        self.browser.wait_for(title, "41 % — catalog.jsonl")
        self.browser.wait_for(pill, "Live: submitting")
        self.assertEqual(self.browser.run(shade), "1")
        self.assertFalse(self.browser.run("return document.querySelector('#waiting').checkVisibility()"))

        runs = [{"started_at": time.time() - 60, "ended_at": time.time(), "stop_reason": "done", "submitted": 1000,
                 "requests": 1000}]
        server.send(json.dumps(self.live(1000, running=False, ended=True, eta_s=None, doing=None, runs=runs)))
        self.browser.wait_for(title, "100 % — catalog.jsonl")
        self.assertEqual(self.browser.run(TEXT, "#state"), "Last run: done")
        asked = server.streams
        server.drop()
        time.sleep(1)  # ten times what the server told it to wait before it connects again
        self.assertEqual(server.streams, asked)
        self.assertEqual(self.browser.run(TEXT, "#state"), "Last run: done")

    def test_what_a_reader_uses_stays_while_the_page_goes_on(self):
        server = self.serve(self.live(100))
        self.browser.run("""document.querySelector('.card a').focus();
            getSelection().selectAllChildren(document.querySelector('#costs tbody td:nth-child(2)'))""")
        self.browser.run("document.querySelector('#problem-rejected').open = true")
        selected = self.browser.run("return String(getSelection())")
        self.assertNotEqual(selected, "")
        self.show(server, self.live(200))
        self.assertEqual(self.browser.run(CARDS)["Submitted"], "200")
        self.assertEqual(self.browser.run("return document.activeElement.textContent"), "which, and what to do")
        self.assertEqual(self.browser.run("return String(getSelection())"), selected)
        self.assertTrue(self.browser.run("return document.querySelector('#problem-rejected').open"))

    def test_a_wait_is_counted_down_by_the_clock_of_its_run(self):
        now = time.time() + 3600
        self.serve(self.live(100, generated_at=now, waiting={"for": "waiting", "until": now + 300}))
        self.assertRegex(self.browser.run(TEXT, "#waiting-until"), r"until \d\d:\d\d:\d\d, 5 min from now")

    def test_the_pace_of_a_run_is_over_the_time_that_it_has_gone_on(self):
        now = int(time.time())
        run = {"started_at": now - 20, "ended_at": None, "stop_reason": None, "submitted": None, "requests": None}
        p = self.live(200, generated_at=now, runs=[run])
        columns = {name: [0] * 21 for name in p["requests"] if isinstance(p["requests"][name], list)}
        p["requests"].update(columns, slice_s=1, t=[now - 20 + i for i in range(21)], accepted=[10] * 20 + [0],
                             windows=[[0] * 21, [0] * 21])
        server = self.serve(p)
        pace = """return [...document.querySelectorAll('.card')].find(c => /Jobs a minute/.test(c.textContent))
                  ?.querySelectorAll('dd').values().map(d => d.textContent).toArray()"""
        self.assertEqual(self.browser.run(pace), ["600", "accepted, over the last 20 s"])
        self.show(server, {**p, "runs": [{**run, "started_at": now - 1000}]})  # it waited before
        self.assertEqual(self.browser.run(pace), ["200", "accepted, over the last 60 s"])
        self.show(server, {**p, "runs": [{**run, "started_at": now - 1}]})
        self.assertIsNone(self.browser.run(pace))

    def test_a_page_of_tracking_shows_what_there_is_and_no_more(self):
        p = self.live(1000, doing="tracking", latency_ms=None, missing=5)
        r = p["requests"]
        zeros = [0] * len(r["t"])
        r.update({name: zeros for name in ("accepted", "rejected", "in_doubt", "rate_limited", "put_back")}, told=zeros)
        p["jobs"] = {**dict.fromkeys(p["jobs"], 0), "submitted": 1000, "total": 1000}
        p["conversions"] = {"pending": 1000, "processing": 0, "completed": 0, "failed": 0, "cancelled": 0}
        p["progress"] = {"of": "conversions", "done": 0, "all": 995}
        place = {"key": None, "manifest": "catalog.jsonl", "line": 7, "job_id": "job_7"}
        p["problems"] = [{"kind": "missing", "jobs": 5, "advice": [{"what": "Ask again", "command": "mcbatch track x"}],
                          "groups": [{"http_status": 404, "error": None, "message": None, "jobs": 5, "first": [place]}],
                          "more_groups": 0, "more_jobs": 0}]
        p["runs"] = [{**p["runs"][0]}, {"kind": "track", "started_at": time.time() - 9, "ended_at": None, "going_on": True,
                                        "stop_reason": None, "submitted": None, "requests": None}]
        p["survey_at"] = p["generated_at"] - 2
        p["ended_conversions"] = {"slice_s": 1, "t": [], "completed": [], "failed": [], "cancelled": []}
        server = self.serve(p)
        figures = "return [...document.querySelectorAll('#request-charts figure')].map(f => f.id)"
        self.assertEqual(self.browser.run(figures), ["window-1", "window-3600"])
        cards = self.browser.run(CARDS)
        self.assertEqual(set(cards), {"Need attention", "Converted", "Cost"})
        self.assertEqual(cards["Need attention"], "5")
        self.assertIn("The service does not know 5 more.", self.browser.run(TEXT, "#progress-text"))
        self.assertEqual(self.browser.run(TEXT, "#problem-missing h3"), "5 jobs whose conversion the service does not know")
        self.assertEqual(self.browser.run(TEXT, "#problem-missing .steps code"), "mcbatch track x")
        self.assertEqual([[row[1], row[4]] for row in self.rows("#runs tbody tr")], [["track", "going on"], ["submit", "done"]])
        self.assertNotIn("read", self.browser.run(TEXT, "#when"))

        r.update(told=[3] + zeros[1:])
        p["ended_conversions"].update(t=[int(p["generated_at"])], completed=[3], failed=[0], cancelled=[0])
        self.show(server, {**p, "survey_at": p["generated_at"] - 90, "latency_ms": {"p50": 2, "p90": 3, "p99": 4, "max": 5}})
        self.assertEqual(self.browser.run(figures), ["window-1", "window-3600", "outcomes", "latency"])
        self.assertEqual(self.browser.run(TEXT, "#outcomes figcaption p"), "3 told of a conversion.")
        self.assertEqual(set(self.browser.run(CARDS)), {*cards, "Conversions a minute", "Answers took"})
        self.assertIn("the ledger was last read", self.browser.run(TEXT, "#when"))

    # Live, the program itself

    def watch(self, program, command, *arguments):
        """Opens the page of a run, follows it to its end, and gives what its pill said in between."""
        process, url = program.watch(command, *arguments)
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.kill)
        self.open(url)
        first = self.browser.run(TEXT, "#state")
        self.browser.wait_for("return document.querySelector('#state').textContent.startsWith('Last run')", seconds=40)
        self.assertIn(process.wait(10), (0, 1, 75))
        return first

    def assert_page_is(self, program, ledger):
        """What the page shows is what the ledger holds."""
        status = program.json("status", ledger)
        for table, counts in (("#job-states", status["jobs"]), ("#conversion-states", status["conversions"])):
            shown = {row[0].replace(" ", "_"): number(row[1]) for row in self.rows(f"{table} tbody tr")}
            self.assertEqual(shown, {state: n for state, n in counts.items() if n > 0 and state != "total"})
        self.assertEqual(number(self.browser.run(CARDS)["Need attention"]), self.attention(status))
        shown = self.browser.run("return [...document.querySelectorAll('.problem h3')].map(h => h.textContent)")
        self.assertEqual(sum(number(heading.split()[0]) for heading in shown), self.attention(status))
        self.assertEqual([[row[0], row[1], number(row[2]), micros(row[3])] for row in self.rows("#costs tbody tr")],
                         [[b["job_type"], b["state"], b["jobs"], b["estimated_micros"]] for b in status["cost"]["by"]])
        self.assertEqual(self.browser.run("return document.body.classList.contains('lost')"), False)
        ends = self.browser.run("return [...document.querySelectorAll('canvas')].map(c => Chart.getChart(c).options.scales.x.max)")
        now = self.browser.run("return Date.parse(document.querySelector('#when time').dateTime) / 1000")
        for end in ends:
            self.assertGreaterEqual(end, now)
        readings = self.browser.run("return [...document.querySelectorAll('figcaption p')].map(p => p.textContent)")
        for reading in readings:
            self.assertRegex(reading, r"\d")
        self.browser.run(OPEN_ALL)
        self.browser.wait_for("return document.querySelectorAll('figure tbody tr').length > 0")
        return status

    def other_program(self):
        folder = tempfile.mkdtemp(prefix="mcbatch-page-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        program = Program(MCBATCH, folder)
        self.addCleanup(program.close)
        return program

    def test_the_pages_of_submit_and_of_track_are_true_to_the_ledger(self):
        program = self.other_program()
        limit = ["--limit", "20/1s"]
        program.sandbox(*limit, "--faults", "422:0.05", "--conversions", "time=50ms,failed=0.1,cancelled=0.05")
        manifest(program.path("a.jsonl"), 120, odd={7})
        ledger = "a.jsonl.ledger"
        self.assertEqual(self.watch(program, "submit", "a.jsonl", "--max-jobs", "100", *limit), "Live: submitting")
        jobs = self.assert_page_is(program, ledger)["jobs"]
        self.assertGreater(jobs["submitted"] * jobs["rejected"] * jobs["pending"], 0, "the run was to have them all")
        accepted = self.rows("#outcomes tbody tr")
        self.assertEqual(sum(number(row[1]) for row in accepted), jobs["submitted"])
        window = [number(row[1]) for row in self.rows("#window-1 tbody tr")]
        self.assertEqual(max(window), 20)

        let_time_pass(program.path(ledger))
        self.assertEqual(self.watch(program, "track", ledger, *limit), "Live: tracking")
        conversions = self.assert_page_is(program, ledger)["conversions"]
        self.assertEqual(conversions["pending"] + conversions["processing"], 0)
        ended = self.rows("#ended tbody tr")
        self.assertEqual([sum(number(row[i]) for row in ended) for i in (1, 2, 3)],
                         [conversions[s] for s in ("completed", "failed", "cancelled")])

        self.watch(program, "submit", "a.jsonl", "--track", "--max-duration", "3s", *limit)
        self.assertEqual(self.assert_page_is(program, ledger)["jobs"]["pending"], 0)

    def test_what_a_hostile_service_and_manifest_say_is_text_on_the_live_page_too(self):
        program = self.other_program()
        service = HostileService(self.program.path("tls"), HOSTILE, LONG)
        self.addCleanup(service.close)
        program.service = ["--base-url", service.url, "--ca-file", self.program.path("tls/ca.pem")]
        name = HOSTILE.replace("/", "") + ".jsonl"
        with open(program.path(name), "w") as file:
            for n in range(8):
                file.write(json.dumps({"job_type": HOSTILE, "input_url": f"https://in.example/{n}", "input_format": HOSTILE,
                                       "output_url": f"https://out.example/{n}", "output_format": HOSTILE}) + "\n")
            file.write(HOSTILE + "\n")
        self.browser.resize(360, 800)
        self.watch(program, "submit", name, "--limit", "2/1s", "--ledger", "a.ledger")
        self.assertIn(HOSTILE_SHOWN.replace("/", ""), self.browser.run(TEXT, "#name"))
        let_time_pass(program.path("a.ledger"))
        self.watch(program, "track", "a.ledger", "--limit", "2/1s")
        self.browser.run(OPEN_ALL)
        self.assertIsNone(self.browser.run("return window.hacked ?? null"))
        self.assertEqual(self.browser.run("return document.querySelectorAll('img, main script, main a[href^=j]').length"), 0)
        for place in ("#problem-rejected", "#problem-failed"):
            self.assertIn(HOSTILE.split("\x1b")[0], self.browser.run(TEXT, place), place)
        self.assertIn(HOSTILE[:50], self.browser.run(TEXT, "#costs"))
        self.assertIn(HOSTILE_SHOWN.replace("/", ""), self.browser.run(TEXT, "#name"))
        self.assertIn("x" * 100, self.browser.run(TEXT, "#problem-in_doubt"))
        text = self.browser.run("return document.body.innerText")
        for character in ("\x1b", "\u202e"):
            self.assertNotIn(character, text)
        self.assertNotIn("x" * 600, text)
        self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), 360)


def contrast(a, b):
    """WCAG 2.2, relative luminance and contrast ratio, of two colors as #rrggbb."""
    def luminance(color):
        channels = [int((color + color[1:] * (len(color) == 4))[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    lighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
