-- What every peer keeps: a row a device, with the columns that a list shows beside the whole document.
-- Prepared by ../filling.py, which also writes the first account, its user and the devices.

PRAGMA journal_mode = WAL;

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    enabled INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    salt BLOB NOT NULL
) WITHOUT ROWID;

-- A credential is Argon2id(HMAC-SHA256(pepper, proof), the account's salt): 16 bytes to look for, 16 to compare.
CREATE TABLE users (
    account_id TEXT NOT NULL,
    id TEXT NOT NULL,
    lookup TEXT NOT NULL UNIQUE,
    verifier TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;

CREATE TABLE revoked_tokens (id TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE devices (
    account_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    username TEXT,
    mac_address TEXT,
    owner_id TEXT,
    enabled INTEGER NOT NULL,
    device_type TEXT NOT NULL,
    revision TEXT NOT NULL,
    modified INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (account_id, id)
);
CREATE UNIQUE INDEX devices_by_username ON devices (account_id, username) WHERE username IS NOT NULL;
CREATE UNIQUE INDEX devices_by_mac_address ON devices (account_id, mac_address) WHERE mac_address IS NOT NULL;
CREATE INDEX devices_by_name ON devices (account_id, name, id);

CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    account_id TEXT NOT NULL,
    document TEXT NOT NULL,
    revision TEXT NOT NULL,
    time INTEGER NOT NULL
);
