"""Accounts and devices for every target to work on: the same documents in each, and more than fit into a page."""

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import time

from argon2.low_level import Type, hash_secret_raw

import meter
from targets import DOWNLOAD_BYTES, HERE

# About a kilobyte as it is answered.
DEVICE = {
    "name": "Desk phone", "device_type": "sip_device", "enabled": True, "language": "en-us",
    "caller_id": {"internal": {"name": "Desk 1001", "number": "1001"},
                  "external": {"name": "Front desk", "number": "+14155550101"}},
    "call_forward": {"enabled": False, "number": "+14155550199", "keep_caller_id": True, "require_keypress": True},
    "media": {"audio": {"codecs": ["PCMU", "PCMA", "G722"]}, "encryption": {"enforce_security": False}},
    "ringtones": {"internal": "Bellcore-dr1", "external": "Bellcore-dr2"},
}
USERNAME, ACCOUNT = "admin", "demo"


def numbered(text):
    """The device as JSON, with `text` where its name is numbered."""
    return json.dumps(dict(DEVICE, name=f"Desk phone {text}"))


class Sizes:
    """How many devices there are in the account for reading, in the one for long lists, and in the one for writing."""

    def __init__(self, short, long, written=1_000):
        self.short, self.long, self.written = short, long, written


def credentials(password):
    return hashlib.md5(f"{USERNAME}:{password}".encode()).hexdigest()


def prepare_peer(data, sizes, password):
    """Writes a peer's database and secrets."""
    data.mkdir(parents=True)
    pepper, key = secrets.token_bytes(32), secrets.token_bytes(32)
    names = {"short": secrets.token_hex(16), "long": secrets.token_hex(16), "written": secrets.token_hex(16)}
    (data / "secrets.json").write_text(json.dumps(
        {"node": secrets.token_hex(8), "master": names["short"], "key": key.hex(), "pepper": pepper.hex()}))
    database = sqlite3.connect(data / "peer.sqlite", isolation_level=None)
    database.executescript((HERE / "peers/schema.sql").read_text())
    database.execute("PRAGMA synchronous = OFF")
    salt = secrets.token_bytes(16)
    secret = hmac.digest(pepper, b"md5" + credentials(password).encode(), "sha256")
    derived = hash_secret_raw(secret, salt, time_cost=1, memory_cost=47104, parallelism=1, hash_len=32, type=Type.ID)
    database.execute("BEGIN")
    for label, account in names.items():
        name = ACCOUNT if label == "short" else label
        database.execute("INSERT INTO accounts VALUES (?, ?, 1, 0, ?)", (account, name, salt))
    database.execute("INSERT INTO users VALUES (?, ?, ?, ?, 1, 0)",
                     (names["short"], secrets.token_hex(16), derived[:16].hex(), derived[16:].hex()))
    for label, account in names.items():
        database.executemany("INSERT INTO devices VALUES (?, ?, ?, NULL, NULL, NULL, 1, 'sip_device', ?, ?, ?)",
                             rows(account, getattr(sizes, label)))
    database.execute("COMMIT")
    database.execute("ANALYZE")
    database.close()


def rows(account, count):
    now = int(time.time())
    for number in range(count):
        device = dict(DEVICE, name=f"Desk phone {number:08d}", id=os.urandom(16).hex())
        body = json.dumps(device, separators=(",", ":"))
        revision = "1-" + hashlib.md5(body.encode()).hexdigest()
        yield account, device["id"], device["name"], revision, now, body


def log_in(target, password):
    answer = target.expect(201, "PUT", "/v2/user_auth",
                           {"data": {"credentials": credentials(password), "account_name": ACCOUNT}})
    target.token = answer.json["auth_token"]
    return answer.json["data"]


def fill_server(server, sizes, password):
    """Makes the accounts and their devices through the server itself."""
    login = log_in(server, password)
    master = login["account_id"]
    for label in ("long", "written"):
        server.expect(201, "PUT", f"/v2/accounts/{master}", {"data": {"name": label}})
    accounts = find_accounts(server, master)
    for label, account in accounts.items():
        put_devices(server, account, getattr(sizes, label))


def find_accounts(server, master):
    rows = server.expect(200, "GET", f"/v2/accounts/{master}/children").json["data"]
    return {"short": master} | {row["name"]: row["id"] for row in rows if row["name"] in ("long", "written")}


def put_devices(server, account, count):
    threads, clients = (2, 64) if count >= 128 else (1, 1)
    meter.wrk(server, "PUT", f"/v2/accounts/{account}/devices", clients, threads=threads,
              body='{"data":' + numbered("%N%") + "}", limit=count // threads)


def learn(target, password, sizes):
    """Logs in and finds the names that the cases need: accounts, ids of devices, cursors, a file to download."""
    login = log_in(target, password)
    master = login["account_id"]
    if target.name == "server":
        accounts = find_accounts(target, master)
    else:
        with sqlite3.connect(f"file:{target.data}/peer.sqlite?mode=ro", uri=True) as database:
            found = dict(database.execute("SELECT name, id FROM accounts"))
        accounts = {"short": master, "long": found["long"], "written": found["written"]}
    target.names = {f"{label}_account": account for label, account in accounts.items()}
    for label in ("short", "written"):
        page = target.expect(200, "GET", f"/v2/accounts/{accounts[label]}/devices?page_size=1000").json["data"]
        ids = [row["id"] for row in page]
        (target.data / f"{label}-ids").write_text("\n".join(ids) + "\n")
        target.names[f"{label}_id"] = ids[len(ids) // 2]
    for label in ("short", "long"):
        target.names[f"{label}_cursor"] = cursor(target, accounts[label], getattr(sizes, label) // 2)
    path = f"/v2/accounts/{master}/devices/{target.names['short_id']}"
    target.names["tag"] = target.expect(200, "GET", path).fields["ETag"]
    if target.name == "server":
        target.names["recording"] = make_recording(target, master, DOWNLOAD_BYTES)


def make_recording(target, account, size):
    """Uploads a sound of so many bytes, and returns the path of what is downloaded then."""
    media = target.expect(201, "PUT", f"/v2/accounts/{account}/media", {"data": {"name": "Music", "media_source": "upload"}})
    path = f"/v2/accounts/{account}/media/{media.json['data']['id']}/raw"
    target.expect(200, "POST", path, b"ID3" + os.urandom(size - 3), {"Content-Type": "audio/mpeg"})
    return path


def cursor(target, account, depth):
    """The cursor of the page that begins `depth` rows behind the first."""
    key, size = None, max(1, min(5_000, depth))
    for _ in range(depth // size):
        start = f"&start_key={key}" if key else ""
        key = target.expect(200, "GET", f"/v2/accounts/{account}/devices?page_size={size}{start}").json["next_start_key"]
    return key
