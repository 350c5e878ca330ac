"""Crossbar's clients from PyPI do with this server what they do with Crossbar; each write is read back."""

import os
import unittest
import uuid

from kazoo import Client
from kazoo.exceptions import KazooApiAuthenticationError, KazooApiBadDataError
from pykazoo.client import PyKazooClient

URL = os.environ["JACKFIELD_URL"]
ACCOUNT = os.environ["JACKFIELD_ACCOUNT"]
USERNAME = os.environ["JACKFIELD_USERNAME"]
PASSWORD = os.environ["JACKFIELD_PASSWORD"]


def unique(word):
    return f"{word} {uuid.uuid4().hex[:8]}"


# Resource, its singular and plural in kazoo-sdk and in PyKazoo's methods, a document, and a field with a new value.
KAZOO_SDK = [
    ("user", "users", {"first_name": "Ada", "last_name": "Byron"}, ("last_name", "Lovelace")),
    ("device", "devices", {"name": "Desk phone"}, ("name", "Wall phone")),
    ("menu", "menus", {"name": "Main menu"}, ("name", "Night menu")),
    ("group", "groups", {"name": "Sales", "endpoints": {}}, ("name", "Support")),
]
PYKAZOO = [
    ("users", "user", "users", KAZOO_SDK[0][2], KAZOO_SDK[0][3]),
    ("devices", "device", "devices", KAZOO_SDK[1][2], KAZOO_SDK[1][3]),
    ("menus", "menu", "menus", KAZOO_SDK[2][2], KAZOO_SDK[2][3]),
]


class KazooSDK(unittest.TestCase):
    """kazoo-sdk 0.2.4, of Crossbar's own makers."""

    @classmethod
    def setUpClass(cls):
        cls.client = Client(username=USERNAME, password=PASSWORD, account_name=ACCOUNT, base_url=URL)
        cls.client.authenticate()
        # The client itself keeps only the token of its login.
        cls.account = cls.client.auth_request.execute(URL)["data"]["account_id"]

    def test_a_wrong_password_is_an_authentication_error(self):
        client = Client(username=USERNAME, password="not this one", account_name=ACCOUNT, base_url=URL)
        with self.assertRaises(KazooApiAuthenticationError):
            client.authenticate()

    def test_an_account_is_read_and_changed(self):
        account = self.client.get_account(self.account)["data"]
        self.assertEqual(account["name"], ACCOUNT)
        changed = self.client.update_account(self.account, {**account, "timezone": "Europe/Paris"})
        self.assertEqual(changed["data"]["timezone"], "Europe/Paris")
        self.assertEqual(self.client.get_account(self.account)["data"]["timezone"], "Europe/Paris")

    def test_every_resource_lives_its_whole_life(self):
        for one, many, document, (field, value) in KAZOO_SDK:
            with self.subTest(one):
                created = getattr(self.client, f"create_{one}")(self.account, document)["data"]
                identifier = created["id"]
                read = getattr(self.client, f"get_{one}")(self.account, identifier)["data"]
                self.assertEqual({key: read[key] for key in document}, document)
                rows = getattr(self.client, f"get_{many}")(self.account)["data"]
                self.assertIn(identifier, [row["id"] for row in rows])
                getattr(self.client, f"update_{one}")(self.account, identifier, {**read, field: value})
                read = getattr(self.client, f"get_{one}")(self.account, identifier)["data"]
                self.assertEqual(read[field], value)
                getattr(self.client, f"delete_{one}")(self.account, identifier)
                rows = getattr(self.client, f"get_{many}")(self.account)["data"]
                self.assertNotIn(identifier, [row["id"] for row in rows])

    def test_bad_data_names_the_field(self):
        with self.assertRaises(KazooApiBadDataError) as raised:
            self.client.create_user(self.account, {"first_name": "Without a last name", "username": ""})
        self.assertIn("last_name", raised.exception.field_errors)


class PyKazoo(unittest.TestCase):
    """PyKazoo 0.0a8, written by a third party."""

    @classmethod
    def setUpClass(cls):
        cls.client = PyKazooClient(URL)
        cls.client.authentication.user_auth(USERNAME, PASSWORD, ACCOUNT)
        cls.account = cls.client.authentication.account_id

    def test_a_wrong_password_is_a_permission_error(self):
        with self.assertRaises(PermissionError):
            PyKazooClient(URL).authentication.user_auth(USERNAME, "not this one", ACCOUNT)

    def test_a_child_account_is_made_found_and_deleted(self):
        name = unique("Child")
        child = self.client.accounts.create_sub_account(self.account, {"data": {"name": name}})["data"]["id"]
        self.assertEqual(self.client.accounts.get_account(child)["data"]["name"], name)
        children = self.client.accounts.get_account_children(self.account)["data"]
        self.assertIn(child, [row["id"] for row in children])
        renamed = unique("Renamed")
        self.client.accounts.update_account(child, {"data": {"name": renamed}})
        self.assertEqual(self.client.accounts.get_account(child)["data"]["name"], renamed)
        self.client.accounts.delete_account(child)
        with self.assertRaises(ValueError):
            self.client.accounts.get_account(child)

    def test_every_resource_lives_its_whole_life(self):
        for resource, one, many, document, (field, value) in PYKAZOO:
            with self.subTest(resource):
                api = getattr(self.client, resource)
                identifier = getattr(api, f"create_{one}")(self.account, {"data": document})["data"]["id"]
                read = getattr(api, f"get_{one}")(self.account, identifier)["data"]
                self.assertEqual({key: read[key] for key in document}, document)
                found = getattr(api, f"get_{many}")(self.account, {f"filter_{field}": document[field]})["data"]
                self.assertEqual([row["id"] for row in found], [identifier])
                getattr(api, f"update_{one}")(self.account, identifier, {"data": {**read, field: value}})
                self.assertEqual(getattr(api, f"get_{one}")(self.account, identifier)["data"][field], value)
                found = getattr(api, f"get_{many}")(self.account, {f"filter_{field}": document[field]})["data"]
                self.assertEqual(found, [])
                # PyKazoo 0.0a8 has no delete for users.
                if hasattr(api, f"delete_{one}"):
                    getattr(api, f"delete_{one}")(self.account, identifier)
                    with self.assertRaises(ValueError):
                        getattr(api, f"get_{one}")(self.account, identifier)


if __name__ == "__main__":
    unittest.main()
