"""Prints the account's id and a token of the first login."""

import hashlib
import os

import requests


def log_in():
    """Returns the data of the login and its token."""
    username = os.environ["JACKFIELD_USERNAME"]
    proof = hashlib.md5(f"{username}:{os.environ['JACKFIELD_PASSWORD']}".encode()).hexdigest()
    answer = requests.put(
        os.environ["JACKFIELD_URL"] + "/user_auth",
        json={"data": {"credentials": proof, "account_name": os.environ["JACKFIELD_ACCOUNT"]}},
        timeout=30,
    )
    answer.raise_for_status()
    return answer.json()["data"], answer.json()["auth_token"]


if __name__ == "__main__":
    data, token = log_in()
    print(data["account_id"], token)
