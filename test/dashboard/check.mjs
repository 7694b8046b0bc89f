// Looks at the built pages in headless Chromium:
//   node check.mjs PAGE OWN_PAGE CHROMIUM EXAMPLE
// PAGE shows the replicas, OWN_PAGE a small study of one's own; EXAMPLE is the committed
// page.  Prints "ok" or "not ok" for each test.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { ask, askText, drawn, lines, tableOne, tables, words } from "./expected.mjs";

const [page, ownPage, browserPath, example] = process.argv.slice(2);
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
let failed = 0;

function ok(name, passed, ...notes) {
  console.log(`${passed ? "ok" : "not ok"} - ${name}`);
  if (passed) return;
  failed += 1;
  for (const note of notes) console.log(`# ${typeof note === "string" ? note : JSON.stringify(note)}`);
}

const none = (name, found) => ok(name, found.length === 0, ...found.slice(0, 10));

// ---- in the page ------------------------------------------------------------------------

// The text of a table's rows; of the figures of a kind in a study, in order.
const readTables = ({ study, kind }) =>
  [...document.querySelectorAll(`figure[data-study="${study}"][data-kind="${kind}"] table`)].map((table) =>
    [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
  );

// The values at a figure's marks, by the ticks of the axis drawn beside them.
function readMarks({ selector, along }) {
  const values = [];
  const figure = selector.replace(/ .*/, "");
  const mark = selector.replace(/^\S+ /, "");
  const axis = along === "y" ? "y" : "x";
  let scale = null;
  for (const svg of document.querySelectorAll(`${figure} svg`)) {
    const marks = svg.querySelectorAll(`${mark} circle, ${mark} rect`);
    if (!marks.length) continue;
    const ticks = [...svg.querySelectorAll(`g[aria-label="${axis}-axis tick label"] text`)].map((text) => {
      const [, x, y] = text.getAttribute("transform").match(/translate\(([-\d.]+),([-\d.]+)\)/);
      return [Number(axis === "y" ? y : x), Number(text.textContent.replace("−", "-").replace("%", ""))];
    });
    if (ticks.length > 1) {
      const [[p0, v0], [p1, v1]] = [ticks[0], ticks[ticks.length - 1]];
      scale = (p) => v0 + ((p - p0) * (v1 - v0)) / (p1 - p0);
      scale.pixel = Math.abs((v1 - v0) / (p1 - p0));
    }
    for (const node of marks)
      values.push({
        pixel: scale.pixel,
        value:
          along === "width"
            ? Number(node.getAttribute("width")) * scale.pixel
            : scale(Number(node.getAttribute(along === "y" ? "cy" : "cx"))),
      });
  }
  return values;
}

// The relative luminance of a colour, as WCAG defines it; the functions below use it.
function addLuminance() {
  window.luminance = (colour) =>
    colour
      .match(/[\d.]+/g)
      .slice(0, 3)
      .map((c) => Number(c) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
}

// What a reader could not make out: drawings without size, words off the page or small,
// words over words, contrast below 4.5.
function readFaults() {
  const faults = [];
  const contrast = (a, b) =>
    (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);
  const right = document.documentElement.clientWidth;
  for (const figure of document.querySelectorAll("figure")) {
    const svgs = [...figure.querySelectorAll(".chart svg")];
    if (!svgs.length) faults.push(`${figure.id}: nothing drawn`);
    for (const svg of svgs) {
      const box = svg.getBoundingClientRect();
      if (box.width < 100 || box.height < 60) faults.push(`${figure.id}: ${box.width} by ${box.height}`);
      if (/NaN|undefined|null/.test(svg.outerHTML))
        faults.push(`${figure.id}: no number where one is needed`);
      const bars = [...svg.querySelectorAll("rect")];
      const words = [...svg.querySelectorAll("text")]
        .filter((text) => text.textContent.trim())
        .map((text) => {
          const { left, top, right: end, bottom } = text.getBoundingClientRect();
          return { text, said: text.textContent, left, top, right: end, bottom };
        });
      words.forEach((word, i) => {
        const look = getComputedStyle(word.text);
        if (word.left < -0.5 || word.right > right + 0.5)
          faults.push(`${figure.id}: "${word.said}" leaves the page`);
        if (parseFloat(look.fontSize) * (box.width / Number(svg.getAttribute("width"))) < 11)
          faults.push(`${figure.id}: "${word.said}" is small`);
        const middle = [(word.left + word.right) / 2, (word.top + word.bottom) / 2];
        const below = bars
          .filter((bar) => {
            const at = bar.getBoundingClientRect();
            return (
              at.left <= middle[0] && at.right >= middle[0] && at.top <= middle[1] && at.bottom >= middle[1]
            );
          })
          .filter((bar) => Number(getComputedStyle(bar).fillOpacity) === 1)
          .pop();
        const paper = below ? getComputedStyle(below).fill : "rgb(255, 255, 255)";
        if (contrast(look.fill, paper) < 4.5)
          faults.push(`${figure.id}: "${word.said}" has contrast ${contrast(look.fill, paper).toFixed(1)}`);
        for (const bar of bars) {
          const at = bar.getBoundingClientRect();
          const later = word.text.compareDocumentPosition(bar) & Node.DOCUMENT_POSITION_FOLLOWING;
          if (
            later &&
            Math.min(word.right, at.right) - Math.max(word.left, at.left) > 1 &&
            Math.min(word.bottom, at.bottom) - Math.max(word.top, at.top) > 1
          )
            faults.push(`${figure.id}: "${word.said}" under a box`);
        }
        for (const other of words.slice(i + 1)) {
          const wide = Math.min(word.right, other.right) - Math.max(word.left, other.left);
          const high = Math.min(word.bottom, other.bottom) - Math.max(word.top, other.top);
          if (wide > 1 && high > 5) faults.push(`${figure.id}: "${word.said}" over "${other.said}"`);
        }
      });
    }
  }
  if (document.documentElement.scrollWidth > right)
    faults.push(`the page is ${document.documentElement.scrollWidth} wide`);
  return faults;
}

// ---- the tests -----------------------------------------------------------------------------

const browser = await chromium.launch({
  executablePath: browserPath,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ],
});

// Opens a page from the file system; complaints fills with what the console says.
async function open(file, width, complaints = []) {
  const tab = await browser.newPage({ viewport: { width, height: 900 } });
  await tab.addInitScript(addLuminance);
  tab.on("console", (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  tab.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  tab.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) complaints.push(`asks for ${request.url()}`);
  });
  await tab.goto(pathToFileURL(file).href);
  await tab.waitForSelector("body[data-ready]", { timeout: 20000 });
  return tab;
}

async function checkNumbers(tab) {
  for (const [study, kinds] of Object.entries(tables))
    for (const [kind, queries] of Object.entries(kinds)) {
      const shown = await tab.evaluate(readTables, { study, kind });
      queries.forEach((query, i) => {
        const expected = askText(query);
        const got = shown[i] ?? [];
        const differing = expected
          .map((row, j) => [row, got[j]])
          .filter(([a, b]) => JSON.stringify(a) !== JSON.stringify(b));
        ok(
          `${study}, ${kind}${queries.length > 1 ? ` ${i + 1}` : ""}: ${expected.length} rows as in SQL`,
          expected.length > 0 && got.length === expected.length && differing.length === 0,
          `${got.length} rows shown`,
          ...differing.slice(0, 5),
        );
      });
    }
  for (const [study, row, column, query] of tableOne) {
    const shown = await tab.evaluate(
      ([s, r, c]) =>
        [...document.querySelectorAll(`#${s} .table-one tbody tr`)].find(
          (tr) => tr.cells[0].textContent === r,
        )?.cells[c].textContent,
      [study, row, column],
    );
    const [{ display }] = ask(query);
    ok(`${study}, Table 1, ${row}, column ${column}: ${display}`, shown === display, `shown: ${shown}`);
  }
}

async function checkWords(tab) {
  for (const [study, name, selector, query] of words) {
    const [[expected]] = askText(query);
    const shown = (await tab.locator(`#${study} ${selector}`).allTextContents()).join(" ");
    ok(`${study}, ${name} as in SQL`, shown === expected, `expected: ${expected}`, `shown: ${shown}`);
  }
}

async function checkDrawings(tab) {
  for (const [study, marks] of Object.entries(drawn))
    for (const [name, [along, query]] of Object.entries(marks)) {
      const [kind, mark] = name.split(" ");
      const expected = ask(query).map((row) => Number(Object.values(row)[0]));
      const got = await tab.evaluate(readMarks, {
        selector: `figure[data-study="${study}"][data-kind="${kind}"] ${mark}`,
        along,
      });
      const off = expected
        .map((value, i) => [value, got[i]])
        .filter(([value, mark]) => !mark || Math.abs(mark.value - value) > 0.51 * mark.pixel);
      ok(
        `${study}, ${kind}: ${expected.length} marks stand where SQL says`,
        got.length === expected.length && off.length === 0,
        `${got.length} marks`,
        ...off.slice(0, 5),
      );
    }
  for (const [study, query] of Object.entries(lines)) {
    const got = await tab
      .locator(`figure[data-study="${study}"][data-kind="trajectory"] .patient-lines path`)
      .count();
    ok(`${study}: a line for each of ${ask(query)[0].n} patients`, got === ask(query)[0].n, `${got} lines`);
  }
}

async function checkAccess(tab, name) {
  await tab.addScriptTag({ path: axe }).catch(() => {});
  if (!(await tab.evaluate(() => "axe" in window))) await tab.evaluate(await readFile(axe, "utf8"));
  const { violations } = await tab.evaluate(() => window.axe.run());
  none(
    `${name}: axe finds nothing against WCAG or good practice`,
    violations.map((v) => `${v.id}: ${v.help} (${v.nodes.length}) ${v.nodes[0].html.slice(0, 120)}`),
  );
  const faults = await tab.evaluate(() =>
    [...document.querySelectorAll("figure")].flatMap((figure) => {
      const chart = figure.querySelector(".chart");
      const named = (attribute) =>
        document.getElementById(chart.getAttribute(attribute))?.textContent.length > 20;
      const table = figure.querySelector("details table");
      return [
        chart.getAttribute("role") === "img" && named("aria-labelledby") && named("aria-describedby")
          ? null
          : `${figure.id}: no text for the chart`,
        table &&
        table.caption &&
        table.tBodies[0].rows.length > 0 &&
        table.querySelectorAll("thead th[scope=col]").length > 2
          ? null
          : `${figure.id}: no table`,
      ].filter(Boolean);
    }),
  );
  none(`${name}: every chart has a name, a description and a table`, faults);
}

// The classes of dose have to differ in lightness, for grey paper and any kind of eye.
async function checkLightness(tab) {
  const steps = await tab.evaluate(() => {
    const fills = [
      ...new Set(
        [...document.querySelectorAll(".categories rect")].map((rect) => getComputedStyle(rect).fill),
      ),
    ];
    const lightness = (y) => (y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y);
    return fills.map((fill) => lightness(luminance(fill))).sort((a, b) => a - b);
  });
  ok(
    "classes of dose differ in lightness",
    steps.length === 5 && steps.slice(1).every((step, i) => step - steps[i] >= 7),
    steps,
  );
}

async function checkPrint(tab) {
  await tab.setViewportSize({ width: 688, height: 900 });
  await tab.emulateMedia({ media: "print" });
  await tab.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  none("print: nothing small, covered or off the paper", await tab.evaluate(readFaults));
  const tall = await tab.evaluate(() =>
    [...document.querySelectorAll("figure, .table-one")]
      .filter((figure) => figure.getBoundingClientRect().height > 1010)
      .map((figure) => figure.id),
  );
  none("print: every figure fits on a page", tall);
  await tab.emulateMedia({ media: null });
  const paper = (await tab.pdf({ preferCSSPageSize: true })).toString("latin1");
  const pages = (paper.match(/\/Type\s*\/Page\b/g) ?? []).length;
  ok("print: from 5 to 12 pages", pages >= 5 && pages <= 12, `${pages} pages`);
}

// The committed page holds the same data as the one just built, to 1e-9.
async function checkExample() {
  const dataOf = async (file) =>
    JSON.parse((await readFile(file, "utf8")).match(/id="data">(.*?)<\/script>/s)[1]);
  const differences = [];
  const compare = (a, b, path) => {
    if (differences.length > 5) return;
    if (typeof a === "number" && typeof b === "number") {
      if (Math.abs(a - b) > 1e-9 * Math.max(Math.abs(a), Math.abs(b)))
        differences.push(`${path}: ${a}, ${b}`);
    } else if (a && b && typeof a === "object" && typeof b === "object") {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
        if (path !== "" || (key !== "day" && key !== "version")) compare(a[key], b[key], `${path}/${key}`);
    } else if (a !== b) differences.push(`${path}: ${a}, ${b}`);
  };
  compare(await dataOf(page), await dataOf(example), "");
  none("the committed page shows the same data", differences);
}

const complaints = [];
const tab = await open(page, 1100, complaints);
ok(
  "13 figures, each drawn",
  (await tab.locator("figure .chart svg:first-of-type").count()) >= 13 &&
    (await tab.locator("figure").count()) === 13,
);
for (const kind of ["trajectory", "change", "curve", "categories", "profiles", "attrition", "mediation"])
  ok(`a figure of kind ${kind}`, (await tab.locator(`figure[data-kind="${kind}"] svg`).count()) > 0);
await checkNumbers(tab);
await checkWords(tab);
await checkDrawings(tab);
await checkAccess(tab, "the page");
await checkLightness(tab);
await tab.close();

for (const width of [320, 400, 768, 1100, 1600]) {
  const other = await open(page, width, complaints);
  none(`${width} pixels: nothing small, covered, pale or off the page`, await other.evaluate(readFaults));
  await other.close();
}

const resized = await open(page, 1100, complaints);
await resized.setViewportSize({ width: 400, height: 900 });
await resized
  .waitForFunction(() => Number(document.querySelector("#figure-2 svg").getAttribute("width")) < 400, null, {
    timeout: 10000,
  })
  .then(
    () => ok("a narrower window redraws the charts", true),
    (error) => ok("a narrower window redraws the charts", false, error.message),
  );
await checkPrint(resized);
await resized.close();
none("no complaint on the console, nothing asked of a network", complaints);

const ownComplaints = [];
const own = await open(ownPage, 768, ownComplaints);
none("a study of one's own: nothing small, covered or off the page", await own.evaluate(readFaults));
ok(
  "its title as written",
  (await own.title()) === "A study of one's own & <few> patients",
  await own.title(),
);
ok(
  "its group with a quote as written",
  (await own.locator(".panel-title").first().textContent()).startsWith("O'Neil </script>"),
);
const seenAtEnd = await own.locator('figure[data-kind="attrition"] h3').textContent();
ok(
  "its patients seen and lost",
  seenAtEnd.includes("4 of 6 patients seen at visit of 2024-06-01, 2 lost"),
  seenAtEnd,
);
await checkAccess(own, "a study of one's own");
none("a study of one's own: no complaint on the console", ownComplaints);

await checkExample();
await browser.close();
process.exit(failed ? 1 : 0);
