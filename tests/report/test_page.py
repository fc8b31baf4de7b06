#!/usr/bin/env python3
"""tests/report/test_page.py RENDER - the page in a real Chromium, at the width of a phone, a laptop and
a wide screen: nothing sticks out, no label lies on another, nothing is fetched.

A script that measures is put into a copy of the page, whose policy is taken out for that; the page as
it is must load without anything being refused."""
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

RENDER = sys.argv[1]
SKIP = 77
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WIDTHS = {390: "p0", 820: "p1", 1366: "p2", 2560: "p3"}
LINKS = {"small": 3, "seconds": 11, "months": 9, "forty": 300, "hostile": 13, "empty": 0}

MEASURE = """<script>
const seen = e => e.getClientRects().length > 0, box = e => { const r = e.getBoundingClientRect();
  return [r.left, r.top, r.right, r.bottom]; };
const pictures = [...document.querySelectorAll('svg.pic')].filter(seen);
const out = {inner: innerWidth, scroll: document.documentElement.scrollWidth,
  fetched: performance.getEntriesByType('resource').length,
  wide: [...document.body.querySelectorAll('*')].filter(e => seen(e) && !e.closest('svg') &&
    !e.closest('thead') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName),
  pictures: pictures.map(p => p.getAttribute('class')),
  frame: pictures.map(box), texts: [], marks: [], links: 0,
  font: getComputedStyle(document.body).fontSize, rows: document.querySelectorAll('tbody tr').length};
for (const p of pictures) {
  for (const t of p.querySelectorAll('text'))
    out.texts.push([t.textContent.slice(0, 60), ...box(t), t.parentNode.classList.contains('mark')]);
  for (const g of p.querySelectorAll('g.mark')) {
    out.links += +g.dataset.links;
    out.marks.push(['mark', ...box(g.querySelector('rect:not(.ring)'))]);
  }
}
const pre = document.createElement('pre');
pre.id = 'measured';
pre.textContent = JSON.stringify(out);
document.body.append(pre);
</script>"""


COLLECT = """<script>
addEventListener('load', () => {
  const all = {};
  for (const f of document.querySelectorAll('iframe'))
    all[f.id] = JSON.parse(f.contentDocument.getElementById('measured').textContent);
  const pre = document.createElement('pre');
  pre.id = 'all';
  pre.textContent = JSON.stringify(all);
  document.body.replaceChildren(pre);
});
</script>"""


def render(sample):
    return subprocess.run([RENDER, sample, "html"], capture_output=True, check=True).stdout.decode()


def overlap(a, b):
    """How far two boxes reach into each other, in pixels."""
    return min(min(a[3], b[3]) - max(a[1], b[1]), min(a[4], b[4]) - max(a[2], b[2]))


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="tocsin-page-")
        cls.addClassCleanup(shutil.rmtree, cls.dir, ignore_errors=True)

    def chromium(self, name, width, *more):
        run = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--hide-scrollbars", f"--user-data-dir={self.dir}/profile", "--enable-logging=stderr",
             "--host-resolver-rules=MAP * ~NOTFOUND", f"--window-size={width},1200", *more,
             f"file://{self.dir}/{name}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ, HOME=self.dir),
            timeout=110, check=True)
        return run.stdout.decode(), run.stderr.decode("utf-8", "replace")

    def write(self, name, text):
        with open(f"{self.dir}/{name}.html", "w", encoding="utf-8") as f:
            f.write(text)

    def measure(self):
        """Each page in a frame of each width, all in one run; a window cannot be as narrow as a phone."""
        frames = []
        for sample in LINKS:
            bare, found = re.subn('<meta http-equiv="Content-Security-Policy"[^>]*>', "", render(sample))
            self.assertEqual(found, 1)
            page = html.escape(bare.replace("</body>", MEASURE + "</body>"))
            frames += [f'<iframe id="{sample}-{w}" width="{w}" height="1200" style="border:0" '
                       f'srcdoc="{page}"></iframe>' for w in WIDTHS]
        self.write("frames", "<!DOCTYPE html><meta charset=utf-8><body>" + "".join(frames) + COLLECT)
        dom, _ = self.chromium("frames.html", 2600, "--dump-dom")
        return json.loads(html.unescape(re.search('<pre id="all">(.*?)</pre>', dom, re.S).group(1)))

    def check_labels(self, m):
        texts, scale = m["texts"], 1.0
        frame = ["frame", *m["frame"][0]]
        for i, a in enumerate(texts):
            self.assertGreaterEqual(a[1], frame[1] - scale, a)
            self.assertLessEqual(a[3], frame[3] + scale, a)
            for b in texts[i + 1:]:
                self.assertLess(overlap(a, b), 2.5, (a, b))
            if not a[5]:
                for mark in m["marks"]:
                    self.assertLess(overlap(a, mark), 2.5, (a, mark))
        for i, a in enumerate(m["marks"]):
            for b in m["marks"][i + 1:]:
                self.assertLess(overlap(a, b), 1, (a, b))

    def check(self, m, sample, width):
        self.assertEqual(m["inner"], width)
        self.assertLessEqual(m["scroll"], width)
        self.assertEqual(m["wide"], [])
        self.assertEqual(m["fetched"], 0)
        self.assertEqual(m["links"], LINKS[sample])
        if LINKS[sample]:
            self.assertEqual([p.split()[1] for p in m["pictures"]], [WIDTHS[width]])
            self.check_labels(m)

    def test_measured(self):
        measured = self.measure()
        self.assertEqual(len(measured), len(LINKS) * len(WIDTHS))
        for sample in LINKS:
            for width in WIDTHS:
                with self.subTest(sample=sample, width=width):
                    self.check(measured[f"{sample}-{width}"], sample, width)

    def test_as_it_is(self):
        for sample in ("hostile", "forty"):
            self.write(sample, render(sample))
            dom, log = self.chromium(sample + ".html", 1366, "--dump-dom")
            self.assertNotRegex(log, "Refused|violates|ERR_NAME_NOT_RESOLVED")
            self.assertEqual(len(re.findall("<script", dom)), 0)


if __name__ == "__main__":
    if not CHROMIUM:
        print("skipped: no chromium")
        sys.exit(SKIP)
    unittest.main(argv=sys.argv[:1])
