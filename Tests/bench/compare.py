#!/usr/bin/env python3
"""Measures the server, the floor below it and its alternatives, and writes what came out to a directory.

Every target stands behind an nginx of the same configuration. A round measures each case on each target, and the next
round turns the order round; a ratio is taken within a round, so that what else the machine does meets all alike.
"""

import argparse
import concurrent.futures
import pathlib
import shutil
import signal
import sys
import time

import filling
import instructions
import meter
import report
import targets
import work

CLIENTS = (1, 16, 64)


class Plan:
    """How much is measured."""

    def __init__(self, name, rounds, seconds, clients, sizes):
        self.name, self.rounds, self.seconds, self.clients, self.sizes = name, rounds, seconds, clients, sizes


PLANS = {
    "whole": Plan("whole", 3, 2, CLIENTS, filling.Sizes(10_000, 1_000_000)),
    "quick": Plan("quick", 2, 0.6, (1, 64), filling.Sizes(10_000, 100_000)),
    "smoke": Plan("smoke", 1, 0.2, (2,), filling.Sizes(200, 300, written=20)),
}


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def fill(every, sizes, work_directory, password):
    """Gives every target its data. What was filled once is copied, if the directory is kept."""
    peer = work_directory / f"filled-peer-{sizes.long}"
    server = work_directory / f"filled-server-{sizes.long}"
    if not peer.exists():
        say("filling the peers' database")
        partly = peer.with_suffix(".part")
        shutil.rmtree(partly, ignore_errors=True)
        filling.prepare_peer(partly, sizes, password)
        partly.rename(peer)
    for target in every:
        data = work_directory / f"{target.name}-data"
        if target.name == "server":
            if server.exists():
                shutil.copytree(server, data)
        elif not target.is_floor:
            shutil.copytree(peer, data)
    with concurrent.futures.ThreadPoolExecutor() as together:
        list(together.map(lambda target: target.start(work_directory, password), every))
    for target in every:
        if target.name == "server" and not server.exists():
            say("filling the server")
            filling.fill_server(target, sizes, password)
            target.stop()
            shutil.copytree(target.data, server, ignore=shutil.ignore_patterns("run", "nginx", "logs"))
            (server / "nginx").mkdir()
            shutil.copy(target.data / "nginx/login", server / "nginx/login")
            shutil.rmtree(target.nginx_home)
            target.start(work_directory, password)
    for target in every:
        if not target.is_floor:
            filling.learn(target, password, sizes)


def run(plan, every, cases):
    """Returns every measurement: {(case, clients): {target: [a result a round]}}."""
    results = {}
    for case in cases:
        for target in every:
            if case.suits(target) is None:
                case.verify(target)
    for number in range(plan.rounds):
        say(f"round {number + 1} of {plan.rounds}")
        for case in cases:
            for clients in sorted({*plan.clients, *([case.clients] if case.clients else [])}):
                for target in every if number % 2 == 0 else reversed(every):
                    if case.suits(target) is None:
                        result = meter.measure(target, case, clients, plan.seconds * case.seconds)
                        results.setdefault((case.title, clients), {}).setdefault(target.name, []).append(result)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, type=pathlib.Path, help="the directory of what was built")
    parser.add_argument("--work", required=True, type=pathlib.Path, help="the directory of the data")
    parser.add_argument("--plan", choices=PLANS, required=True)
    parser.add_argument("--results", type=pathlib.Path, help="where the tables and plots go; none: only the table is printed")
    parser.add_argument("--targets", required=True, help="names with commas between them")
    parser.add_argument("--cases", default="", help="only cases whose title contains one of these, with commas between them")
    parser.add_argument("--clients", default="", help="numbers of clients, with commas between them")
    parser.add_argument("--no-instructions", action="store_true", help="do not count instructions")
    options = parser.parse_args()
    plan = PLANS[options.plan]
    if options.clients:
        plan.clients = tuple(int(number) for number in options.clients.split(","))
    # Not secret: the filled data is kept between runs, and so is its password.
    password = "correct horse battery staple"
    every = targets.available(options.programs, options.targets.split(","))
    for leftover in every:
        for kind in ("data", "nginx"):
            shutil.rmtree(options.work / f"{leftover.name}-{kind}", ignore_errors=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    try:
        fill(every, plan.sizes, options.work, password)
        cases = [case for case in work.cases(plan.sizes, password)
                 if any(word in case.title for word in options.cases.split(","))]
        results = run(plan, every, cases)
        uploads = [meter.upload_memory(target, 20 if plan.name == "smoke" else 100, 1_000_000)
                   for target in every if target.name == "server"]
        memory = {target.name: meter.memory_bytes(target.backend) for target in every if target.name != "nginx"}
        if plan.name == "smoke":
            failed = sum(result["failed"] for by_target in results.values() for runs in by_target.values() for result in runs
                         if "requests" in result)
            if failed:
                raise SystemExit(f"{failed} requests failed")
            print(f"{len(cases)} kinds of requests, {len(every)} targets: all answered")
            return
    finally:
        for target in every:
            target.stop()
    counted = None
    if not options.no_instructions and "server" in options.targets.split(","):
        say("counting instructions")
        counted = instructions.count(options.programs, options.work, password)
    summary = report.Report(plan, every, cases, results, memory, uploads, counted, time.monotonic() - began)
    print(summary.markdown())
    if options.results:
        summary.write(options.results)


main()
