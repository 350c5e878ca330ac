"""Counts the instructions of a request with callgrind: a number that the machine's load does not change, and where they
go."""

import collections
import concurrent.futures
import os
import re
import shutil
import subprocess

import filling
import targets

REQUESTS = 50

# A step of the way of a request, and the function whose inclusive cost it is. What the compiler took apart has no line.
STEPS = [
    ("libfcgi reads the request", r"^FCGX_Accept_r$"),
    ("parameters become a table", r"FCGXRequest\.parameters\(\)"),
    ("method, target, length", r"\bRequestHead\.init\("),
    ("all of the gateway and behind", r"\bDispatcher\.respond\(to:"),
    ("target and query", r"\bRequestTarget\.init\("),
    ("body and envelope", r"\bRequestEnvelope\.init\("),
    ("who asks: token, account, user", r"\bDispatcher\.authenticate\("),
    ("hashes (SHA-256)", r"sha256_block_data_order"),
    ("the plugin: read", r"\bBoundService\.read\("),
    ("the plugin: a file", r"\bBoundService\.file\("),
    ("the plugin: list", r"\bBoundService\.list\("),
    ("the plugin: change", r"\bBoundService\.transact\("),
    ("a page of rows from SQLite", r"\bDatabase\.page\("),
    ("the revision of a page", r"\bListReader\.revision\("),
    ("the commit", r"\bWriter\.commit\(|\bWriter\.process\("),
    ("in SQLite itself", r"^sqlite3_step$"),
    ("the answer with its fields", r"\bRenderer\.response\(_:_:\)"),
    ("its JSON", r"\bJSONRenderer\.success\("),
    ("the line of the log", r"\bAccessLog\.record"),
    ("the head of the response", r"\bResponseHead\.init\("),
    ("libfcgi sends the response", r"\bFCGXRequest\.finish\(|^FCGX_FClose$"),
    ("memory, asked for and given back", None),
]


class Count:
    """Instructions of one kind of request."""

    def __init__(self, title, total, steps, top):
        self.title, self.total, self.steps, self.top = title, total, steps, top


def count(programs, work, password):
    """Counts for the server's requests, and for one of the floor with epoll."""
    outputs = work / "callgrind"
    shutil.rmtree(outputs, ignore_errors=True)
    outputs.mkdir()
    # Debian's valgrind cannot read the compiler's debug information; the names of functions stay.
    subprocess.run(["strip", "--strip-debug", "-o", programs / "jackfield-counted", programs / "jackfield"], check=True)
    floor = watched("counted-floor", programs / "floor", "--epoll", work, outputs)
    server = watched("counted", programs / "jackfield-counted", "--workers 2", work, outputs)
    filled = min(work.glob("filled-server-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    shutil.copytree(filled, server.data)
    counts = []
    try:
        server.start(work, password)
        counts += [counted(server, title, send, outputs) for title, send in requests(server, password)]
        floor.start(work, password)
        counts.append(counted(floor, "C, epoll: a constant", lambda number: floor.expect(200, "GET", "/v2/"), outputs))
        return counts
    finally:
        for target in (server, floor):
            target.stop()
            shutil.rmtree(target.data, ignore_errors=True)


def watched(name, program, option, work, outputs):
    """A target whose program runs in valgrind."""
    launcher = program.with_name(f"launch-{name}")
    launcher.write_text(f"""#!/bin/sh
if [ "$1" != serve ]; then exec {program} "$@"; fi
exec valgrind --tool=callgrind --instr-atstart=no --quiet --callgrind-out-file={outputs}/{name} {program} "$@" {option}
""")
    launcher.chmod(0o755)
    target = targets.Target(name, f"the counted {program.name}", launcher)
    target.data = work / f"{name}-data"
    for kind in ("data", "nginx"):
        shutil.rmtree(work / f"{name}-{kind}", ignore_errors=True)
    return target


def requests(target, password):
    account = filling.find_accounts(target, filling.log_in(target, password)["account_id"])
    page = target.expect(200, "GET", f"/v2/accounts/{account['short']}/devices").json
    one = f"/v2/accounts/{account['short']}/devices/{page['data'][7]['id']}"
    tag = {"If-None-Match": target.expect(200, "GET", one).fields["ETag"]}
    recording = filling.make_recording(target, account["short"], 100_000)
    return [
        ("GET one document", lambda number: target.expect(200, "GET", one)),
        ("GET one, 304", lambda number: target.expect(304, "GET", one, fields=tag)),
        ("download", lambda number: target.expect(200, "GET", recording)),
        ("list 50", lambda number: target.expect(200, "GET", f"/v2/accounts/{account['short']}/devices")),
        ("create", lambda number: target.expect(
            201, "PUT", f"/v2/accounts/{account['written']}/devices",
            ('{"data":' + filling.numbered(f"c{number}") + "}").encode(), {"Content-Type": "application/json"})),
        ("merge one field", lambda number: target.expect(
            200, "PATCH", one, {"data": {"call_forward": {"number": f"+1415555{number:04d}"}}})),
    ]


def counted(target, title, send, outputs):
    def control(*arguments):
        subprocess.run(["callgrind_control", *arguments, str(target.backend)], check=True, capture_output=True)

    # Together, so that both workers have seen the token.
    with concurrent.futures.ThreadPoolExecutor(8) as together:
        list(together.map(send, range(80)))
    control("--instr=on")
    control("--zero")
    for number in range(REQUESTS):
        send(100 + number)
    control("--dump=" + re.sub(r"\W+", "-", title))
    control("--instr=off")
    newest = max(outputs.glob(f"{target.name}.*"), key=os.path.getmtime)
    return read(title, newest)


def annotated(path, *options):
    """(instructions, function) of a profile; names are what the sources call them."""
    text = subprocess.run(["callgrind_annotate", "--threshold=100", *options, path], check=True, capture_output=True,
                          text=True).stdout
    text = subprocess.run(["swift", "demangle", "--simplified"], input=text, check=True, capture_output=True, text=True).stdout
    lines = []
    for line in text.split("\n"):
        match = re.match(r"\s*([\d,]+)\s+\(\s*[\d.]+%\)\s+(.*)", line)
        if match:
            name = re.sub(r"^[^ ]*?:(?=\S)", "", match[2])
            lines.append((int(match[1].replace(",", "")), re.sub(r" \[[^\]]*\]$", "", name)))
    return lines


def read(title, path):
    inclusive, exclusive = annotated(path, "--inclusive=yes"), annotated(path)
    total = next((cost for cost, name in exclusive if "PROGRAM TOTALS" in name), 0)
    steps = []
    for label, pattern in STEPS:
        if pattern is None:
            cost = sum(cost for cost, name in inclusive if re.search(r"^(malloc|free|realloc|calloc)$", name))
        else:
            cost = max((cost for cost, name in inclusive if re.search(pattern, name)), default=0)
        if cost:
            steps.append((label, cost / REQUESTS))
    own = collections.Counter()
    for cost, name in exclusive:
        if "PROGRAM TOTALS" not in name:
            own[name.split("'")[0][:90]] += cost
    top = [(name, cost / REQUESTS) for name, cost in own.most_common(15)]
    return Count(title, total / REQUESTS, steps, top)
