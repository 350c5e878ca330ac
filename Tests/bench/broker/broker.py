"""Writers beside a broker that is killed: rounds of 500 writes by five clients, through nginx, with the broker up, killed
after 150 of them, and down. Prints the times of the writes, and how many events arrived late or not at all."""

import argparse
import http.client
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time

from filling import log_in
from targets import Target, free_port

CLIENTS, WRITES, KILLED_AFTER = 5, 100, 150
PASSWORD = "a password for the benchmark"


class Broker:
    """A RabbitMQ of our own."""

    def __init__(self, directory):
        self.directory, self.port, mapper = directory, free_port(), free_port()
        directory.mkdir()
        (directory / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\ndisk_free_limit.absolute = 1MB\nlog.console = false\n")
        (directory / "enabled_plugins").write_text("[].\n")
        self.program = next(pathlib.Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*")) / "sbin/rabbitmq-server"
        self.environment = os.environ | {
            "HOME": str(directory), "RABBITMQ_NODENAME": f"bench{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()), "ERL_EPMD_PORT": str(mapper), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": f"{directory}/mnesia", "RABBITMQ_LOG_BASE": f"{directory}/log",
            "RABBITMQ_CONFIG_FILE": f"{directory}/rabbitmq.conf", "RABBITMQ_PID_FILE": f"{directory}/pid",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{directory}/enabled_plugins",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{directory}/config", "RABBITMQ_SCHEMA_DIR": f"{directory}/schema",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null"}
        # The port mapper is a process of its own, which the broker would leave behind.
        self.mapper = subprocess.Popen(["epmd", "-port", str(mapper), "-address", "127.0.0.1"])
        self.process = None

    def start(self):
        with (self.directory / "out").open("ab") as out:
            self.process = subprocess.Popen([self.program], env=self.environment, stdout=out, stderr=out,
                                            start_new_session=True)

    def kill(self):
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def end(self):
        self.kill()
        self.mapper.terminate()
        self.mapper.wait()


def waiting(stack):
    """How many events the broker has not confirmed, or nil before the first."""
    stats = subprocess.run([stack.program, "stats", "--data", stack.data], capture_output=True, text=True, check=True)
    lines = dict(line.split(" ", 1) for line in stats.stdout.splitlines())
    return int(lines["waiting.amqp"]) if "waiting.amqp" in lines else None


def until(what, condition):
    ends = time.monotonic() + 90
    while not condition():
        if time.monotonic() > ends:
            raise SystemExit(f"not in 90 seconds: {what}")
        time.sleep(0.05)


def write(stack, users, times, index, count, after):
    """One client's writes on one connection; `after` is called after each."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port)
    fields = {"X-Auth-Token": stack.token, "Content-Type": "application/json"}
    for number in range(count):
        body = json.dumps({"data": {"x_note": f"{time.monotonic_ns()}"}})
        began = time.perf_counter()
        connection.request("PATCH", f"{users[index]}", body, fields)
        answer = connection.getresponse()
        answer.read()
        times.append(1e3 * (time.perf_counter() - began))
        if answer.status != 200:
            raise SystemExit(f"a write was refused: {answer.status}")
        after()


def measure(stack, users, after=lambda number: None):
    """Milliseconds that each write took."""
    times, done, lock = [], [0], threading.Lock()

    def count():
        with lock:
            done[0] += 1
            number = done[0]
        after(number)

    threads = [threading.Thread(target=write, args=(stack, users, times, index, WRITES, count))
               for index in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(times) != CLIENTS * WRITES:
        raise SystemExit(f"only {len(times)} writes were acknowledged")
    return times


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=10)
    rounds = options.parse_args().rounds
    work = pathlib.Path(tempfile.mkdtemp(prefix="jackfield-broker-", dir="/var/tmp"))
    stack = Target("server", "Jackfield", pathlib.Path(os.environ["JACKFIELD_BINARY"]))
    broker, relay = Broker(work / "rabbitmq"), None
    try:
        stack.start(work, PASSWORD)
        account = f"/v2/accounts/{log_in(stack, PASSWORD)['account_id']}"
        users = []
        for index in range(CLIENTS):
            user = {"data": {"first_name": "A", "last_name": f"B{index}"}}
            users.append(f"{account}/users/{stack.expect(201, 'PUT', account + '/users', user).json['data']['id']}")
        relay = subprocess.Popen([stack.program, "relay", "--events", stack.data / "run/events.sock", "--amqp",
                                  f"amqp://127.0.0.1:{broker.port}"], stderr=subprocess.DEVNULL)
        phases = {"up": [], "killed": [], "down": []}
        for number in range(rounds + 1):
            broker.start()
            until("everything is confirmed", lambda: waiting(stack) == 0)
            results = {"up": measure(stack, users)}
            until("everything is confirmed", lambda: waiting(stack) == 0)
            results["killed"] = measure(stack, users, lambda done: broker.kill() if done == KILLED_AFTER else None)
            results["down"] = measure(stack, users)
            # The first round warms up.
            if number:
                for name, times in results.items():
                    phases[name].append(times)
        broker.start()
        until("every event has arrived", lambda: waiting(stack) == 0)
        print(f"{rounds} rounds of {CLIENTS * WRITES} writes by {CLIENTS} clients; milliseconds\n")
        print("| broker | p50 | p99 | p99 of the rounds, median and range | p99 against up |\n|---|---|---|---|---|")
        normal = statistics.median(percentile(times, 0.99) for times in phases["up"])
        for name, of_rounds in phases.items():
            every = [time for times in of_rounds for time in times]
            highs = [percentile(times, 0.99) for times in of_rounds]
            middle = statistics.median(highs)
            print(f"| {name} | {percentile(every, 0.5):.2f} | {percentile(every, 0.99):.2f} | "
                  f"{middle:.2f} ({min(highs):.2f} to {max(highs):.2f}) | {middle / normal:.2f} |")
        print("\nEvery write was acknowledged, and every event arrived.")
    finally:
        broker.end()
        if relay:
            relay.terminate()
            relay.wait()
        stack.stop()
        shutil.rmtree(work)


main()
