// The charts.  Each takes its rows and a width in pixels, and returns an element that holds
// one drawing or several of one size, so that small multiples align.
import * as Plot from "@observablehq/plot";
import { fixed, interval, number, percent, withP } from "./format.js";

// Okabe and Ito's colours, told apart by colour-blind readers; greys that print.
export const colour = {
  ink: "#1c2733", quiet: "#5b6673", rule: "#c9d0d7", faint: "#8a97a5",
  main: "#0072b2", alert: "#b34700", scale: ["#dbe9f6", "#9dc7e4", "#62a3d1", "#0b4f8a"],
};

const style = { fontFamily: "inherit", fontSize: "13px", color: colour.ink, background: "none", overflow: "visible" };
const halo = { fill: colour.ink, stroke: "white", strokeWidth: 4, paintOrder: "stroke" };
const gap = 24;

function plot(options) {
  const drawn = Plot.plot({ ...options, style });
  drawn.setAttribute("aria-hidden", "true");
  return drawn;
}

// Panels of equal width in as many columns as fit.
function panels(items, width, least, most, draw) {
  const columns = Math.max(1, Math.min(items.length, most, Math.floor((width + gap) / (least + gap))));
  const panelWidth = Math.floor((width - gap * (columns - 1)) / columns);
  const grid = document.createElement("div");
  grid.className = "panels";
  grid.style.gridTemplateColumns = `repeat(${columns}, ${panelWidth}px)`;
  items.forEach((item, i) => {
    const panel = document.createElement("div");
    const head = document.createElement("div");
    head.className = "panel-title";
    const { title, drawing } = draw(item, panelWidth, i % columns === 0, i);
    head.textContent = title;
    if (title) panel.append(head);
    panel.append(drawing);
    grid.append(panel);
  });
  return grid;
}

function visitScale(study, width) {
  if (study.visits.axis === "steps")
    return {
      type: "point", domain: study.visitTimes, padding: 0.25, label: null, tickSize: 0,
      tickFormat: (v) => study.visitName(v),
    };
  return {
    type: study.visits.axis === "date" ? "utc" : "linear", label: study.visits.label, labelAnchor: "center",
    ticks: study.visits.ticks ?? Math.floor(width / 80), tickSize: 4, labelArrow: "none", labelOffset: 36,
  };
}

// A patient's lines are moved up or down together, so that whole scores do not cover each other.
const shift = (patient, jitter) => jitter * (((Number(patient) * 0.6180339887) % 1) - 0.5) * 2;

// Dashed lines with their values at the right, the lowest value moved down, the highest up.
const limitLines = (limits, dx) => limits.map((limit, i) => [
  Plot.ruleY([limit], { stroke: colour.alert, strokeDasharray: "5 3" }),
  Plot.text([limit], { y: (y) => y, text: (y) => fixed(y, 0), frameAnchor: "right", textAnchor: "end", dx,
    dy: limits.length === 1 ? 0 : i === 0 ? 4 : -4, fontSize: 12, fontWeight: 600, ...halo, fill: colour.alert }),
]);

export function trajectory(study, outcome, width) {
  const values = study.panelValues();
  const of = (view, value) => study.rows(view, { measure: outcome.measure, group_name: study.panelGroup, group_value: value });
  const lines = (value) => of("patient_lines", value)
    .map((row) => ({ ...row, value: row.value + shift(row.patient, outcome.jitter ?? 0) }));
  const means = study.rows("trajectory", { measure: outcome.measure, group_name: study.panelGroup });
  const every = [...study.rows("patient_lines", { measure: outcome.measure }).map((row) => row.value),
    ...means.flatMap((row) => [row.conf_low ?? row.mean, row.conf_high ?? row.mean])];
  const domain = outcome.domain ?? [Math.min(0, ...every), Math.max(...every)];
  const steps = study.visits.axis === "steps";

  return panels(values, width, 300, 3, (value, panelWidth, first) => {
    const rows = of("trajectory", value).filter((row) => row.mean !== null);
    const patients = new Set(lines(value).map((row) => row.patient)).size;
    const labelled = steps ? rows : [rows[0], rows[rows.length - 1]];
    const counted = study.visits.ticks ? rows.filter((row) => study.visits.ticks.includes(row.visit_time)) : rows;
    const position = { x: "visit_time", y: "mean" };
    return {
      title: value === "all" ? "" : `${study.valueName(value)}, n = ${rows[0].n}`,
      drawing: plot({
        width: panelWidth, height: Math.round(Math.min(400, Math.max(300, panelWidth * 0.62))),
        marginLeft: 44, marginRight: steps ? 28 : 34, marginBottom: steps ? 56 : 72, marginTop: 30,
        x: visitScale(study, panelWidth),
        y: { domain, nice: true, ticks: 5, tickSize: 0, label: null },
        marks: [
          Plot.axisY({ ticks: 5, tickSize: 0, label: null }),
          Plot.gridY({ ticks: 5, stroke: colour.rule, strokeOpacity: 0.55 }),
          limitLines(outcome.lines ?? [], 24),
          Plot.lineY(lines(value), { x: "visit_time", y: "value", z: "patient", className: "patient-lines",
            stroke: colour.faint, strokeOpacity: patients > 80 ? 0.13 : 0.4, strokeWidth: 1 }),
          Plot.areaY(rows, { x: "visit_time", y1: "conf_low", y2: "conf_high", className: "band", fill: colour.main, fillOpacity: 0.28 }),
          Plot.lineY(rows, { ...position, stroke: colour.main, strokeWidth: 2.5, className: "mean-line" }),
          Plot.dot(rows, { ...position, r: 4, fill: colour.main, stroke: "white", className: "mean-dots" }),
          Plot.text(labelled, { ...position, text: (row) => number(row.mean, outcome.digits), dy: -15,
            fontWeight: 700, fontSize: 14, ...halo, fill: colour.main }),
          Plot.text(counted, { x: "visit_time", frameAnchor: "bottom", text: (row) => `${row.n}`, dy: steps ? 40 : 62,
            fill: colour.quiet }),
          Plot.text(["n"], { frameAnchor: "bottom-left", dx: -22, dy: steps ? 40 : 62, fill: colour.quiet, fontStyle: "italic" }),
          first ? Plot.text([`${outcome.unit}`], { frameAnchor: "top-left", dx: -40, dy: -26, textAnchor: "start", fill: colour.quiet }) : null,
        ],
      }),
    };
  });
}

// Rows { section } or { label, estimate, low, high, text }: points with intervals, words
// left and right of them, or above them where there is no room.
export function forest(rows, width, { label, digits = 0, zero = 0, textHead = "" }) {
  const narrow = width < 620;
  const items = rows.map((row, i) => ({ ...row, key: i }));
  const points = items.filter((row) => row.section === undefined);
  const ends = points.flatMap((row) => [row.low, row.high, row.estimate]).filter((x) => x !== null);
  const [low, high] = [Math.min(zero, ...ends), Math.max(zero, ...ends)];
  const pad = (high - low) * 0.04 || 1;
  const twoLines = width < 390;
  const step = twoLines ? 62 : narrow ? 46 : 27;
  const dy = twoLines ? 20 : narrow ? 9 : 0;
  const marginLeft = narrow ? 10 : 190;
  const marginRight = narrow ? 10 : 270;
  const at = { y: "key", dy };
  const words = (row) => `${row.label}${row.n === undefined ? "" : `, n = ${row.n}`}`;
  return plot({
    width, height: items.length * step + 58, marginLeft, marginRight, marginTop: 14, marginBottom: 44,
    x: { domain: [low - pad, high + pad], label, labelAnchor: "center", labelArrow: "none", tickSize: 4,
      ticks: narrow ? 4 : 6, tickFormat: (x) => String(Number(x.toPrecision(6))).replace("-", "−") },
    y: { type: "band", domain: items.map((row) => row.key), axis: null, padding: 0 },
    marks: [
      Plot.gridX({ stroke: colour.rule, strokeOpacity: 0.55, ticks: narrow ? 4 : 6 }),
      Plot.ruleX([zero], { stroke: colour.ink, strokeWidth: 1 }),
      Plot.ruleY(points.filter((row) => row.low !== null), { ...at, x1: "low", x2: "high", stroke: colour.main, strokeWidth: 2, className: "intervals" }),
      Plot.dot(points.filter((row) => row.estimate !== null), { ...at, x: "estimate", r: 5, fill: colour.main, stroke: "white", className: "estimates" }),
      Plot.text(items.filter((row) => row.section !== undefined), { y: "key", frameAnchor: "left", dx: narrow ? -10 : -marginLeft,
        text: "section", textAnchor: "start", fontWeight: 700, dy: narrow ? 6 : 0, ...halo }),
      narrow
        ? Plot.text(points, { y: "key", frameAnchor: "left", dx: -10, dy: twoLines ? -8 : -11, lineHeight: 1.25, textAnchor: "start",
          text: (row) => `${words(row)}:${twoLines ? "\n" : " "}${row.text}`, ...halo })
        : [
          Plot.text(points, { y: "key", frameAnchor: "left", dx: 14 - marginLeft, textAnchor: "start", text: words }),
          Plot.text(points, { y: "key", frameAnchor: "right", dx: marginRight, textAnchor: "end", text: "text" }),
          Plot.text([textHead], { frameAnchor: "top-right", dx: marginRight, dy: -12, textAnchor: "end", text: (t) => t, fill: colour.quiet }),
        ],
    ],
  });
}

export const change = (row, digits) => (row.conf_low === null
  ? `${number(row.mean_change, digits)}, no interval`
  : `${number(row.mean_change, digits)} (${interval(row.conf_low, row.conf_high, digits)}), ${withP(row.p_value)}`);

export function curve(study, outcome, series, width) {
  return panels(series, width, 205, 3, (one, panelWidth, first) => {
    const others = series.filter((other) => other !== one).flatMap((other) => other.rows.map((row) => ({ ...row, name: other.name })));
    const position = { x: "threshold", y: (row) => 100 * row.estimate };
    const marked = one.rows.filter((row) => row.threshold === 30 || row.threshold === 50);
    return {
      title: `${one.name}, n = ${one.rows[0].n}`,
      drawing: plot({
        width: panelWidth, height: 285, marginLeft: 44, marginRight: 18, marginBottom: 46, marginTop: 30,
        x: { domain: [0, 100], ticks: [0, 30, 50, 100], tickFormat: (x) => `${x}%`, tickSize: 4, labelArrow: "none", labelAnchor: "center",
          label: `${outcome.higher_is_better ? "Rise" : "Fall"} of at least` },
        y: { domain: [0, 100], ticks: [0, 25, 50, 75, 100], tickSize: 0, label: null, tickFormat: (y) => `${y}%` },
        marks: [
          Plot.gridY({ ticks: [0, 25, 50, 75, 100], stroke: colour.rule, strokeOpacity: 0.55 }),
          Plot.ruleX([30, 50], { stroke: colour.rule, strokeDasharray: "3 3" }),
          Plot.lineY(others, { ...position, z: "name", stroke: colour.faint, strokeWidth: 1, strokeOpacity: 0.8 }),
          Plot.areaY(one.rows, { x: "threshold", y1: (row) => 100 * row.conf_low, y2: (row) => 100 * row.conf_high, className: "band", fill: colour.main, fillOpacity: 0.2 }),
          Plot.lineY(one.rows, { ...position, stroke: colour.main, strokeWidth: 2.5 }),
          Plot.dot(one.rows, { ...position, r: 3, fill: colour.main, stroke: "white", className: "responders" }),
          Plot.text(marked, { ...position, text: (row) => percent(row.estimate), textAnchor: "start", dx: 5, dy: -11, fontWeight: 700, ...halo, fill: colour.main }),
          first ? Plot.text(["Patients"], { frameAnchor: "top-left", dx: -40, dy: -28, textAnchor: "start", fill: colour.quiet }) : null,
        ],
      }),
    };
  });
}

export function profiles(rows, width) {
  const patients = [...new Set(rows.map((row) => row.patient))];
  const peak = (patient) => Math.max(...rows.filter((row) => row.patient === patient && row.from_day < 0).map((row) => row.mme), 0);
  patients.sort((a, b) => peak(a) - peak(b));
  const days = [Math.min(...rows.map((row) => row.from_day)), Math.max(...rows.map((row) => row.to_day + 1))];
  return panels(patients, width, 150, 4, (patient, panelWidth, first) => {
    const own = rows.filter((row) => row.patient === patient).map((row) => ({ ...row, end: row.to_day + 1 }));
    return {
      title: `Patient ${patient}`,
      drawing: plot({
        width: panelWidth, height: 190, marginLeft: 36, marginRight: 26, marginTop: 8, marginBottom: 30,
        x: { domain: days, ticks: [0, 90, 365].filter((d) => d < days[1]), tickSize: 4, label: null, tickFormat: (d) => `${d}` },
        y: { domain: [0, Math.max(100, ...rows.map((row) => row.mme))], nice: true, ticks: 4, tickSize: 0, label: null, axis: first ? "left" : null },
        marks: [
          Plot.gridY({ ticks: 4, stroke: colour.rule, strokeOpacity: 0.55 }),
          Plot.rectY(own, { x1: "from_day", x2: "end", y: "mme", fill: colour.main, fillOpacity: 0.25, className: "profile" }),
          Plot.ruleY(own, { x1: "from_day", x2: "end", y: "mme", stroke: colour.main, strokeWidth: 2 }),
          limitLines([50, 90], 22),
          Plot.ruleX([0], { stroke: colour.quiet, strokeWidth: 1 }),
        ],
      }),
    };
  });
}

// Categories of dose as shares of everybody at entry, counts written on them.
export const categories = ["<20", "20-49", "50-89", ">=90", "not seen"];
export const categoryName = (category) => ({ ">=90": "90 or more", "<20": "under 20" }[category] ?? category.replace("-", "–"));

// Ticks of a scale that counts patients.
const whole = (total) => (total <= 10 ? [...Array(total + 1).keys()] : 6);
const roomFor = (names) => 16 + 6.6 * Math.max(...names.map((name) => name.length));

export function doseCategories(study, width) {
  const rows = study.rows("mme_categories");
  const visits = study.visitTimes;
  const bars = visits.flatMap((visit) => {
    let from = 0;
    return categories.map((category) => {
      const n = study.row("mme_categories", { visit_time: visit, category })?.n ?? 0;
      const bar = { visit, category, n, from, to: from + n };
      from += n;
      return bar;
    }).filter((bar) => bar.n > 0);
  });
  const total = rows.filter((row) => String(row.visit_time) === String(visits[0])).reduce((sum, row) => sum + row.n, 0);
  const holder = document.createElement("div");
  const legend = document.createElement("div");
  legend.className = "legend";
  categories.forEach((category, i) => {
    const item = document.createElement("span");
    const swatch = document.createElement("i");
    swatch.style.background = colour.scale[i] ?? "white";
    item.append(swatch, categoryName(category));
    legend.append(item);
  });
  const marginLeft = roomFor(visits.map((v) => study.visitName(v)));
  holder.append(legend, plot({
    width, height: visits.length * 42 + 40, marginLeft, marginRight: 4, marginTop: 4, marginBottom: 36,
    x: { domain: [0, total], ticks: whole(total), label: `Patients of ${total}`, labelAnchor: "center", labelArrow: "none", tickSize: 4 },
    y: { domain: visits, label: null, tickSize: 0, padding: 0.22, tickFormat: (v) => study.visitName(v) },
    color: { domain: categories, range: [...colour.scale, "white"] },
    marks: [
      Plot.barX(bars, { y: "visit", x1: "from", x2: "to", fill: "category", stroke: colour.quiet, strokeWidth: 0.75, className: "categories" }),
      Plot.text(bars, { y: "visit", x: (bar) => (bar.from + bar.to) / 2, text: (bar) => `${bar.n}`, fontWeight: 600,
        fill: (bar) => (bar.category === ">=90" ? "white" : colour.ink) }),
    ],
  }));
  return holder;
}

export function attrition(study, width) {
  const shown = study.visits.ticks?.map(String);
  const rows = study.rows("attrition", { group_name: "all" }).filter((row) => !shown || shown.includes(String(row.visit_time)));
  const words = (row) => `${row.n_seen} seen${row.n_lost ? `, ${row.n_lost} lost (${percent(row.share_lost)})` : ""}`;
  const inside = (row) => row.n_seen > 0.6 * row.n_baseline;
  return plot({
    width, height: rows.length * (rows.length > 6 ? 26 : 42) + 40, marginLeft: roomFor(rows.map((row) => study.visitName(row.visit_time))), marginRight: 4, marginTop: 4, marginBottom: 36,
    x: { domain: [0, rows[0].n_baseline], ticks: whole(rows[0].n_baseline), label: `Patients of ${rows[0].n_baseline}`, labelAnchor: "center", labelArrow: "none", tickSize: 4 },
    y: { type: "band", domain: rows.map((row) => row.visit_time), label: null, tickSize: 0, padding: 0.22, tickFormat: (v) => study.visitName(v) },
    marks: [
      Plot.barX(rows, { y: "visit_time", x: "n_baseline", fill: "white", stroke: colour.quiet, strokeWidth: 0.75 }),
      Plot.barX(rows, { y: "visit_time", x: "n_seen", fill: colour.main, className: "seen" }),
      Plot.text(rows.filter(inside), { y: "visit_time", x: 0, dx: 10, text: words, textAnchor: "start", fill: "white", fontWeight: 600 }),
      Plot.text(rows.filter((row) => !inside(row)), { y: "visit_time", x: "n_seen", dx: 10, text: words, textAnchor: "start", fontWeight: 600 }),
    ],
  });
}
