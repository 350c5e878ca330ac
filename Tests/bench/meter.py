"""Runs wrk once, and tells what it and the kernel counted."""

import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import time

from targets import HERE

HERTZ = os.sysconf("SC_CLK_TCK")
MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}


def duration(text):
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()
    return float(number) * MILLISECONDS[unit]


def family(process):
    """A process and all that it began."""
    found = [process]
    for parent in found:
        try:
            for task in pathlib.Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except FileNotFoundError:
            continue
    return found


def cpu_seconds(processes):
    ticks = 0
    for process in processes:
        try:
            fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / HERTZ


def memory_bytes(process):
    """Resident memory of a program, what its processes share counted once."""
    total = 0
    for member in family(process):
        rollup = pathlib.Path(f"/proc/{member}/smaps_rollup").read_text()
        total += int(re.search(r"(?m)^Pss:\s+(\d+)", rollup)[1]) * 1024
    return total


def upload_memory(target, count, size):
    """The most resident memory of a program, in bytes, while so many recordings of so many bytes come at once."""
    media = f"/v2/accounts/{target.names['short_account']}/media"
    paths = []
    for number in range(count):
        made = target.expect(201, "PUT", media, {"data": {"name": f"Upload {number}", "media_source": "upload"}})
        paths.append(f"{media}/{made.json['data']['id']}/raw")
    # The peak begins anew. Source: proc(5), clear_refs.
    pathlib.Path(f"/proc/{target.backend}/clear_refs").write_text("5")
    with concurrent.futures.ThreadPoolExecutor(count) as together:
        list(together.map(lambda path: target.expect(
            200, "POST", path, b"ID3" + os.urandom(size - 3), {"Content-Type": "audio/mpeg"}), paths))
    status = pathlib.Path(f"/proc/{target.backend}/status").read_text()
    return int(re.search(r"(?m)^VmHWM:\s+(\d+)", status)[1]) * 1024


def machine_busy_seconds():
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / HERTZ


def begin_wrk(target, method, path, clients, fields=(), body=None, ids=None, threads=None, limit=0, pause=0):
    command = ["wrk", "--latency", "--timeout", "60s", f"-t{threads or min(2, clients)}", f"-c{clients}", "-d1h"]
    command += ["-H", f"X-Auth-Token: {target.token or '-'}"]
    for name, value in fields:
        command += ["-H", f"{name}: {value}"]
    environment = dict(os.environ, BENCH_METHOD=method, BENCH_PATH=path)
    if ids:
        environment["BENCH_IDS"] = str(target.data / f"{ids}-ids")
    if body:
        environment["BENCH_BODY"] = body
    if limit:
        environment["BENCH_LIMIT"] = str(limit)
    if pause:
        environment["BENCH_PAUSE"] = str(pause)
    command += ["-s", HERE / "request.lua", f"http://127.0.0.1:{target.port}{path}"]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE)


def end_wrk(process, path):
    """wrk counts whole seconds only; so it is ended, and prints what it counted until then."""
    process.send_signal(signal.SIGINT)
    output = process.stdout.read()
    if process.wait() != 0:
        raise SystemExit(f"wrk failed: {path}")
    return output


def wrk(target, method, path, clients, seconds=0, limit=0, **rest):
    process = begin_wrk(target, method, path, clients, limit=limit, **rest)
    if limit:
        wait_until_done(process)
    else:
        time.sleep(seconds)
    return end_wrk(process, path)


def wait_until_done(process):
    """wrk's threads end at their limit, and wrk itself only when its time is over."""
    had_threads = False
    while process.poll() is None:
        threads = len(os.listdir(f"/proc/{process.pid}/task"))
        if had_threads and threads == 1:
            return
        had_threads = had_threads or threads > 1
        time.sleep(0.01)


def measure(target, case, clients, seconds):
    """One measurement of a case on a target."""
    if case.beside:
        crowd = begin_wrk(target, **case.crowd, **case.beside.request(target))
        try:
            return measure_alone(target, case, clients, seconds)
        finally:
            end_wrk(crowd, case.beside.path)
    return measure_alone(target, case, clients, seconds)


def measure_alone(target, case, clients, seconds):
    backend_family, nginx_family = family(target.backend), family(target.nginx)
    own_before = os.times()
    backend, nginx, busy = cpu_seconds(backend_family), cpu_seconds(nginx_family), machine_busy_seconds()
    output = wrk(target, clients=clients, seconds=seconds, pause=case.pause, **case.request(target))
    backend, nginx = cpu_seconds(backend_family) - backend, cpu_seconds(nginx_family) - nginx
    busy = machine_busy_seconds() - busy
    own_after = os.times()
    own = own_after.children_user + own_after.children_system - own_before.children_user - own_before.children_system
    requests = int(re.search(r"(\d+) requests in", output)[1])
    refused = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", output))
    broken = sum(int(number) for line in re.findall(r"Socket errors: .*", output) for number in re.findall(r"\d+", line))
    failed = broken + (requests - refused if case.status >= 400 else refused)
    result = {"requests": requests, "failed": failed, "other": 100 * max(0, busy - own - backend - nginx) / seconds / os.cpu_count()}
    if requests == 0:
        return result
    return result | {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]),
        "p50": duration(re.search(r"(?m)^ +50% +(\S+) *$", output)[1]),
        "p99": duration(re.search(r"(?m)^ +99% +(\S+) *$", output)[1]),
        "cpu": backend / requests * 1e6,
        "nginx": nginx / requests * 1e6,
    }
