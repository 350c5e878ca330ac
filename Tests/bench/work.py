"""The work: what is asked of every target, and what the answer must be."""

import csv
import io
import json

import filling
from targets import DOWNLOAD_BYTES, STATIC_DOWNLOAD, STATIC_FILE


FLOODED = "GET one, logins flood"
SELDOM = "GET one, seldom, beside large files"


class Case:
    """One kind of request.

    path    with {names} that the target must know, and %ID% for one of many documents
    check   says whether an answer is right; asked once before anything is measured
    floor   the path that stands for it at a floor, where there is one
    only    the one target that has such a thing, if there is but one
    beside  a case that others send meanwhile, as `crowd` says
    crowd   how many others there are, and how long each pauses between two requests, in milliseconds
    clients a number of clients that it is measured with besides those of the plan
    pause   how long each client pauses between two requests, in milliseconds
    """

    def __init__(self, title, path, check, method="GET", status=200, body=None, fields=(), ids=None, floor=None, only=None,
                 beside=None, crowd=None, seconds=1, clients=None, pause=0):
        self.title, self.path, self.check, self.method, self.status = title, path, check, method, status
        self.body, self.fields, self.ids, self.floor, self.only = body, fields, ids, floor, only
        self.beside, self.crowd, self.seconds, self.clients, self.pause = beside, crowd, seconds, clients, pause

    def suits(self, target):
        """None if the target can be asked this; else why not."""
        if target.is_floor:
            return None if self.floor_path(target) else "a constant has none"
        if self.only not in (None, target.name):
            return "has no such thing"
        try:
            self.path.format(**target.names)
        except KeyError:
            return "has no such thing"
        return None

    def floor_path(self, target):
        if self.floor is None:
            return None
        return self.floor.get(target.name)

    def request(self, target):
        """The arguments of `meter.wrk`."""
        if target.is_floor:
            return {"method": "GET", "path": self.floor_path(target)}
        return {
            "method": self.method, "path": self.path.format(**target.names), "body": self.filled_body(),
            "fields": [(name, value.format(**target.names)) for name, value in self.fields], "ids": self.ids,
        }

    def filled_body(self):
        return self.body() if callable(self.body) else self.body

    def verify(self, target):
        """Sends one request, and insists on the answer."""
        if target.is_floor:
            target.expect(200, "GET", self.floor_path(target))
            return
        request = self.request(target)
        path = request["path"].replace("%ID%", target.names.get(f"{self.ids}_id", ""))
        body = request["body"] and request["body"].replace("%N%", "0").encode()
        fields = dict(request["fields"]) | ({"Content-Type": "application/json"} if body else {})
        answer = target.expect(self.status, self.method, path, body, fields)
        if not self.check(answer):
            raise SystemExit(f"{target.title}: {self.title}: a wrong answer: {answer.body[:500]!r}")


def is_page(answer):
    data = answer.json
    return len(data["data"]) == 50 and "next_start_key" in data and data["data"][0]["name"].startswith("Desk phone")


def is_device(answer):
    data = answer.json
    return data["data"]["ringtones"] == filling.DEVICE["ringtones"] and data["status"] == "success" and data["revision"]


def is_table(count):
    # What was under way when the filling ended was written too.
    return lambda answer: count < len(list(csv.reader(io.StringIO(answer.body.decode())))) <= count + 65


def cases(sizes, password):
    login = json.dumps({"data": {"credentials": filling.credentials(password), "account_name": filling.ACCOUNT}})
    constant = {"classic": "/v2/", "epoll": "/v2/", "nginx": STATIC_FILE}
    log_in = Case("log in", "/v2/user_auth", lambda answer: answer.json["auth_token"], "PUT", 201, body=login, seconds=2)
    one = "/v2/accounts/{short_account}/devices/%ID%"
    short, long = f"{sizes.short:,}", f"{sizes.long:,}"
    return [
        Case("GET one document", one, is_device, ids="short", floor=constant),
        Case("GET one, 304", "/v2/accounts/{short_account}/devices/{short_id}", lambda answer: answer.body == b"", status=304,
             fields=[("If-None-Match", "{tag}")]),
        Case(f"list 50 of {short}", "/v2/accounts/{short_account}/devices", is_page),
        Case(f"list 50 of {short}, deep", "/v2/accounts/{short_account}/devices?start_key={short_cursor}", is_page),
        Case(f"list 50 of {long}", "/v2/accounts/{long_account}/devices", is_page),
        Case(f"list 50 of {long}, deep", "/v2/accounts/{long_account}/devices?start_key={long_cursor}", is_page),
        Case("create", "/v2/accounts/{written_account}/devices", is_device, "PUT", 201,
             body='{"data":' + filling.numbered("%N%") + "}"),
        Case("merge one field", "/v2/accounts/{written_account}/devices/%ID%", is_device, "PATCH", ids="written",
             body='{"data":{"call_forward":{"number":"+1%N%"}}}'),
        Case("validation error", "/v2/accounts/{written_account}/devices", lambda answer: "name" in answer.json["data"],
             "PUT", 400, body=json.dumps({"data": {name: value for name, value in filling.DEVICE.items() if name != "name"}})),
        log_in,
        # So many that a queue is always full, and so seldom that it is the server that they keep busy and not the machine.
        Case(FLOODED, one, is_device, ids="short", beside=log_in, crowd={"clients": 64, "pause": 100}, seconds=2),
        Case(f"list 50 of {short}, as a page", "/v2/accounts/{short_account}/devices?accept=html",
             lambda answer: answer.body.count(b"Desk phone") >= 50 and len(answer.body) < 30_000, only="server"),
        Case("HTML page", "/v2/accounts/{short_account}/devices/{short_id}?accept=html",
             lambda answer: b"Desk phone" in answer.body and b"</html>" in answer.body),
        Case(f"CSV of {short} rows", "/v2/accounts/{short_account}/devices?accept=csv&paginate=false", is_table(sizes.short),
             seconds=2),
        # What a download is to be compared with: about as many requests, between which the processor's caches are swept.
        Case(SELDOM, one, is_device, ids="short", only="server", beside=Case("static", STATIC_DOWNLOAD, None),
             crowd={"clients": 8, "pause": 0}, seconds=2, clients=8, pause=20),
        Case(f"download {DOWNLOAD_BYTES / 1e6:.0f} MB", "{recording}", lambda answer: len(answer.body) == DOWNLOAD_BYTES,
             floor={"nginx": STATIC_DOWNLOAD}, clients=8),
    ]
