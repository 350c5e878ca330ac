#!/usr/bin/env python3
"""Alternates wrk between the server and a floor in C, and prints what it cost.

Both stand behind the same nginx configuration, started by nginx/start. A round measures every case on both, and the next
round turns the order round; a ratio is taken within a round, so that what else the machine does meets both alike.
"""

import argparse
import hashlib
import json
import os
import pathlib
import platform
import re
import socket
import statistics
import subprocess
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERTZ = os.sysconf("SC_CLK_TCK")
PASSWORD = "bench-" + os.urandom(8).hex()
# About a kilobyte as the server answers it.
DEVICE = {
    "name": "Desk phone", "device_type": "sip_device", "enabled": True, "language": "en-us",
    "caller_id": {"internal": {"name": "Desk 1001", "number": "1001"},
                  "external": {"name": "Front desk", "number": "+14155550101"}},
    "call_forward": {"enabled": False, "number": "+14155550199", "keep_caller_id": True, "require_keypress": True},
    "media": {"audio": {"codecs": ["PCMU", "PCMA", "G722"]}, "encryption": {"enforce_security": False}},
    "ringtones": {"internal": "Bellcore-dr1", "external": "Bellcore-dr2"},
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Target:
    """A stack: nginx with one FastCGI program behind it."""

    def __init__(self, name, binary, work):
        self.name = name
        self.data = work / f"{name}-data"
        self.port = free_port()
        self.token = None
        environment = dict(os.environ, JACKFIELD_PASSWORD=PASSWORD)
        subprocess.run(
            [ROOT / "nginx/start", "--detach", "--no-demo", "--binary", binary, "--data", self.data,
             "--port", str(self.port), "--tls-port", str(free_port())],
            env=environment, check=True, stdout=subprocess.DEVNULL)
        self.backend = int((self.data / "run/jackfield.pid").read_text())
        master = int((self.data / "run/nginx.pid").read_text())
        self.nginx = [int(child) for child in
                      pathlib.Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def stop(self):
        subprocess.run([ROOT / "nginx/stop", "--data", self.data], check=True, stdout=subprocess.DEVNULL)

    def call(self, method, path, data):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["X-Auth-Token"] = self.token
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v2{path}", json.dumps({"data": data}).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.read().decode()}") from error

    def fill(self, documents):
        """Logs in, makes an account with so many devices, and returns its path and the id of one device."""
        credentials = hashlib.md5(f"admin:{PASSWORD}".encode()).hexdigest()
        answer = self.call("PUT", "/user_auth", {"credentials": credentials, "account_name": "demo"})
        self.token = answer["auth_token"]
        account = "/accounts/" + answer["data"]["account_id"]
        for number in range(documents):
            device = self.call("PUT", account + "/devices", dict(DEVICE, name=f"Desk phone {number}"))
        return account, device["data"]["id"]


def cpu_seconds(processes):
    ticks = 0
    for process in processes:
        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / HERTZ


def machine_busy_seconds():
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / HERTZ


MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}


def duration(text):
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()
    return float(number) * MILLISECONDS[unit]


def measure(target, path, put, clients, seconds):
    """Runs wrk once and returns what it and the kernel counted."""
    command = ["wrk", "--latency", f"-t{min(2, clients)}", f"-c{clients}", f"-d{seconds}s",
               "-H", f"X-Auth-Token: {target.token or '-'}", f"http://127.0.0.1:{target.port}/v2{path}"]
    environment = dict(os.environ, BENCH_BODY=json.dumps({"data": DEVICE}))
    if put:
        command[1:1] = ["-s", ROOT / "Tests/bench/put.lua"]
    own_before = os.times()
    backend, nginx, busy = cpu_seconds([target.backend]), cpu_seconds(target.nginx), machine_busy_seconds()
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    backend, nginx = cpu_seconds([target.backend]) - backend, cpu_seconds(target.nginx) - nginx
    busy = machine_busy_seconds() - busy
    own_after = os.times()
    wrk = own_after.children_user + own_after.children_system - own_before.children_user - own_before.children_system
    requests = int(re.search(r"(\d+) requests in", output)[1])
    failed = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", output))
    failed += sum(int(number) for line in re.findall(r"Socket errors: .*", output) for number in re.findall(r"\d+", line))
    return {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]),
        "p50": duration(re.search(r"(?m)^ +50% +(\S+) *$", output)[1]),
        "p99": duration(re.search(r"(?m)^ +99% +(\S+) *$", output)[1]),
        "cpu": backend / requests * 1e6,
        "nginx": nginx / requests * 1e6,
        "failed": failed,
        "other": 100 * max(0, busy - wrk - backend - nginx) / seconds / os.cpu_count(),
    }


def machine():
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1])
    release = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())[1]

    def first_line(*command):
        run = subprocess.run(command, capture_output=True, text=True)
        return (run.stdout + run.stderr).strip().split("\n")[0]

    return [
        f"{os.cpu_count()} × {processor[1] if processor else platform.machine()}, {memory / 2**20:.0f} GiB",
        f"{release}, Linux {platform.release()}",
        first_line("swift", "--version"),
        first_line("nginx", "-v") + ", libfcgi " + first_line("dpkg-query", "-W", "-f=${Version}", "libfcgi-dev"),
        "data on " + first_line("stat", "--file-system", "--format=%T", "/var/tmp"),
        "commit " + first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
    ]


def middle(values):
    return statistics.median(values)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--floor", required=True, type=pathlib.Path)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--quick", action="store_true", help="few short rounds, to see whether it works")
    options = parser.parse_args()
    rounds, seconds, documents = (2, 2, 200) if options.quick else (6, 5, 1000)

    targets = []
    try:
        for name, binary in (("server", options.binary), ("floor", options.floor)):
            targets.append(Target(name, binary, options.work))
        server, floor = targets
        account, device = server.fill(documents)
        cases = [
            ("GET one document", f"{account}/devices/{device}", False),
            ("GET a list of 50", f"{account}/devices", False),
            ("PUT one document", f"{account}/devices", True),
        ]
        results = {}
        for number in range(rounds):
            for title, path, put in cases:
                for clients in (1, 16, 64):
                    for target in targets if number % 2 == 0 else reversed(targets):
                        result = measure(target, path, put, clients, seconds)
                        results.setdefault((title, clients), {}).setdefault(target.name, []).append(result)
    finally:
        for target in targets:
            target.stop()

    for line in machine():
        print(f"- {line}")
    print(f"- {rounds} rounds of {seconds} s; {documents} documents at the start; the floor answers 1 KiB whatever is asked")
    print()
    print("| case | clients | server /s | floor /s | ratio (min–max) | p50 ms | p99 ms | floor p50, p99 ms "
          "| CPU µs/request: server, floor, nginx | failed | other load |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for (title, clients), runs in results.items():
        ours, theirs = runs["server"], runs["floor"]
        ratios = [mine["rate"] / other["rate"] for mine, other in zip(ours, theirs)]

        def of(which, key):
            return middle([result[key] for result in which])

        print(f"| {title} | {clients} | {of(ours, 'rate'):,.0f} | {of(theirs, 'rate'):,.0f} "
              f"| {middle(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}) "
              f"| {of(ours, 'p50'):.2f} | {of(ours, 'p99'):.2f} | {of(theirs, 'p50'):.2f}, {of(theirs, 'p99'):.2f} "
              f"| {of(ours, 'cpu'):.0f}, {of(theirs, 'cpu'):.0f}, {of(ours, 'nginx'):.0f} "
              f"| {sum(result['failed'] for result in ours + theirs)} "
              f"| {middle([result['other'] for result in ours + theirs]):.0f} % |")


main()
