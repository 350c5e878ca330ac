"""Pages of others against the session of a browser that is logged in: nothing changes."""

import html
import http.server
import os
import pathlib
import ssl
import threading
import unittest

from browser import ACCOUNT, PASSWORD, URL, USERNAME, Browser

from selenium.webdriver.common.by import By

TLS = pathlib.Path(os.environ["JACKFIELD_DATA"], "nginx", "tls")


class Evil(http.server.BaseHTTPRequestHandler):
    """A site that shows whatever page its test wants."""

    page = ""

    def do_GET(self):
        body = self.page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def form(action, fields, encoding="application/x-www-form-urlencoded"):
    """A form as somebody else would write it."""
    inputs = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">' for name, value in fields.items()
    )
    return f'<form method="post" action="{action}" enctype="{encoding}">{inputs}<button>Win a prize</button></form>'


class Attacks(unittest.TestCase):
    """Each attack is tried from another site, and from another port of this one, to which a browser sends the cookie."""

    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
        cls.server.socket = context.wrap_socket(cls.server.socket, server_side=True)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        port = cls.server.server_address[1]
        cls.sites = [f"https://localhost:{port}/", f"https://127.0.0.1:{port}/"]
        cls.browser = Browser()
        cls.browser.log_in()
        cls.browser.make_account("Attacked")
        cls.account = URL + cls.browser.path.split("?")[0]
        cls.browser.driver.get(cls.account + "/users?form=new")
        cls.browser.fill({"data.first_name": "Victoria", "data.last_name": "Victim"})
        cls.browser.press("Create")
        cls.victim = URL + cls.browser.path.split("?")[0]
        cls.token = cls.browser.value("csrf")

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.server.shutdown()
        cls.server.server_close()

    def attack(self, page):
        """Shows a page of another site and does what it asks for."""
        for site in self.sites:
            with self.subTest(site):
                Evil.page = f"<!DOCTYPE html><title>Prizes</title>{page}"
                self.browser.driver.get(site)
                bait = self.browser.driver.find_element(By.CSS_SELECTOR, "button, a")
                if (bait.get_attribute("href") or "").endswith("#prize"):
                    bait.click()
                else:
                    self.browser.go(bait)
                self.check()

    def check(self):
        """The session still lives, and everything is as it was."""
        self.browser.driver.get(self.account + "/users?ascending=true")
        self.assertEqual(self.browser.find(".who a").text, USERNAME)
        self.assertIn("1 user", self.browser.text)
        self.assertIn("Victim, Victoria", self.browser.text)
        self.assertNotIn("mallory", self.browser.text.lower())

    def test_deleting_by_a_form(self):
        self.attack(form(self.victim, {"verb": "delete"}))

    def test_deleting_with_the_verb_in_the_address(self):
        self.attack(form(self.victim + "?verb=delete", {}))

    def test_deleting_by_a_link(self):
        self.attack(f'<a href="{self.victim}?verb=delete">Win a prize</a>')

    def test_deleting_by_a_picture(self):
        self.attack(f'<img src="{self.victim}?verb=delete" alt=""><a href="#prize">Win a prize</a>')

    def test_creating_by_a_form(self):
        fields = {"verb": "put", "data.first_name": "Mallory", "data.last_name": "M", "data.priv_level": "admin"}
        self.attack(form(self.account + "/users", fields))

    def test_creating_by_a_form_in_parts(self):
        fields = {"verb": "put", "data.first_name": "Mallory", "data.last_name": "M"}
        self.attack(form(self.account + "/users", fields, "multipart/form-data"))

    def test_creating_by_a_text_that_is_json(self):
        text = '{"verb":"put","data":{"first_name":"Mallory","last_name":"M","x":"'
        self.attack(form(self.account + "/users", {text: '"}}'}, "text/plain"))

    def test_creating_by_a_form_that_is_json(self):
        text = '{"verb":"put","data":{"first_name":"Mallory","last_name":"M","x":"'
        self.attack(form(self.account + "/users", {text: '"}}'}))

    def test_a_made_up_proof(self):
        self.attack(form(self.victim, {"verb": "delete", "csrf": "A" * 43}))

    def test_a_proof_that_was_found_out(self):
        """Even who knows the text that a change has to bring is not the page that may bring it."""
        self.attack(form(self.victim, {"verb": "delete", "csrf": self.token}))

    def test_changing_the_password(self):
        self.attack(form(self.victim, {"verb": "patch", "data.username": "mallory", "data.password": "known"}))

    def test_logging_out(self):
        self.attack(form(URL + "/v2/token_auth", {"verb": "delete"}))

    def test_logging_in_as_somebody_else(self):
        """A session that an attacker begins would make his victim work in his account."""
        fields = {"data.account_name": ACCOUNT, "data.username": USERNAME, "data.password": PASSWORD, "verb": "put"}
        before = self.browser.driver.get_cookie("__Host-jackfield")["value"]
        self.attack(form(URL + "/v2/user_auth", fields))
        self.assertEqual(self.browser.driver.get_cookie("__Host-jackfield")["value"], before)

    def test_a_frame(self):
        Evil.page = f'<!DOCTYPE html><title>Prizes</title><iframe src="{self.victim}?form=delete"></iframe>'
        for site in self.sites:
            self.browser.driver.get(site)
            self.browser.driver.switch_to.frame(0)
            self.assertNotIn("Victoria", self.browser.driver.page_source)
            self.browser.driver.switch_to.default_content()

    def test_being_sent_elsewhere_after_a_login(self):
        for path in ["//evil.example/", "/\\evil.example", "https://evil.example/", "javascript:alert(1)"]:
            self.browser.driver.get(f"{URL}/login?next={path}")
            self.assertEqual(self.browser.find("main [name=next]").get_attribute("value"), "/")


if __name__ == "__main__":
    unittest.main()
