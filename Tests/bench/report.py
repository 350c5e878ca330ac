"""Tables in Markdown and plots in SVG of what was measured."""

import html
import json
import math
import os
import pathlib
import platform
import re
import statistics
import subprocess

from targets import HERE
from work import FLOODED, SELDOM

ROOT = HERE.parents[1]
COLOURS = {"server": "#0b6e4f", "classic": "#8d99ae", "epoll": "#5c677d", "nginx": "#cbd2de", "go": "#00a7d0",
           "hummingbird": "#f05138", "flask": "#e0a500", "php": "#7377ad"}


def first_line(*command):
    run = subprocess.run(command, capture_output=True, text=True)
    return (run.stdout + run.stderr).strip().split("\n")[0]


def version(package):
    return first_line("dpkg-query", "-W", "-f=${Version}", package)


def machine():
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1])
    release = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())[1]
    return [
        f"{os.cpu_count()} × {processor[1] if processor else platform.machine()}, {memory / 2**20:.0f} GiB; wrk, nginx and the"
        " program share them",
        f"{release}, Linux {platform.release()}, data on {first_line('stat', '--file-system', '--format=%T', '/var/tmp')}",
        f"{first_line('swift', '--version')}; {first_line('nginx', '-v')}; libfcgi {version('libfcgi-dev')}; SQLite"
        f" {version('libsqlite3-0')}; {first_line('go', 'version')}; PHP {version('php-fpm')}; Flask {version('python3-flask')},"
        f" uwsgi {version('uwsgi-core')}; Hummingbird 2.28.1, GRDB 7.10.0",
        f"commit {first_line('git', '-C', str(ROOT), 'describe', '--always', '--dirty')}",
    ]


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def counts(run):
    """Whether nearly all requests of a round had the right answer."""
    return bool(run.get("requests")) and run["failed"] * 100 <= run["requests"]


class Report:
    def __init__(self, plan, every, cases, results, memory, uploads, counted, seconds):
        self.plan, self.every, self.cases, self.results = plan, every, cases, results
        self.memory, self.uploads, self.counted, self.seconds = memory, uploads, counted, seconds

    def of(self, case, clients, target, key):
        """The median of the rounds that count; None if there is none."""
        runs = self.results.get((case, clients), {}).get(target, [])
        values = [run[key] for run in runs if key in run and counts(run)]
        return statistics.median(values) if values else None

    def ratios(self, case, clients, target, key="rate"):
        """The server against a target, round by round."""
        both = self.results.get((case, clients), {})
        pairs = zip(both.get("server", []), both.get(target, []))
        return [mine[key] / other[key] for mine, other in pairs
                if counts(mine) and counts(other) and mine.get(key) and other.get(key)]

    def failures(self):
        """What did not count, and why: a target that does not do the work is not fast at it."""
        lines = ["## Rounds that do not count", "",
                 "A round counts if at least 99 of 100 requests had the right answer. These did not, of all rounds:", ""]
        for target in self.every:
            lost = {}
            for (case, clients), by_target in self.results.items():
                runs = by_target.get(target.name, [])
                bad = [run for run in runs if not counts(run)]
                if bad:
                    silent = sum(not run.get("requests") for run in bad)
                    what = f"{len(bad)} of {len(runs)}" + (f", {silent} without any answer" if silent else "")
                    lost.setdefault(what, []).append(f"{case} ({clients})")
            for what, cases in lost.items():
                lines.append(f"- {target.title}, {what}: {', '.join(cases)}")
        return lines if len(lines) > 4 else []

    def markdown(self):
        lines = [f"# What was measured ({self.plan.name})", ""]
        lines += [f"- {line}" for line in machine()]
        lines.append(f"- {self.plan.rounds} rounds of {self.plan.seconds:g} s and more for each case, number of clients and"
                     f" target, in {self.seconds / 60:.0f} minutes; medians; ratios are taken within a round")
        lines += ["", *self.goals(), "", *self.ratio_table(), ""]
        for clients in self.plan.clients:
            lines += [*self.table(f"Requests a second, {clients} clients", clients, "rate"), ""]
        lines += [*self.table("Processor time of the program, µs a request, 16 clients"
                              if 16 in self.plan.clients else "Processor time of the program, µs a request, 64 clients",
                              16 if 16 in self.plan.clients else 64, "cpu"), ""]
        most = max(self.plan.clients)
        lines += [*self.table(f"99th percentile, ms, {most} clients", most, "p99"), ""]
        lines += [*self.failures(), ""]
        lines += [*self.table(f"Share of the machine that others took, %, {most} clients", most, "other"), ""]
        lines += ["## Resident memory after all of it, MB", "", "| " + " | ".join(self.titles(self.memory)) + " |",
                  "|" + "---|" * len(self.memory),
                  "| " + " | ".join(number(value / 1e6) for value in self.memory.values()) + " |", ""]
        if self.counted:
            lines += self.instructions()
        return "\n".join(lines)

    def titles(self, names):
        by_name = {target.name: target.title for target in self.every}
        return [by_name[name] for name in names]

    def table(self, title, clients, key):
        lines = [f"## {title}", "", "| | " + " | ".join(target.title for target in self.every) + " |",
                 "|---|" + "---|" * len(self.every)]
        for case in self.cases:
            cells = []
            for target in self.every:
                value = self.of(case.title, clients, target.name, key)
                reason = case.suits(target)
                if reason:
                    cells.append("—" if target.is_floor else reason)
                elif value is None:
                    cells.append("failed")
                else:
                    cells.append(number(value))
            lines.append(f"| {case.title} | " + " | ".join(cells) + " |")
        return lines

    def ratio_table(self):
        others = [target for target in self.every if target.name != "server"]
        lines = ["## The server's requests a second, as a multiple of each other's (least–most of the rounds)", "",
                 "| | clients | " + " | ".join(target.title for target in others) + " |", "|---|---|" + "---|" * len(others)]
        for case in self.cases:
            for clients in self.plan.clients:
                cells = []
                for target in others:
                    ratios = self.ratios(case.title, clients, target.name)
                    cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})" if ratios else "—")
                lines.append(f"| {case.title} | {clients} | " + " | ".join(cells) + " |")
        return lines

    def goals(self):
        one, least, most = "GET one document", min(self.plan.clients), max(self.plan.clients)
        some = 16 if 16 in self.plan.clients else most
        lists = [case.title for case in self.cases if case.title.startswith("list 50") and not case.only]
        peers = [target.name for target in self.every if not target.is_floor and target.name != "server"]
        titles = {target.name: target.title for target in self.every}
        wanted = []

        def ratio(label, case, clients, target, goal, key="rate", at_most=False):
            values = self.ratios(case, clients, target, key)
            if values:
                wanted.append((label, goal, statistics.median(values), at_most))

        ratio(f"GET one, {most} clients: requests against the classic C loop", one, most, "classic", 1.1)
        ratio(f"GET one, {most} clients: requests against the C loop with epoll", one, most, "epoll", 0.85)
        ratio(f"GET one, {most} clients: processor time against the C loop with epoll", one, most, "epoll", 1.5, "cpu", True)
        for peer in peers:
            goal = 3 if peer in ("go", "hummingbird") else 6
            ratio(f"GET one, {most} clients: requests against {titles[peer]}", one, most, peer, goal)
        for peer in peers:
            for title in lists[:1]:
                ratio(f"{title}, {most} clients: requests against {titles[peer]}", title, most, peer, 5)
        for peer, goal in (("go", 2.5), ("hummingbird", 2), ("flask", 4), ("php", 4)):
            ratio(f"create, {some} clients: requests against {titles.get(peer)}", "create", some, peer, goal)
        for title in (one, "create"):
            for peer in peers:
                ratio(f"{title}, {least} client{'s' * (least > 1)}: requests against {titles[peer]}", title, least, peer, 1)
        for title in [one, *lists[:1], "create"]:
            for peer in peers:
                ratio(f"{title}, {most} clients: 99th percentile against {titles[peer]}", title, most, peer, 1, "p99", True)
        if len(lists) == 4:
            for few, many in ((lists[0], lists[2]), (lists[1], lists[3])):
                slow, fast = self.of(many, most, "server", "rate"), self.of(few, most, "server", "rate")
                if slow and fast:
                    wanted.append((f"{many}: how much slower than {few}", 1.2, fast / slow, True))
        for page in (case.title for case in self.cases if lists and case.title.startswith("list 50") and case.only):
            # A page comes in one piece, so its first byte is as late as its last.
            rows, whole = (self.of(title, least, "server", "rate") for title in (lists[0], page))
            if rows and whole:
                wanted.append((f"{page}, {least} client{'s' * (least > 1)}: time of an answer against that of its JSON", 2,
                               rows / whole, True))
        alone, flooded = (self.results.get((case, some), {}).get("server", []) for case in (one, FLOODED))
        slower = [after["p99"] / before["p99"] for before, after in zip(alone, flooded) if "p99" in before and "p99" in after]
        if slower:
            wanted.append((f"{FLOODED}: 99th percentile against {one} alone, {some} clients", 2,
                           statistics.median(slower), True))
        for download in (case for case in self.cases if case.title.startswith("download")):
            label = f"{download.title}, {download.clients} clients"
            ratio(f"{label}: bytes a second against nginx with the same file", download.title, download.clients, "nginx", 0.9)
            small, own = (self.of(title, download.clients, "server", "cpu") for title in (SELDOM, download.title))
            if small and own:
                wanted.append((f"{label}: processor time against that of {SELDOM}", 1, own / small, True))
        for peak in self.uploads:
            wanted.append(("most resident memory at 100 uploads of 1 MB at once, MB", 150, peak / 1e6, True))
        if "server" in self.memory:
            wanted.append(("resident memory, MB", 100, self.memory["server"] / 1e6, True))
        lines = ["## Goals", "", "| | goal | measured | |", "|---|---|---|---|"]
        for label, goal, value, at_most in wanted:
            met = value <= goal if at_most else value >= goal
            lines.append(f"| {label} | {'≤' if at_most else '≥'} {goal:g} | {value:.2f} | {'met' if met else '**missed**'} |")
        return lines

    def instructions(self):
        lines = ["## Instructions of a request, thousands (callgrind)", "",
                 "All threads of the server together; a step holds the steps within it.", "",
                 "| | " + " | ".join(count.title for count in self.counted) + " |", "|---|" + "---|" * len(self.counted),
                 "| **all** | " + " | ".join(f"**{count.total / 1000:.1f}**" for count in self.counted) + " |"]
        labels = []
        for count in self.counted:
            labels += [label for label, _ in count.steps if label not in labels]
        for label in labels:
            cells = [dict(count.steps).get(label) for count in self.counted]
            lines.append(f"| {label} | " + " | ".join("" if cell is None else f"{cell / 1000:.1f}" for cell in cells) + " |")
        for count in self.counted[:3]:
            lines += ["", f"### {count.title}: the functions with the most instructions of their own", "", "| | thousands |",
                      "|---|---|"]
            lines += [f"| `{name}` | {cost / 1000:.2f} |" for name, cost in count.top]
        return lines + [""]

    def write(self, directory):
        directory.mkdir(exist_ok=True)
        (directory / f"{self.plan.name}.md").write_text(self.markdown() + "\n")
        most = max(self.plan.clients)
        some = 16 if 16 in self.plan.clients else most
        self.plot(directory / f"{self.plan.name}-requests.svg", f"Requests a second, {some} clients (longer is better)", some, "rate")
        self.plot(directory / f"{self.plan.name}-processor.svg", f"Processor time of the program, µs a request, {some} clients (shorter is better)", some, "cpu")
        self.plot(directory / f"{self.plan.name}-p99.svg", f"99th percentile, ms, {most} clients (shorter is better)", most, "p99")
        raw = {f"{case}, {clients}": runs for (case, clients), runs in self.results.items()}
        (directory / f"{self.plan.name}.json").write_text(json.dumps(raw, separators=(",", ":")) + "\n")

    def plot(self, path, title, clients, key):
        """Bars on a logarithmic scale, a group a case."""
        groups = []
        for case in self.cases:
            bars = [(target, self.of(case.title, clients, target.name, key)) for target in self.every]
            bars = [(target, value) for target, value in bars if value]
            if bars:
                groups.append((case.title, bars))
        values = [value for _, bars in groups for _, value in bars]
        if not values:
            return
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        high = max(high, low + 1)
        left, width, bar = 190, 560, 12

        def x(value):
            return left + width * (math.log10(value) - low) / (high - low)

        y, parts = 70, []
        for case, bars in groups:
            middle = y + bar * len(bars) / 2 + 4
            parts.append(f'<text x="{left - 8}" y="{middle:.0f}" text-anchor="end">{html.escape(case)}</text>')
            for target, value in bars:
                parts.append(f'<rect x="{left}" y="{y}" width="{max(1, x(value) - left):.1f}" height="{bar - 2}"'
                             f' fill="{COLOURS[target.name]}"/>')
                parts.append(f'<text x="{x(value) + 4:.1f}" y="{y + bar - 3}" class="value">{number(value)}</text>')
                y += bar
            y += 10
        grid = "".join(
            f'<line x1="{x(10**power):.1f}" y1="62" x2="{x(10**power):.1f}" y2="{y}" class="grid"/>'
            f'<text x="{x(10**power):.1f}" y="58" text-anchor="middle" class="value">{10**power:g}</text>'
            for power in range(low, high + 1))
        legend, place = [], 10
        for target in self.every:
            legend.append(f'<rect x="{place}" y="30" width="10" height="10" fill="{COLOURS[target.name]}"/>'
                          f'<text x="{place + 14}" y="39">{html.escape(target.title)}</text>')
            place += 30 + 7 * len(target.title)
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 830 {y + 10}" font-family="sans-serif" font-size="12">'
            "<style>.value{font-size:9px;fill:#555}.grid{stroke:#ddd}</style>"
            f'<rect width="830" height="{y + 10}" fill="white"/><text x="10" y="18" font-weight="bold">{html.escape(title)}</text>'
            + "".join(legend) + grid + "".join(parts) + "</svg>\n")
