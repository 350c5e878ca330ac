"""The benchmark's work in Flask and SQLite: devices of an account, behind uwsgi."""

import base64
import csv
import hashlib
import hmac
import io
import json
import os
import re
import secrets
import sqlite3
import time

import flask
import jwt
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DATA = os.environ["PEER_DATA"]
SECRETS = json.load(open(f"{DATA}/secrets.json"))
SIGNING = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SECRETS["key"]))
VERIFYING = SIGNING.public_key()
PEPPER = bytes.fromhex(SECRETS["pepper"])
ROW = "id, name, username, mac_address, owner_id, enabled, device_type"

app = flask.Flask(__name__)
app.json.sort_keys = False
app.json.compact = True
verified = {}

database = sqlite3.connect(f"{DATA}/peer.sqlite", isolation_level=None, timeout=10, cached_statements=64)
database.row_factory = sqlite3.Row
database.execute("PRAGMA synchronous = FULL")


class Refusal(Exception):
    def __init__(self, status, message, data=None):
        self.status, self.message, self.data = status, message, data or {}


def envelope(data, **members):
    token = flask.request.headers.get("X-Auth-Token")
    return {"data": data, "status": "success", **common(), **({"auth_token": token} if token else {}), **members}


def common():
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {"request_id": flask.request.environ.get("REQUEST_ID", ""), "node": SECRETS["node"], "timestamp": stamp,
            "version": "peer"}


@app.errorhandler(Refusal)
def refused(refusal):
    body = {"data": refusal.data, "error": str(refusal.status), "message": refusal.message, "status": "error", **common()}
    return body, refusal.status


@app.after_request
def fields(response):
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Request-ID"] = flask.request.environ.get("REQUEST_ID", "")
    return response


def authenticate(account):
    """The token's signature and times, and whether account, user and token are still good."""
    token = flask.request.headers.get("X-Auth-Token", "")
    digest = hashlib.sha256(token.encode()).digest()
    claims = verified.get(digest)
    if claims is None:
        try:
            claims = jwt.decode(token, VERIFYING, algorithms=["EdDSA"], audience="peer", issuer=SECRETS["node"])
        except jwt.InvalidTokenError:
            raise Refusal(401, "invalid credentials")
        if len(verified) >= 2000:
            verified.clear()
        verified[digest] = claims
    if claims["exp"] <= time.time():
        raise Refusal(401, "expired token")
    row = database.execute(
        "SELECT a.epoch, u.epoch FROM accounts a JOIN users u ON u.account_id = a.id WHERE a.id = ? AND u.id = ?"
        " AND a.enabled AND u.enabled AND NOT EXISTS (SELECT 1 FROM revoked_tokens WHERE id = ?)",
        (claims["account_id"], claims["sub"], claims["jti"])).fetchone()
    if row is None or list(row) != claims["epochs"]:
        raise Refusal(401, "invalid credentials")
    if claims["account_id"] != account and claims["account_id"] != SECRETS["master"]:
        raise Refusal(403, "forbidden")


@app.put("/v2/user_auth")
def log_in():
    data = payload()
    account = database.execute("SELECT id, salt, epoch FROM accounts WHERE name = ? AND enabled",
                               (data.get("account_name"),)).fetchone()
    if account is None:
        raise Refusal(401, "invalid credentials")
    secret = hmac.digest(PEPPER, b"md5" + str(data.get("credentials")).encode(), "sha256")
    derived = hash_secret_raw(secret, account["salt"], time_cost=1, memory_cost=47104, parallelism=1, hash_len=32,
                              type=Type.ID)
    user = database.execute("SELECT id, verifier, epoch FROM users WHERE lookup = ? AND account_id = ? AND enabled",
                            (derived[:16].hex(), account["id"])).fetchone()
    if user is None or not hmac.compare_digest(user["verifier"], derived[16:].hex()):
        raise Refusal(401, "invalid credentials")
    now = int(time.time())
    claims = {"iss": SECRETS["node"], "aud": "peer", "sub": user["id"], "account_id": account["id"], "iat": now,
              "nbf": now, "exp": now + 3600, "jti": secrets.token_hex(16), "epochs": [account["epoch"], user["epoch"]]}
    token = jwt.encode(claims, SIGNING, algorithm="EdDSA")
    return envelope({"account_id": account["id"], "owner_id": user["id"]}, auth_token=token), 201


@app.get("/v2/accounts/<account>/devices")
def devices(account):
    authenticate(account)
    paginate = flask.request.args.get("paginate") != "false"
    size = min(int(flask.request.args.get("page_size", 50)), 5000)
    start = flask.request.args.get("start_key")
    sql, values = f"SELECT {ROW} FROM devices WHERE account_id = ?", [account]
    if start:
        sql += " AND (name, id) >= (?, ?)"
        values += json.loads(base64.urlsafe_b64decode(start))
    sql += " ORDER BY name, id"
    if paginate:
        sql += " LIMIT ?"
        values.append(size + 1)
    rows = database.execute(sql, values)
    if flask.request.args.get("accept") == "csv":
        return table(rows)
    rows = [summary(row) for row in rows]
    members = {"page_size": min(len(rows), size)}
    if start:
        members["start_key"] = start
    if len(rows) > size:
        last = rows.pop()
        members["next_start_key"] = base64.urlsafe_b64encode(json.dumps([last["name"], last["id"]]).encode()).decode()
    body = flask.json.dumps(envelope(rows, **members))
    return flask.Response(body, mimetype="application/json")


def summary(row):
    shown = {name: row[name] for name in row.keys() if row[name] is not None}
    shown["enabled"] = bool(row["enabled"])
    return shown


def table(rows):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(ROW.split(", "))
    writer.writerows(rows)
    return flask.Response(text.getvalue(), mimetype="text/csv")


@app.put("/v2/accounts/<account>/devices")
def create(account):
    authenticate(account)
    device = payload()
    device["id"] = secrets.token_hex(16)
    row = store(account, device, None, "device_created")
    return shown(account, device["id"], row, 201)


@app.get("/v2/accounts/<account>/devices/<id>")
def device(account, id):
    authenticate(account)
    return shown(account, id, find(account, id))


@app.patch("/v2/accounts/<account>/devices/<id>")
def merge(account, id):
    authenticate(account)
    patch = payload()
    database.execute("BEGIN IMMEDIATE")
    try:
        old = find(account, id)
        row = store(account, merged(json.loads(old["body"]), patch) | {"id": id}, old["revision"], "device_edited")
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
    return shown(account, id, row)


def find(account, id):
    row = database.execute("SELECT body, revision FROM devices WHERE account_id = ? AND id = ?", (account, id)).fetchone()
    if row is None:
        raise Refusal(404, "bad identifier")
    return row


def merged(old, patch):
    for name, value in patch.items():
        if value is None:
            old.pop(name, None)
        elif isinstance(value, dict) and isinstance(old.get(name), dict):
            old[name] = merged(old[name], value)
        else:
            old[name] = value
    return old


def shown(account, id, row, status=200):
    tag = f'"{row["revision"]}"'
    if flask.request.method == "GET" and tag in flask.request.headers.get("If-None-Match", ""):
        return flask.Response(status=304, headers={"ETag": tag})
    if flask.request.args.get("accept") == "html":
        return flask.render_template("device.html", device=json.loads(row["body"]))
    response = flask.jsonify(envelope(json.loads(row["body"]), revision=row["revision"]))
    response.headers["ETag"] = tag
    if status == 201:
        response.headers["Location"] = f"/v2/accounts/{account}/devices/{id}"
    return response, status


def payload():
    data = (flask.request.get_json(silent=True) or {}).get("data")
    if not isinstance(data, dict):
        raise Refusal(400, "invalid request")
    return data


def store(account, device, replaced, event):
    """Validates and writes a device and the event of it, in one transaction."""
    violations = {}
    name = device.get("name")
    if name is None:
        violations["name"] = {"required": {"message": "Field is required but missing"}}
    elif not isinstance(name, str) or not 1 <= len(name) <= 128:
        violations["name"] = {"maxLength": {"message": "String must have 1 to 128 characters", "value": name}}
    if not isinstance(device.get("enabled", True), bool):
        violations["enabled"] = {"type": {"message": "Value did not match type(s): boolean"}}
    mac = device.get("mac_address")
    if mac is not None and not re.fullmatch(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", str(mac)):
        violations["mac_address"] = {"pattern": {"message": "Failed to match pattern"}}
    if violations:
        raise Refusal(400, "validation error", violations)
    body = flask.json.dumps(device)
    generation = int(replaced.split("-")[0]) + 1 if replaced else 1
    revision = f"{generation}-{hashlib.md5(((replaced or '') + body).encode()).hexdigest()}"
    now = int(time.time())
    values = {"account": account, "id": device["id"], "name": name, "username": device.get("sip", {}).get("username"),
              "mac": mac, "owner": device.get("owner_id"), "enabled": device.get("enabled", True),
              "kind": device.get("device_type", "sip_device"), "revision": revision, "now": now, "body": body}
    own = not database.in_transaction
    if own:
        database.execute("BEGIN IMMEDIATE")
    try:
        if replaced:
            database.execute("UPDATE devices SET name = :name, username = :username, mac_address = :mac, owner_id = :owner,"
                             " enabled = :enabled, device_type = :kind, revision = :revision, modified = :now, body = :body"
                             " WHERE account_id = :account AND id = :id", values)
        else:
            database.execute("INSERT INTO devices VALUES (:account, :id, :name, :username, :mac, :owner, :enabled, :kind,"
                             " :revision, :now, :body)", values)
        database.execute("INSERT INTO events (name, account_id, document, revision, time) VALUES (?, ?, ?, ?, ?)",
                         (event, account, device["id"], revision, now))
        if own:
            database.execute("COMMIT")
    except sqlite3.IntegrityError:
        if own:
            database.execute("ROLLBACK")
        raise Refusal(400, "validation error", {"mac_address": {"unique": {"message": "already in use"}}})
    return {"revision": revision, "body": body}
