"""The work of a day with a browser that runs no script."""

import os
import subprocess
import unittest

from browser import ACCOUNT, PASSWORD, USERNAME, WORK, Browser, tone

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def test_a_day(self):
        """One test, because a day is in order: what one step made, the next one changes."""
        for step in [
            self.begin, self.make_a_context, self.make_a_user_with_a_mistake, self.give_it_a_device,
            self.give_it_a_voicemail_box, self.give_the_box_a_greeting, self.find_it, self.change_it_in_two_windows,
            self.look_back, self.delete_it, self.restore_it, self.lose_the_way, self.look_at_the_whole,
            self.set_things_up, self.show_a_brand, self.take_a_number, self.say_something, self.make_a_key,
            self.walk_by_keyboard, self.write_in_other_scripts, self.read_the_documentation,
            self.paste_every_example, self.end,
        ]:
            step()
            self.assertEqual(self.browser.complaints, [], step.__name__)

    def begin(self):
        browser = self.browser
        browser.open("/")
        self.assertEqual(browser.path, "/login")
        browser.keep("login")
        browser.fill({"data.account_name": "nobody", "data.username": USERNAME, "data.password": "wrong"})
        browser.press("Log in")
        self.assertIn("No user of this account has this name and password", browser.text)
        self.assertEqual(browser.value("data.account_name"), "nobody")
        browser.log_in()
        self.assertRegex(browser.path, "^/v2/accounts/[0-9a-f]{32}$")
        type(self).account = browser.path
        browser.keep("home")

    def make_a_context(self):
        browser = self.browser
        browser.follow("Contexts")
        self.assertIn("There are no contexts yet", browser.text)
        browser.keep("empty")
        browser.follow("Make a context")
        browser.fill({"data.name": "inside"})
        ranges = browser.driver.find_element(By.ID, "data.user_ranges")
        ranges.find_element(By.TAG_NAME, "summary").click()
        browser.go(ranges.find_element(By.CSS_SELECTOR, "[value='add:user_ranges']"))
        self.assertEqual(browser.value("data.name"), "inside")
        browser.keep("rows")
        browser.fill({"data.user_ranges.0.start": "1000", "data.user_ranges.0.end": "1999"})
        browser.press("Create")
        self.assertEqual(browser.heading, "inside")
        self.assertIn("Created.", browser.text)
        self.assertIn("1999", browser.text)

    def make_a_user_with_a_mistake(self):
        browser = self.browser
        browser.follow("Users")
        browser.follow("New…")
        browser.keep("form")
        browser.fill({"data.first_name": "Ada", "data.last_name": "Byron", "data.username": "ada"})
        browser.fill({"data.timezone": "Europe/London", "data.enabled": False})
        browser.press("Create")
        self.assertIn("One thing has to be mended", browser.text)
        browser.keep("mistake")
        for name, value in [("first_name", "Ada"), ("username", "ada"), ("timezone", "Europe/London")]:
            self.assertEqual(browser.value(f"data.{name}"), value)
        browser.link("Password").click()
        self.assertTrue(browser.path.endswith("#data.password"))
        browser.fill({"data.password": "an engine of her own"})
        browser.press("Create")
        self.assertEqual(browser.heading, "Ada Byron")
        self.assertRegex(browser.text, r"Enabled\s+No")
        type(self).user = browser.path.split("?")[0]
        browser.keep("item")

    def give_it_a_device(self):
        browser = self.browser
        browser.follow("Devices")
        browser.follow("Make a device")
        browser.fill({"data.name": "Ada's <desk>", "data.owner_id": "Ada Byron"})
        browser.press("Create")
        self.assertEqual(browser.heading, "Ada's <desk>")
        browser.follow("Ada Byron")
        self.assertEqual(browser.path, self.user)

    def give_it_a_voicemail_box(self):
        browser = self.browser
        browser.open(f"{self.account}/voicemails?form=new")
        browser.fill({"data.name": "Ada's box", "data.number": "1001", "data.context_id": "inside"})
        browser.press("Create")
        browser.open(self.user)
        browser.follow("Link a voicemail box…")
        browser.keep("chooser")
        browser.press("Link")
        self.assertEqual(browser.path.split("?")[0], self.user)
        self.assertIn("Linked.", browser.text)
        self.assertIn("Ada's box", browser.text)
        browser.keep("linked")

    def give_the_box_a_greeting(self):
        """A recording is made, given its sound, heard, and chosen for a box."""
        browser = self.browser
        browser.open(f"{self.account}/media?form=new")
        browser.fill({"data.name": "Ada is away"})
        browser.press("Create")
        tone(WORK / "greeting.wav")
        browser.fill({"file": str(WORK / "greeting.wav")})
        browser.press("Upload")
        self.assertIn("Saved.", browser.text)
        duration = "return document.querySelector('audio').duration"
        browser.wait(lambda: (browser.driver.execute_script(duration) or 0) > 0.4)
        browser.keep("recording")
        browser.open(f"{self.account}/vmboxes?form=new")
        browser.fill({"data.name": "Ada's old box", "data.mailbox": "1002", "data.owner_id": "Ada Byron"})
        browser.driver.find_element(By.ID, "data.media").find_element(By.TAG_NAME, "summary").click()
        browser.fill({"data.media.unavailable": "Ada is away"})
        browser.press("Create")
        browser.follow("Ada is away")
        self.assertEqual(browser.heading, "Ada is away")

    def find_it(self):
        browser = self.browser
        browser.find("[role=search] [name=find]").send_keys("byron")
        browser.press("Search")
        browser.keep("search")
        browser.follow("Ada Byron")
        self.assertEqual(browser.path, self.user)
        browser.follow("Users")
        self.assertIn("users", browser.text)
        browser.keep("list")
        browser.driver.find_element(By.CSS_SELECTOR, ".filters summary").click()
        browser.fill({"filter_username": "ada"})
        browser.press("Show what matches")
        self.assertTrue(browser.path.endswith("users?ascending=true&filter_username=ada"), browser.path)
        self.assertIn("Byron, Ada", browser.text)
        self.assertNotIn("Admin, Account", browser.text)
        browser.keep("found")
        browser.follow("Byron, Ada")

    def change_it_in_two_windows(self):
        browser = self.browser
        browser.open(f"{self.user}?form=edit")
        first = browser.driver.current_window_handle
        browser.driver.switch_to.new_window("tab")
        browser.open(f"{self.user}?form=edit")
        browser.fill({"data.last_name": "King"})
        browser.press("Save")
        self.assertEqual(browser.heading, "Ada King")
        browser.driver.close()
        browser.driver.switch_to.window(first)
        browser.fill({"data.last_name": "Lovelace"})
        browser.press("Save")
        self.assertIn("Somebody else changed this while you did", browser.text)
        self.assertRegex(browser.text, r"Last name\s+King\s+Lovelace")
        browser.keep("conflict")
        browser.press("Save")
        self.assertEqual(browser.heading, "Ada Lovelace")

    def look_back(self):
        browser = self.browser
        browser.driver.find_element(By.CSS_SELECTOR, ".technical summary").click()
        browser.follow("What it was before")
        self.assertRegex(browser.text, r"Last name\s+King\s+Lovelace")
        browser.keep("history")
        browser.driver.back()

    def delete_it(self):
        browser = self.browser
        browser.follow("Delete…")
        self.assertIn("Ada's <desk>", browser.text)
        browser.keep("deletion")
        browser.press("Delete Ada")
        self.assertEqual(browser.heading, "Delete Ada Lovelace?")
        self.assertTrue(browser.driver.find_elements(By.CSS_SELECTOR, "[role=alert]"), "a user with a box stays")
        browser.open(self.user)
        browser.press("Unlink")
        self.assertIn("Unlinked.", browser.text)
        browser.follow("Delete…")
        browser.press("Delete Ada")
        self.assertEqual(browser.heading, "Users")
        self.assertIn("Deleted. Undo…", browser.text)
        self.assertNotIn("Ada", browser.text)
        browser.keep("deleted")

    def restore_it(self):
        browser = self.browser
        browser.open(self.user)
        self.assertEqual(browser.heading, "There is nothing here")
        browser.keep("missing")
        browser.follow("Recently deleted")
        browser.keep("graveyard")
        browser.follow("Ada Lovelace")
        browser.keep("grave")
        browser.press("Restore")
        self.assertEqual(browser.path.split("?")[0], self.user)
        self.assertEqual(browser.heading, "Ada Lovelace")
        self.assertIn("Restored.", browser.text)
        browser.follow("Devices")
        self.assertIn("Ada's <desk>", browser.text)

    def lose_the_way(self):
        browser = self.browser
        browser.open(f"{self.account}/users/{'0' * 32}")
        self.assertEqual(browser.heading, "There is nothing here")
        browser.follow("Back to the list")
        self.assertEqual(browser.heading, "Users")
        # nginx answers this one by itself.
        browser.open("/static/lost")
        self.assertIn("404 The server says", browser.text)
        browser.keep("of-nginx")
        browser.follow("Start page")

    def look_at_the_whole(self):
        browser = self.browser
        browser.open(f"{self.account}/alerts?form=new")
        browser.fill({"data.title": "Maintenance", "data.message": "Telephones restart on Sunday."})
        browser.press("Create")
        browser.open("/")
        self.assertIn("Telephones restart on Sunday.", browser.text)
        self.assertRegex(browser.text, r"User Ada Lovelace created by Account Admin")
        browser.keep("home-in-use")
        browser.follow("Security")
        browser.keep("security")
        browser.follow("Change")
        browser.keep("security-form")

    def set_things_up(self):
        """What has a page of its own without being in a list."""
        browser = self.browser
        browser.open(f"{self.account}/multi_factor?form=new")
        browser.keep("provider-form")
        browser.fill({"data.enabled": "No", "data.name": "Codes", "data.provider_name": "totp"})
        browser.press("Create")
        self.assertEqual(browser.heading, "Codes")
        browser.keep("provider")
        browser.open(f"{self.account}/multi_factor")
        browser.keep("providers")
        browser.follow("Codes")
        browser.follow("Delete…")
        browser.keep("provider-deletion")
        browser.press("Delete")
        self.assertNotIn("Codes", browser.text)

        browser.open(f"{self.account}/token_restrictions")
        browser.keep("not-set-up")
        browser.follow("Set it up…")
        for step, name in enumerate(["cb_api_auth", "user", "users"]):
            path = ".".join(["restrictions", *["cb_api_auth", "user"][:step]])
            browser.fill({f"key.{path}": name})
            browser.go(browser.find(f"[value='add:{path}']"))
        browser.go(browser.find("[value='add:restrictions.cb_api_auth.user.users']"))
        browser.fill({"data.restrictions.cb_api_auth.user.users.0.allowed_accounts": "_"})
        browser.keep("nested-rows")
        browser.press("Save")
        self.assertIn("Users › 1 › Accounts", browser.text)
        browser.keep("token-restrictions")
        browser.follow("Delete…")
        browser.press("Delete")
        self.assertEqual(browser.path, f"{self.account}?said=deleted")

    def show_a_brand(self):
        browser = self.browser
        browser.follow("Endpoint settings")
        browser.keep("endpoint-settings")
        browser.follow("Change")
        browser.keep("endpoint-settings-form")
        browser.fill({"data.default_can_text_self": False})
        browser.press("Save")
        self.assertRegex(browser.text, r"May text itself\s+No")

        browser.follow("Brand")
        browser.follow("Set it up…")
        browser.keep("brand-form")
        browser.fill({"data.company_name": "Lighthouse"})
        browser.press("Create")
        self.assertIn("Lighthouse", browser.text)
        browser.keep("brand")

    def take_a_number(self):
        browser = self.browser
        browser.follow("Telephone numbers")
        browser.keep("no-numbers")
        browser.fill({"new": "+14155550199"})
        browser.press("Add…")
        browser.keep("number-form")
        browser.press("Create")
        browser.press("Reserve")
        self.assertIn("Done.", browser.text)
        browser.keep("number")
        browser.follow("Telephone numbers")
        self.assertRegex(browser.text, r"\+14155550199\s+reserved\s+20\d\d-")
        browser.keep("numbers")

    def say_something(self):
        browser = self.browser
        browser.open(f"{self.account}/comments?form=new")
        browser.keep("comment-form")
        browser.fill({"data.comments.0.author": "Ada", "data.comments.0.content": "A call was lost."})
        browser.fill({"data.comments.0.timestamp": "63900000000"})
        browser.press("Create")
        self.assertRegex(browser.text, r"Comment 1\s+Ada\s+A call was lost.\s+2024-11-28")
        browser.keep("comments")
        browser.go(browser.find("tbody th a"))
        self.assertIn("A call was lost.", browser.text)
        browser.keep("comment")

    def make_a_key(self):
        """A new key ends all sessions, and the login leads back to it."""
        browser = self.browser
        browser.open(f"{self.account}/api_key")
        browser.keep("api-key")
        before = browser.text
        browser.press("Make a new key")
        self.assertEqual(browser.heading, "Log in")
        browser.fill({"data.account_name": ACCOUNT, "data.username": USERNAME, "data.password": PASSWORD})
        browser.press("Log in")
        self.assertEqual(browser.heading, "API key")
        self.assertNotEqual(browser.text, before)

    def walk_by_keyboard(self):
        """Every place that Tab comes to is on the page in the order of the text, and can be seen."""
        browser = self.browser
        for name, path in [
            ("list", f"{self.account}/users?ascending=true"), ("item", self.user), ("form", f"{self.user}?form=edit"),
            ("home", self.account), ("documentation", "/docs/users"),
        ]:
            with self.subTest(name):
                browser.open(path)
                seen = browser.tab()
                self.assertEqual(seen[0]["text"], "Skip to the content")
                self.assertEqual([place for place in seen if not place["isVisible"]], [])
                self.assertEqual([place for place in seen if not place["isOutlined"]], [])
                orders = [place["order"] for place in seen]
                self.assertEqual(orders, sorted(orders))
                self.assertEqual(len(seen), browser.count_of_places(), "no place is left out, and none holds on to Tab")
        browser.open(f"{self.account}/users?ascending=true")
        browser.type(Keys.TAB)
        browser.keep("keyboard")
        browser.type(Keys.ENTER)
        self.assertTrue(browser.path.endswith("#content"))
        browser.type(Keys.TAB)
        self.assertTrue(browser.find("main :focus").is_displayed(), "what follows is in the content")

    def write_in_other_scripts(self):
        browser = self.browser
        for first, last in [("Jürgen", "Groß-Müller"), ("ליאורה", "כהן"), ("Wolfe" * 20, "Schlegelstein" * 9)]:
            browser.open(f"{self.account}/users?form=new")
            browser.fill({"data.first_name": first, "data.last_name": last})
            browser.press("Create")
            self.assertEqual(browser.heading, f"{first} {last}")
        browser.keep("long-name")
        browser.follow("Users")
        self.assertIn("כהן, ליאורה", browser.text)
        browser.keep("scripts")
        browser.find("[role=search] [name=find]").send_keys("groß")
        browser.press("Search")
        self.assertIn("Jürgen Groß-Müller", browser.text)

    def read_the_documentation(self):
        browser = self.browser
        browser.follow("Documentation")
        browser.keep("documentation")
        lines = self.examples().replace("ACCOUNT\"", f'{ACCOUNT}"').replace('"USER"', f'"{USERNAME}"')
        lines = lines.replace('"PASSWORD"', f'"{PASSWORD}"')
        browser.go(browser.driver.find_element(By.CSS_SELECTOR, "dl a[href='/docs/devices']"))
        browser.keep("documentation-of-devices")
        self.assertIn("owner_id", browser.text)
        self.assertIn('"name": "Reception"', self.paste(lines + self.examples()))

    def paste_every_example(self):
        """The lines of each page, in an account of their own in which nothing is yet."""
        browser = self.browser
        browser.open(self.account)
        browser.make_account("Examples")
        account = browser.path.split("?")[0].split("/")[-1]
        browser.open("/docs")
        login = self.examples().replace("ACCOUNT\"", f'{ACCOUNT}"').replace('"USER"', f'"{USERNAME}"')
        login = login.replace('"PASSWORD"', f'"{PASSWORD}"')
        pages = [link.get_attribute("href") for link in browser.driver.find_elements(By.CSS_SELECTOR, "dl a[href^='/docs/']")]
        self.assertGreater(len(pages), 20)
        for page in pages:
            with self.subTest(page):
                browser.driver.get(page)
                lines = self.examples()
                self.assertIn("curl -X DELETE", lines)
                self.paste(login + f"ACCOUNT={account}\n" + lines)

    def examples(self):
        """The lines for a shell on the page."""
        blocks = self.browser.driver.find_elements(By.CSS_SELECTOR, "pre code")
        return "".join(block.text + "\n" for block in blocks)

    def paste(self, lines):
        """Runs lines in a shell, in which curl fails where the server does; what they print."""
        (WORK / ".curlrc").write_text("insecure\nfail-with-body\nsilent\n")
        environment = {**os.environ, "CURL_HOME": str(WORK)}
        done = subprocess.run(["bash", "-eu"], input=lines, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, f"{lines}\n{done.stdout}{done.stderr}")
        return done.stdout

    def end(self):
        browser = self.browser
        browser.press("Log out")
        self.assertEqual(browser.path, "/login")
        browser.follow("Forgotten your password?")
        browser.keep("recovery")
        browser.fill({"data.account_name": ACCOUNT, "data.username": "nobody"})
        browser.press("Send me a letter")
        self.assertIn("a letter is on its way", browser.text)
        browser.open(f"{self.account}/users?ascending=true")
        self.assertEqual(browser.heading, "Log in")
        browser.keep("session-over")
        browser.fill({"data.account_name": ACCOUNT, "data.username": USERNAME, "data.password": PASSWORD})
        browser.press("Log in")
        self.assertEqual(browser.path, f"{self.account}/users?ascending=true")
        self.assertEqual(browser.heading, "Users")


if __name__ == "__main__":
    unittest.main()
