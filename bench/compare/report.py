#!/usr/bin/python3
"""Makes the table and the verdicts of what bench/compare.sh measured.

report.py ROUNDS SINGLES: ROUNDS has lines "ROUND CLIENT JOBS SECONDS USER SYSTEM KIB", SINGLES lines "NAME VALUE".
Ratios are taken within a round, where both sides had the same machine, and of these the median. Exit 1 where a goal is
missed. report.py --plot ROUNDS: instead lines "CLIENT, MEDIAN, LEAST, MOST, MEDIAN, LEAST, MOST" of jobs a second and
CPU a job, for gnuplot.
"""
import collections
import statistics
import sys

TITLES = {
    "wrk": "wrk",
    "h2load": "h2load --h1",
    "hey": "hey",
    "ab": "ab -k",
    "python": "Python, 32 threads",
    "curl_parallel": "curl --parallel",
    "gnu_parallel": "GNU parallel, curl, --joblog",
    "curl": "one curl a job",
    "submit": "mcbatch submit, ledger",
    "bench": "mcbatch bench --no-ledger",
}


class Run:
    def __init__(self, jobs, seconds, user, system, kib):
        if jobs <= 0:
            sys.exit("the server counted no job of one of the clients")
        self.rate = jobs / max(seconds, 0.01)  # what was measured in hundredths
        self.cpu_us = 1e6 * (user + system) / jobs
        self.peak_mb = kib * 1024 / 1e6


def read_rounds(path):
    runs = collections.defaultdict(dict)  # by client and round
    for line in open(path):
        round_number, client, *numbers = line.split()
        runs[client][round_number] = Run(*map(float, numbers))
    return runs


def read_singles(path):
    singles = collections.defaultdict(list)
    for line in open(path):
        name, value = line.split()
        singles[name].append(float(value))
    return singles


def short(number):
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def spread(numbers):
    if len(numbers) == 1:
        return short(numbers[0])
    return f"{short(statistics.median(numbers))} ({short(min(numbers))}–{short(max(numbers))})"


def column(runs, client, attribute):
    return [getattr(run, attribute) for run in runs[client].values()]


def table(runs):
    yield "| Client | Jobs/s | CPU µs a job | Peak MB |"
    yield "| --- | --- | --- | --- |"
    for client, title in TITLES.items():
        if client in runs:
            cells = [spread(column(runs, client, a)) for a in ("rate", "cpu_us", "peak_mb")]
            yield f"| {title} | {' | '.join(cells)} |"


def ratios(runs, attribute, client, over):
    shared = runs.get(client, {}).keys() & runs.get(over, {}).keys()
    return [getattr(runs[client][r], attribute) / getattr(runs[over][r], attribute) for r in sorted(shared)]


def goals(runs, singles):
    """What, the numbers, "most" or "least", the goal, the aim beyond it, the unit."""
    yield "CPU a durable job, over wrk's a request", ratios(runs, "cpu_us", "submit", "wrk"), "most", 1.8, 1.4, ""
    yield "CPU a job of bench --no-ledger, over wrk's", ratios(runs, "cpu_us", "bench", "wrk"), "most", 1.15, 1.0, ""
    yield "durable jobs/s, over GNU parallel's", ratios(runs, "rate", "submit", "gnu_parallel"), "least", 500, None, ""
    yield "durable jobs/s, over the Python client's", ratios(runs, "rate", "submit", "python"), "least", 5, None, ""
    over_jq = [jq / max(check, 0.01) for jq, check in zip(singles["jq_s"], singles["check_s"])]
    yield "mcbatch check, as many times as fast as jq -c .", over_jq, "least", 12, 20, ""
    yield "mcbatch check", singles["check_mb_per_s"], "least", 300, None, " MB/s"
    yield "submitting a finished manifest again", singles["second_submit_s"], "most", 5, None, " s"
    yield "requests which that sent", singles["second_submit_requests"], "most", 0, None, ""
    yield "from start to the first byte, beyond TCP and TLS", singles["first_byte_ms"], "most", 50, None, " ms"
    yield "building again after touching one file", singles["incremental_build_s"], "most", 30, None, " s"


def verdicts(runs, singles):
    all_met = True
    lines = ["| Goal | Measured | At | Verdict |", "| --- | --- | --- | --- |"]
    for what, numbers, side, goal, aim, unit in goals(runs, singles):
        if not numbers:
            continue
        middle = statistics.median(numbers)
        reached = lambda bound: middle <= bound if side == "most" else middle >= bound
        verdict = "met" if reached(goal) else "**missed**"
        if aim is not None and reached(goal):
            verdict += f", and the aim of {aim}" if reached(aim) else f", the aim of {aim} not"
        all_met = all_met and reached(goal)
        lines.append(f"| {what} | {spread(numbers)}{unit} | {side} {goal}{unit} | {verdict} |")
    return (lines if len(lines) > 2 else []), all_met


def plot_data(runs):
    for client, title in TITLES.items():
        if client in runs:
            cells = [f'"{title}"']
            for attribute in ("rate", "cpu_us"):
                numbers = column(runs, client, attribute)
                cells += [f"{f(numbers):.3f}" for f in (statistics.median, min, max)]
            yield ", ".join(cells)


if sys.argv[1] == "--plot":
    print("\n".join(plot_data(read_rounds(sys.argv[2]))))
    sys.exit()
measured, beside = read_rounds(sys.argv[1]), read_singles(sys.argv[2])
if measured:
    print("\n".join(table(measured)) + "\n")
judged, met = verdicts(measured, beside)
print("\n".join(judged))
sys.exit(0 if met else 1)
