"""A browser that runs no script, and what tests do with it."""

import base64
import importlib.resources
import json
import math
import os
import pathlib
import struct
import wave

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

URL = os.environ["JACKFIELD_URL"]
ACCOUNT = os.environ["JACKFIELD_ACCOUNT"]
USERNAME = os.environ["JACKFIELD_USERNAME"]
PASSWORD = os.environ["JACKFIELD_PASSWORD"]
KEPT = os.environ["JACKFIELD_PAGES"]
WORK = pathlib.Path(os.environ["JACKFIELD_WORK"])
PAGES = WORK / "pages"
AXE = importlib.resources.files("selenium_axe_python").joinpath("axe-core", "axe.min.js").read_text()
# What takes the focus by Tab, in the order of the page: what can be seen, and what is not taken out on purpose.
PLACES = """[...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, audio[controls], [tabindex="0"]'
)].filter(e => e.tabIndex >= 0 && e.checkVisibility())"""
# The element that has the focus; null if none has. Neither is a script of the page: the driver runs them.
FOCUS = f"""const e = document.activeElement;
if (!e || e === document.body || e === document.documentElement) return null;
const box = e.getBoundingClientRect(), style = getComputedStyle(e);
return {{
    text: e.textContent.trim() || e.name,
    order: {PLACES}.indexOf(e),
    isVisible: box.width > 1 && box.height > 1 && box.right > 0 && box.left < innerWidth,
    isOutlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
}}"""
# What a page is looked at on: a name, a width in pixels, colours.
LOOKS = [("wide", 1280, "light"), ("phone", 390, "light"), ("dark", 1280, "dark")]


def chromium(runs_scripts):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for switch in ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,900"]:
        options.add_argument(switch)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    if not runs_scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("acceptInsecureCerts", True)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def looks(driver):
    """Shows the page as on each kind of screen, one after the other: its name and its measures."""
    cdp = driver.execute_cdp_cmd
    for look, width, scheme in LOOKS:
        cdp("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        cdp("Emulation.setDeviceMetricsOverride", metrics)
        yield look, metrics
    cdp("Emulation.clearDeviceMetricsOverride", {})
    cdp("Emulation.setEmulatedMedia", {"features": []})


class Browser:
    """Chromium without JavaScript. Every page that is looked at is kept for the validators."""

    def __init__(self):
        self.driver = chromium(runs_scripts=False)

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
        self.wait(lambda: self.has_left(page))

    def has_left(self, page):
        """Whether another page is shown than the one of this element."""
        try:
            page.is_enabled()
            return False
        except StaleElementReferenceException:
            return True
        except WebDriverException as error:
            # What chromedriver says between two pages.
            if "does not belong to the document" in error.msg:
                return True
            raise

    def wait(self, condition):
        WebDriverWait(self.driver, 10, 0.05).until(lambda _: condition())

    def keep(self, name):
        """Keeps the page as the server sent it, for the validators; and pictures, if somebody wants to look."""
        received = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        documents = [
            message["params"]["requestId"]
            for message in received
            if message["method"] == "Network.responseReceived" and message["params"]["type"] == "Document"
        ]
        body = self.driver.execute_cdp_cmd("Network.getResponseBody", {"requestId": documents[-1]})
        page = base64.b64decode(body["body"]).decode() if body["base64Encoded"] else body["body"]
        PAGES.mkdir(exist_ok=True)
        (PAGES / f"{name}.html").write_text(page)
        if KEPT:
            pathlib.Path(KEPT, f"{name}.html").write_text(page)
            for look, metrics in looks(self.driver):
                self.picture(f"{name}-{look}", metrics)

    def picture(self, name, metrics):
        cdp = self.driver.execute_cdp_cmd
        size = cdp("Page.getLayoutMetrics", {})["cssContentSize"]
        cdp("Emulation.setDeviceMetricsOverride", {**metrics, "height": min(int(size["height"]), 3000)})
        picture = cdp("Page.captureScreenshot", {})["data"]
        pathlib.Path(KEPT, f"{name}.png").write_bytes(base64.b64decode(picture))

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

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def value(self, name):
        return self.driver.find_element(By.NAME, name).get_attribute("value")

    def press(self, text):
        """Presses the button with this text that a person can see."""
        for button in self.driver.find_elements(By.TAG_NAME, "button"):
            if button.get_attribute("aria-hidden") != "true" and button.text.startswith(text):
                self.go(button)
                return
        raise AssertionError(f"no button {text!r} on {self.path}: {self.text[:300]}")

    # By keyboard

    def type(self, key):
        # What is sent to a field for files is taken for the name of one.
        ActionChains(self.driver).send_keys(key).perform()

    def tab(self):
        """Where Tab leads from the top of the page to its end: what is there, and how it looks with the focus."""
        places = []
        while len(places) < 500:
            self.type(Keys.TAB)
            place = self.driver.execute_script(FOCUS)
            if place is None or places and place["order"] == places[0]["order"]:
                return places
            places.append(place)
        raise AssertionError(f"Tab never leaves {self.path}")

    def count_of_places(self):
        """How many elements Tab has to come to."""
        return self.driver.execute_script(f"return {PLACES}.length")

    def make_account(self, name):
        """Makes an account below the one whose home is shown, and looks at it."""
        self.follow("New account…")
        self.fill({"data.name": name})
        self.press("Create")

    def log_in(self, username=USERNAME, password=PASSWORD):
        self.open("/login")
        self.fill({"data.account_name": ACCOUNT, "data.username": username, "data.password": password})
        self.press("Log in")


def tone(path):
    """Writes half a second of a tone."""
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(t / 3))) for t in range(4000)))


