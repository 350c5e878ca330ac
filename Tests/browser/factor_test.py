"""A second factor: set up with an application, asked for at the login, ended."""

import base64
import hmac
import struct
import time
import unittest

from browser import Browser

from selenium.webdriver.common.by import By


def code(secret, steps=0):
    """The code that an authenticator shows, now or some steps of 30 seconds later. Source: RFC 6238."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    number = struct.unpack_from(">I", digest, digest[19] & 15)[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


class SecondFactor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.browser.log_in()
        cls.account = cls.browser.path
        cls.make("grace", "Hopper", "admin")
        cls.make("alan", "Turing", "user")

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def tearDown(self):
        self.assertEqual(self.browser.complaints, [])

    @classmethod
    def make(cls, name, last_name, role):
        browser = cls.browser
        browser.open(f"{cls.account}/users?form=new")
        browser.fill({"data.first_name": name.title(), "data.last_name": last_name, "data.priv_level": role})
        browser.fill({"data.username": name, "data.password": f"the password of {name}"})
        browser.press("Create")

    def log_in(self, name, password=None):
        self.browser.driver.delete_all_cookies()
        self.browser.log_in(name, password or f"the password of {name}")

    def test_a_factor_of_ones_own(self):
        browser = self.browser
        self.log_in("grace")
        browser.follow("grace")
        browser.follow("Second factor")
        browser.keep("factor-off")
        browser.fill({"data.password": "something else"})
        browser.press("Set it up")
        self.assertIn("The password is wrong", browser.text)
        browser.fill({"data.password": "the password of grace"})
        browser.press("Set it up")
        self.assertTrue(browser.find(".picture svg").is_displayed())
        secret = browser.find("main code").text
        browser.keep("factor-setup")
        browser.fill({"data.password": "the password of grace", "data.code": "000000"})
        browser.press("Turn it on")
        self.assertIn("The code is wrong", browser.text)
        self.assertEqual(browser.find("main code").text, secret)
        browser.fill({"data.password": "the password of grace", "data.code": code(secret)})
        browser.press("Turn it on")
        recovery = browser.find(".codes").text.split()
        self.assertEqual(len(recovery), 10)
        browser.keep("factor-codes")

        self.log_in("grace")
        self.assertIn("Code from your authenticator", browser.text)
        browser.keep("factor-login")
        browser.fill({"data.multi_factor_response": "000000"})
        browser.press("Log in")
        self.assertIn("This code is wrong", browser.text)
        browser.fill({"data.multi_factor_response": code(secret, 1)})
        browser.press("Log in")
        self.assertEqual(browser.path, self.account)

        self.log_in("grace")
        browser.fill({"data.multi_factor_response": recovery[0]})
        browser.press("Log in")
        browser.follow("grace")
        browser.follow("Second factor")
        self.assertIn("9 recovery codes are left", browser.text)
        browser.keep("factor-on")
        browser.fill({"data.password": "the password of grace", "data.code": recovery[1]})
        browser.press("Turn it off")
        self.assertEqual(browser.heading, "Log in")
        self.log_in("grace")
        self.assertEqual(browser.path, self.account)

    def test_a_factor_that_the_account_wants(self):
        browser = self.browser
        self.log_in("grace")
        browser.make_account("Careful")
        account = browser.path.split("?")[0]
        browser.open(f"{account}/users?form=new")
        browser.fill({"data.first_name": "Joan", "data.last_name": "Clarke", "data.username": "joan"})
        browser.fill({"data.password": "the password of joan"})
        browser.press("Create")
        browser.open(f"{account}/security?form=edit")
        for group in browser.driver.find_elements(By.CSS_SELECTOR, "summary"):
            if group.is_displayed():
                group.click()
        browser.fill({"data.auth_modules.cb_user_auth.multi_factor.enabled": "Yes"})
        browser.press("Save")
        browser.driver.delete_all_cookies()
        browser.open("/login")
        browser.fill({"data.account_name": "Careful", "data.username": "joan", "data.password": "the password of joan"})
        browser.press("Log in")
        secret = browser.find("main code").text
        browser.keep("factor-wanted")
        browser.fill({"data.multi_factor_response": code(secret)})
        browser.press("Log in")
        self.assertEqual(browser.heading, "Your recovery codes")
        browser.keep("factor-wanted-codes")
        browser.follow("I have kept them")
        self.assertEqual(browser.heading, "Careful")

    def test_a_password_of_ones_own(self):
        browser = self.browser
        self.log_in("alan")
        browser.follow("alan")
        browser.follow("Change")
        browser.keep("form-of-a-user")
        browser.fill({"data.password": "another password of alan"})
        browser.press("Save")
        self.log_in("alan", "another password of alan")
        self.assertEqual(browser.path, self.account)
        browser.open(f"{self.account}/users")
        browser.keep("list-of-a-user")

    def test_what_a_user_may_not_see(self):
        browser = self.browser
        self.log_in("alan", "another password of alan")
        browser.keep("home-of-a-user")
        browser.open(f"{self.account}/deleted")
        self.assertEqual(browser.heading, "You may not do this")
        browser.keep("forbidden")


if __name__ == "__main__":
    unittest.main()
