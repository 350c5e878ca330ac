"""Counts the instructions of a request with callgrind: a number that the machine's load does not change, and where they
go."""

import collections
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
    ("method, target, length", r"^FastCGI\.RequestHead\.init"),
    ("all of the gateway", r"Gateway\.Dispatcher\.respond\(to:"),
    ("target and query", r"^Gateway\.RequestTarget\.init"),
    ("body and envelope", r"^Gateway\.RequestEnvelope\.init"),
    ("who asks: token, account, user", r"Dispatcher\.authenticate\("),
    ("SHA-256 of the token", r"^Identity\.SecretDigest\.init\(Swift\.Array<Swift\.UInt8>\)|SecretDigest\.init\(_:"),
    ("the plugin: read", r"BoundService\.read\("),
    ("the plugin: list", r"BoundService\.list\("),
    ("the plugin: change", r"BoundService\.transact\("),
    ("rows of a page from SQLite", r"Database\.page\("),
    ("answer in JSON", r"JSONRenderer\.success\("),
    ("answer and its fields", r"Renderer\.response\("),
    ("line of the log", r"AccessLog\.record\("),
    ("response head", r"FastCGI\.ResponseHead\.init"),
    ("the writer's commit", r"Writer\..*(commit|drain|perform)"),
    ("all of SQLite", r"^sqlite3_step$"),
    ("memory: malloc", r"^malloc$"),
    ("memory: free", r"^free$"),
]


class Count:
    """Instructions of one kind of request."""

    def __init__(self, title, total, steps, top):
        self.title, self.total, self.steps, self.top = title, total, steps, top


def count(programs, work, password):
    filled = min(work.glob("filled-server-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    launcher = programs / "launch-counted"
    outputs = work / "callgrind"
    shutil.rmtree(outputs, ignore_errors=True)
    outputs.mkdir()
    # Debian's valgrind cannot read the compiler's debug information; the names of functions stay.
    subprocess.run(["strip", "--strip-debug", "-o", programs / "jackfield-counted", programs / "jackfield"], check=True)
    launcher.write_text(f"""#!/bin/sh
if [ "$1" != serve ]; then exec {programs}/jackfield "$@"; fi
exec valgrind --tool=callgrind --instr-atstart=no --quiet --callgrind-out-file={outputs}/all \\
    {programs}/jackfield-counted "$@"
""")
    launcher.chmod(0o755)
    target = targets.Target("counted", "the counted server", launcher)
    for kind in ("data", "nginx"):
        shutil.rmtree(work / f"counted-{kind}", ignore_errors=True)
    shutil.copytree(filled, work / "counted-data")
    try:
        target.start(work, password)
        account = filling.find_accounts(target, filling.log_in(target, password)["account_id"])
        page = target.expect(200, "GET", f"/v2/accounts/{account['short']}/devices").json
        one = f"/v2/accounts/{account['short']}/devices/{page['data'][7]['id']}"
        tag = {"If-None-Match": target.expect(200, "GET", one).fields["ETag"]}
        kinds = [
            ("GET one document", lambda number: target.expect(200, "GET", one)),
            ("GET one, 304", lambda number: target.expect(304, "GET", one, fields=tag)),
            ("list 50", lambda number: target.expect(200, "GET", f"/v2/accounts/{account['short']}/devices")),
            ("create", lambda number: target.expect(
                201, "PUT", f"/v2/accounts/{account['written']}/devices",
                ('{"data":' + filling.numbered(f"c{number}") + "}").encode(), {"Content-Type": "application/json"})),
            ("merge one field", lambda number: target.expect(
                200, "PATCH", one, {"data": {"call_forward": {"number": f"+1415555{number:04d}"}}})),
        ]
        return [counted(target, title, send, outputs) for title, send in kinds]
    finally:
        target.stop()
        shutil.rmtree(target.data, ignore_errors=True)


def counted(target, title, send, outputs):
    def control(*arguments):
        subprocess.run(["callgrind_control", *arguments, str(target.backend)], check=True, capture_output=True)

    for number in range(10):
        send(number)
    control("--instr=on")
    control("--zero")
    for number in range(REQUESTS):
        send(100 + number)
    control("--dump=" + re.sub(r"\W+", "-", title))
    control("--instr=off")
    newest = max(outputs.glob("all.*"), key=os.path.getmtime)
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
        cost = max((cost for cost, name in inclusive if re.search(pattern, name)), default=0)
        if cost:
            steps.append((label, cost / REQUESTS))
    own = collections.Counter()
    for cost, name in exclusive:
        if "PROGRAM TOTALS" not in name:
            own[name.split("'")[0][:90]] += cost
    top = [(name, cost / REQUESTS) for name, cost in own.most_common(15)]
    return Count(title, total / REQUESTS, steps, top)
