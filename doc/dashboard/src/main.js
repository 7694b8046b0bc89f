// The page: a header, a section for each study, and figures that redraw with the width.
import { figuresOf, keyFigures } from "./figures.js";
import { fixed, pValue } from "./format.js";
import { Study } from "./study.js";
import { dataTable, tableOne } from "./table.js";

const data = JSON.parse(document.getElementById("data").textContent);

function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// Every chart, to be drawn anew when its width changes and for paper.
const drawings = [];
const paperWidth = 680;
let onPaper = false;

function redraw() {
  for (const drawing of drawings) {
    const wanted = onPaper ? paperWidth : Math.floor(drawing.box.clientWidth);
    if (wanted > 0 && wanted !== drawing.width) {
      drawing.width = wanted;
      drawing.box.replaceChildren(drawing.draw(wanted));
    }
  }
}

let figureNumber = 0;

function figure(study, content) {
  figureNumber += 1;
  const id = `figure-${figureNumber}`;
  const box = make("div", {
    class: "chart",
    role: "img",
    "aria-labelledby": `${id}-title`,
    "aria-describedby": `${id}-caption`,
  });
  const caption = `Figure ${figureNumber}. ${content.title}`;
  drawings.push({ box, draw: content.draw, width: 0 });
  return make(
    "figure",
    { id, "data-kind": content.kind, "data-study": study.id },
    make(
      "h3",
      { id: `${id}-title` },
      make("span", { class: "figure-number" }, `Figure ${figureNumber}`),
      ` ${content.title}`,
    ),
    box,
    make("figcaption", { id: `${id}-caption` }, content.caption),
    make(
      "details",
      {},
      make("summary", {}, `The figures behind figure ${figureNumber}`),
      dataTable(caption, content.columns, content.rows),
    ),
  );
}

function section(study, number) {
  const node = make(
    "section",
    { id: study.id, "aria-labelledby": `${study.id}-title` },
    make("h2", { id: `${study.id}-title` }, `${number}. ${study.name}`),
    make("p", { class: "about" }, study.about),
    make("p", { class: "provenance" }, study.data),
  );
  const tiles = keyFigures(study);
  if (tiles.length)
    node.append(
      make(
        "ul",
        { class: "tiles" },
        ...tiles.map((tile) =>
          make(
            "li",
            {},
            make("strong", {}, tile.value),
            make("span", {}, tile.label),
            make("small", {}, tile.more ?? ""),
          ),
        ),
      ),
    );
  if (study.has("table_one")) {
    const caption = `Table ${number}. Patients at entry`;
    node.append(
      make(
        "div",
        { class: "table-one", "data-study": study.id },
        tableOne(study, caption, { pValue, fixed }),
        make(
          "p",
          { class: "caption" },
          "Mean (SD) or n (%). p: Welch’s t, chi-squared or Fisher’s exact test. SMD: standardized mean difference.",
        ),
      ),
    );
  }
  node.append(...figuresOf(study).map((content) => figure(study, content)));
  return node;
}

function page() {
  const studies = data.studies.map((config) => new Study(config));
  const links = studies.map((study) => make("li", {}, make("a", { href: `#${study.id}` }, study.name)));
  document.body.append(
    make(
      "header",
      {},
      make("h1", {}, data.title),
      make("p", {}, data.intro),
      make("nav", { "aria-label": "Studies" }, make("ol", {}, ...links)),
    ),
    make("main", {}, ...studies.map((study, i) => section(study, i + 1))),
    make(
      "footer",
      {},
      make(
        "p",
        {},
        `Read from the database on ${data.day} with ketocohort ${data.version}. CI: confidence interval.`,
      ),
    ),
  );
}

page();
redraw();
new ResizeObserver(() => redraw()).observe(document.body);
for (const [event, paper] of [
  ["beforeprint", true],
  ["afterprint", false],
])
  window.addEventListener(event, () => {
    onPaper = paper;
    redraw();
  });
document.fonts.ready.then(() => {
  document.body.dataset.ready = "true";
});
