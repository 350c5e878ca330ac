"""Lists of what a telephone system has most of, beside the plainest list; and the import of call records."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import time

import filling
import meter
import targets
from work import Case

# The path of a list below an account, the body that makes one of its documents, and a field of each row. The first is the
# plainest: its rows have a name and nothing else.
COLLECTIONS = [
    ("menus", '{"data":{"name":"Menu %N%"}}', "name"),
    ("users", json.dumps({"data": {
        "first_name": "Ada", "last_name": "Lovelace %N%", "email": "ada.%N%@example.com", "priv_level": "user",
        "timezone": "Europe/Amsterdam", "presence_id": "7%N%", "vm_to_email_enabled": True,
        "call_forward": {"enabled": True, "number": "+31205550100"},
        "caller_id": {"external": {"name": "Lighthouse", "number": "+31205550101"}}}}), "first_name"),
    ("callflows", json.dumps({"data": {
        "name": "Callflow %N%", "numbers": ["7%N%"], "flow": {
            "module": "user", "data": {"id": "8d6f2b0c4e1a49758c3d9e7f6a5b4c3d", "timeout": 20},
            "children": {"_": {"module": "voicemail", "data": {"id": "5f0c7b1e9d3a4c628e10b7d4a9c3e2f1"}}}}}}), "numbers"),
]
SHORT, LONG = "list of call records", "the same, of many more"


class Plan:
    def __init__(self, name, rows, records, rounds, seconds):
        self.name, self.rows, self.records, self.rounds, self.seconds = name, rows, records, rounds, seconds


PLANS = {"whole": Plan("whole", 10_000, 1_000_000, 7, 1), "smoke": Plan("smoke", 100, 1_000, 1, 0.2)}


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def record(number, count, now):
    """One leg of a call of the last ten days, as a switch would write it."""
    user = number % 500
    return json.dumps({
        "call_id": f"{number:08d}-{number * 2654435761 % 2**32:08x}@198.51.100.7",
        "timestamp": now - number * 864_000 // count, "duration_seconds": 30 + number % 300, "billing_seconds": number % 300,
        "call_direction": "inbound", "caller_id_number": f"+3120{number % 10**7:07d}", "caller_id_name": f"Caller {number}",
        "callee_id_number": f"1{user:03d}", "callee_id_name": f"User {user}", "hangup_cause": "NORMAL_CLEARING",
        "to": f"1{user:03d}@lighthouse.example.com", "from": f"+3120{number % 10**7:07d}@lighthouse.example.com",
        "request": f"1{user:03d}@lighthouse.example.com", "media_server": "media1.example.com",
        "custom_channel_vars": {"account_id": "5f0c7b1e9d3a4c628e10b7d4a9c3e2f1", "owner_id": f"{user:032x}",
                                "authorizing_id": f"{user + 10_000:032x}", "bridge_id": f"{number:032x}"},
    }, separators=(",", ":")) + "\n"


def import_records(program, data, account, count, work):
    """Imports records while nobody serves the data; returns the seconds it took and the most memory, in bytes."""
    path = work / "records.jsonl"
    now = int(time.time())
    with open(path, "w") as file:
        file.writelines(record(number, count, now) for number in range(count))
    began = time.monotonic()
    with open(work / "told", "w+") as output, open(work / "progress", "w+") as progress:
        process = subprocess.Popen([program, "import", "cdrs", "--data", data, "--account", account, path],
                                   stdout=output, stderr=progress)
        # The peak is that of this process alone.
        _, status, usage = os.wait4(process.pid, 0)
    told, errors = (work / "told").read_text(), (work / "progress").read_text()
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    if process.returncode != 0 or f"{count} records stored" not in told:
        raise SystemExit(f"the import failed: {told}{errors}")
    path.unlink()
    return seconds, usage.ru_maxrss * 1024, errors.count("records stored")


def list_case(title, path, field):
    """A list of 50 rows to measure, the first of which has a field."""

    def is_list(answer):
        rows = answer.json["data"]
        return len(rows) == 50 and field in rows[0]

    return Case(title, path, is_list)


def measured(target, lists, plan):
    """Processor time of the program a request, in microseconds, and requests a second: {title: [a value a round]} of each."""
    times, rates = {}, {}
    for number in range(plan.rounds):
        for case in lists if number % 2 == 0 else reversed(lists):
            result = meter.measure(target, case, 4, plan.seconds)
            if result["failed"] or not result["requests"]:
                raise SystemExit(f"{case.title}: {result}")
            times.setdefault(case.title, []).append(result["cpu"])
            rates.setdefault(case.title, []).append(result["rate"])
    return times, rates


def spread(values, base):
    """The median of the ratios within each round, and the least and the most."""
    ratios = sorted(value / other for value, other in zip(values, base))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--plan", choices=PLANS, required=True)
    options = parser.parse_args()
    plan = PLANS[options.plan]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    password = "correct horse battery staple"
    target = targets.Target("server", "Jackfield", options.program)
    try:
        target.start(options.work, password)
        master = filling.log_in(target, password)["account_id"]
        accounts = [target.expect(201, "PUT", f"/v2/accounts/{master}", {"data": {"name": name}}).json["data"]["id"]
                    for name in ("short", "long")]
        for name, body, _ in COLLECTIONS:
            say(f"making {plan.rows:,} {name}")
            meter.wrk(target, "PUT", f"/v2/accounts/{accounts[0]}/{name}", 32, threads=2, body=body, limit=plan.rows // 2)
        target.stop()
        imports = []
        for account, count in zip(accounts, (plan.rows, plan.records)):
            say(f"importing {count:,} call records")
            imports.append((count, *import_records(options.program, target.data, account, count, options.work)))
        shutil.rmtree(target.nginx_home)
        target.start(options.work, password)
        filling.log_in(target, password)
        lists = [list_case(f"list of {name}", f"/v2/accounts/{accounts[0]}/{name}", field) for name, _, field in COLLECTIONS]
        lists += [list_case(SHORT, f"/v2/accounts/{accounts[0]}/cdrs", "rfc_1036"),
                  list_case(LONG, f"/v2/accounts/{accounts[1]}/cdrs", "rfc_1036")]
        for case in lists:
            case.verify(target)
        say("measuring")
        times, rates = measured(target, lists, plan)
    finally:
        target.stop()
    if plan.name == "smoke":
        print(f"{len(lists)} lists and {len(imports)} imports: all as they should be")
        return
    plainest = lists[0].title
    print(f"| a page of 50, of {plan.rows:,} | µs of the program | beside menus | requests a second | beside menus |")
    print("| --- | --- | --- | --- | --- |")
    for case in lists:
        title = case.title.replace(LONG, f"list of call records, of {plan.records:,}")
        inverse = [1 / rate for rate in rates[case.title]]
        print(f"| {title} | {statistics.median(times[case.title]):.0f} | {spread(times[case.title], times[plainest])} "
              f"| {statistics.median(rates[case.title]):.0f} | {spread(inverse, [1 / rate for rate in rates[plainest]])} |")
    print(f"\nMany records beside few: {spread(times[LONG], times[SHORT])} times the processor time.\n")
    print("| import of call records | seconds | records a second | most memory, MB | told of its progress |")
    print("| --- | --- | --- | --- | --- |")
    for count, seconds, memory, told in imports:
        print(f"| {count:,} | {seconds:.1f} | {count / seconds:.0f} | {memory / 1e6:.0f} | {told} times |")


main()
