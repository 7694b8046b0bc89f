// Charts of doses and of patients counted: profiles, classes of dose, attrition.
import * as Plot from "@observablehq/plot";
import { percent } from "./format.js";
import { colour, limitLines, panels, plot } from "./plotting.js";

export function profiles(rows, width) {
  const patients = [...new Set(rows.map((row) => row.patient))];
  const peak = (patient) =>
    Math.max(...rows.filter((row) => row.patient === patient && row.from_day < 0).map((row) => row.mme), 0);
  patients.sort((a, b) => peak(a) - peak(b));
  const days = [Math.min(...rows.map((row) => row.from_day)), Math.max(...rows.map((row) => row.to_day + 1))];
  return panels(patients, width, 150, 4, (patient, panelWidth, first) => {
    const own = rows.filter((row) => row.patient === patient).map((row) => ({ ...row, end: row.to_day + 1 }));
    return {
      title: `Patient ${patient}`,
      drawing: plot({
        width: panelWidth,
        height: 170,
        marginLeft: 36,
        marginRight: 26,
        marginTop: 8,
        marginBottom: 30,
        x: {
          domain: days,
          ticks: [0, 90, 365].filter((d) => d < days[1]),
          tickSize: 4,
          label: null,
          tickFormat: (d) => `${d}`,
        },
        y: {
          domain: [0, Math.max(100, ...rows.map((row) => row.mme))],
          nice: true,
          ticks: 4,
          tickSize: 0,
          label: null,
          axis: first ? "left" : null,
        },
        marks: [
          Plot.gridY({ ticks: 4, stroke: colour.rule, strokeOpacity: 0.55 }),
          Plot.rectY(own, {
            x1: "from_day",
            x2: "end",
            y: "mme",
            fill: colour.main,
            fillOpacity: 0.25,
            className: "profile",
          }),
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
export const categoryName = (category) =>
  ({ ">=90": "90 or more", "<20": "under 20" })[category] ?? category.replace("-", "–");

// Ticks of a scale that counts patients.
const whole = (total) => (total <= 10 ? [...Array(total + 1).keys()] : 6);
const roomFor = (names) => 16 + 6.6 * Math.max(...names.map((name) => name.length));

export function doseCategories(study, width) {
  const rows = study.rows("mme_categories");
  const visits = study.visitTimes;
  const bars = visits.flatMap((visit) => {
    let from = 0;
    return categories
      .map((category) => {
        const n = study.row("mme_categories", { visit_time: visit, category })?.n ?? 0;
        const bar = { visit, category, n, from, to: from + n };
        from += n;
        return bar;
      })
      .filter((bar) => bar.n > 0);
  });
  const total = rows
    .filter((row) => String(row.visit_time) === String(visits[0]))
    .reduce((sum, row) => sum + row.n, 0);
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
  holder.append(
    legend,
    plot({
      width,
      height: visits.length * 36 + 40,
      marginLeft,
      marginRight: 4,
      marginTop: 4,
      marginBottom: 36,
      x: {
        domain: [0, total],
        ticks: whole(total),
        label: `Patients of ${total}`,
        labelAnchor: "center",
        labelArrow: "none",
        tickSize: 4,
      },
      y: { domain: visits, label: null, tickSize: 0, padding: 0.22, tickFormat: (v) => study.visitName(v) },
      color: { domain: categories, range: [...colour.scale, "white"] },
      marks: [
        Plot.barX(bars, {
          y: "visit",
          x1: "from",
          x2: "to",
          fill: "category",
          stroke: colour.quiet,
          strokeWidth: 0.75,
          className: "categories",
        }),
        Plot.text(bars, {
          y: "visit",
          x: (bar) => (bar.from + bar.to) / 2,
          text: (bar) => `${bar.n}`,
          fontWeight: 600,
          fill: (bar) => (bar.category === ">=90" ? "white" : colour.ink),
        }),
      ],
    }),
  );
  return holder;
}

export function attrition(study, width) {
  const shown = study.visits.ticks?.map(String);
  const rows = study
    .rows("attrition", { group_name: "all" })
    .filter((row) => !shown || shown.includes(String(row.visit_time)));
  const words = (row) =>
    `${row.n_seen} seen${row.n_lost ? `, ${row.n_lost} lost (${percent(row.share_lost)})` : ""}`;
  const inside = (row) => row.n_seen > 0.6 * row.n_baseline;
  return plot({
    width,
    height: rows.length * (rows.length > 6 ? 26 : 36) + 40,
    marginLeft: roomFor(rows.map((row) => study.visitName(row.visit_time))),
    marginRight: 4,
    marginTop: 4,
    marginBottom: 36,
    x: {
      domain: [0, rows[0].n_baseline],
      ticks: whole(rows[0].n_baseline),
      label: `Patients of ${rows[0].n_baseline}`,
      labelAnchor: "center",
      labelArrow: "none",
      tickSize: 4,
    },
    y: {
      type: "band",
      domain: rows.map((row) => row.visit_time),
      label: null,
      tickSize: 0,
      padding: 0.22,
      tickFormat: (v) => study.visitName(v),
    },
    marks: [
      Plot.barX(rows, {
        y: "visit_time",
        x: "n_baseline",
        fill: "white",
        stroke: colour.quiet,
        strokeWidth: 0.75,
      }),
      Plot.barX(rows, { y: "visit_time", x: "n_seen", fill: colour.main, className: "seen" }),
      Plot.text(rows.filter(inside), {
        y: "visit_time",
        x: 0,
        dx: 10,
        text: words,
        textAnchor: "start",
        fill: "white",
        fontWeight: 600,
      }),
      Plot.text(
        rows.filter((row) => !inside(row)),
        { y: "visit_time", x: "n_seen", dx: 10, text: words, textAnchor: "start", fontWeight: 600 },
      ),
    ],
  });
}
