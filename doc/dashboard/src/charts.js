// Charts of an outcome: course, change, response.  Each takes its rows and a width in pixels,
// and returns an element that holds one drawing or several of one size.
import * as Plot from "@observablehq/plot";
import { fixed, interval, number, percent, withP } from "./format.js";
import { colour, halo, limitLines, panels, plot } from "./plotting.js";

function visitScale(study, width) {
  if (study.visits.axis === "steps")
    return {
      type: "point",
      domain: study.visitTimes,
      padding: 0.25,
      label: null,
      tickSize: 0,
      tickFormat: (v) => study.visitName(v),
    };
  return {
    type: study.visits.axis === "date" ? "utc" : "linear",
    label: study.visits.label,
    labelAnchor: "center",
    ticks: study.visits.ticks ?? Math.floor(width / 80),
    tickSize: 4,
    labelArrow: "none",
    labelOffset: 36,
  };
}

// A patient's lines are moved up or down together, so that whole scores do not cover each other.
const shift = (patient, jitter) => jitter * (((Number(patient) * 0.6180339887) % 1) - 0.5) * 2;

export function trajectory(study, outcome, width) {
  const values = study.panelValues();
  const of = (view, value) =>
    study.rows(view, { measure: outcome.measure, group_name: study.panelGroup, group_value: value });
  const lines = (value) =>
    of("patient_lines", value).map((row) => ({
      ...row,
      value: row.value + shift(row.patient, outcome.jitter ?? 0),
    }));
  const means = study.rows("trajectory", { measure: outcome.measure, group_name: study.panelGroup });
  const every = [
    ...study.rows("patient_lines", { measure: outcome.measure }).map((row) => row.value),
    ...means.flatMap((row) => [row.conf_low ?? row.mean, row.conf_high ?? row.mean]),
  ];
  const domain = outcome.domain ?? [Math.min(0, ...every), Math.max(...every)];
  const steps = study.visits.axis === "steps";

  return panels(values, width, 300, 3, (value, panelWidth, first) => {
    const rows = of("trajectory", value).filter((row) => row.mean !== null);
    const patients = new Set(lines(value).map((row) => row.patient)).size;
    const labelled = steps ? rows : [rows[0], rows[rows.length - 1]];
    const counted = study.visits.ticks
      ? rows.filter((row) => study.visits.ticks.includes(row.visit_time))
      : rows;
    const position = { x: "visit_time", y: "mean" };
    return {
      title: value === "all" ? "" : `${study.valueName(value)}, n = ${rows[0].n}`,
      drawing: plot({
        width: panelWidth,
        height: Math.round(Math.min(400, Math.max(300, panelWidth * 0.62))),
        marginLeft: 44,
        marginRight: steps ? 28 : 34,
        marginBottom: steps ? 56 : 72,
        marginTop: 30,
        x: visitScale(study, panelWidth),
        y: { domain, nice: true, ticks: 5, tickSize: 0, label: null },
        marks: [
          Plot.axisY({ ticks: 5, tickSize: 0, label: null }),
          Plot.gridY({ ticks: 5, stroke: colour.rule, strokeOpacity: 0.55 }),
          limitLines(outcome.lines ?? [], 24),
          Plot.lineY(lines(value), {
            x: "visit_time",
            y: "value",
            z: "patient",
            className: "patient-lines",
            stroke: colour.faint,
            strokeOpacity: patients > 80 ? 0.13 : 0.4,
            strokeWidth: 1,
          }),
          Plot.areaY(rows, {
            x: "visit_time",
            y1: "conf_low",
            y2: "conf_high",
            className: "band",
            fill: colour.main,
            fillOpacity: 0.28,
          }),
          Plot.lineY(rows, { ...position, stroke: colour.main, strokeWidth: 2.5, className: "mean-line" }),
          Plot.dot(rows, { ...position, r: 4, fill: colour.main, stroke: "white", className: "mean-dots" }),
          Plot.text(labelled, {
            ...position,
            text: (row) => number(row.mean, outcome.digits),
            dy: -15,
            fontWeight: 700,
            fontSize: 14,
            ...halo,
            fill: colour.main,
          }),
          Plot.text(counted, {
            className: "counts",
            x: "visit_time",
            frameAnchor: "bottom",
            text: (row) => `${row.n}`,
            dy: steps ? 40 : 62,
            fill: colour.quiet,
          }),
          Plot.text(["n"], {
            frameAnchor: "bottom-left",
            dx: -22,
            dy: steps ? 40 : 62,
            fill: colour.quiet,
            fontStyle: "italic",
          }),
          first
            ? Plot.text([`${outcome.unit}`], {
                frameAnchor: "top-left",
                dx: -40,
                dy: -26,
                textAnchor: "start",
                fill: colour.quiet,
              })
            : null,
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
    width,
    height: items.length * step + 58,
    marginLeft,
    marginRight,
    marginTop: 14,
    marginBottom: 44,
    x: {
      domain: [low - pad, high + pad],
      label,
      labelAnchor: "center",
      labelArrow: "none",
      tickSize: 4,
      ticks: narrow ? 4 : 6,
      tickFormat: (x) => String(Number(x.toPrecision(6))).replace("-", "−"),
    },
    y: { type: "band", domain: items.map((row) => row.key), axis: null, padding: 0 },
    marks: [
      Plot.gridX({ stroke: colour.rule, strokeOpacity: 0.55, ticks: narrow ? 4 : 6 }),
      Plot.ruleX([zero], { stroke: colour.ink, strokeWidth: 1 }),
      Plot.ruleY(
        points.filter((row) => row.low !== null),
        { ...at, x1: "low", x2: "high", stroke: colour.main, strokeWidth: 2, className: "intervals" },
      ),
      Plot.dot(
        points.filter((row) => row.estimate !== null),
        { ...at, x: "estimate", r: 5, fill: colour.main, stroke: "white", className: "estimates" },
      ),
      Plot.text(
        items.filter((row) => row.section !== undefined),
        {
          y: "key",
          frameAnchor: "left",
          dx: narrow ? -10 : -marginLeft,
          text: "section",
          textAnchor: "start",
          fontWeight: 700,
          dy: narrow ? 6 : 0,
          ...halo,
        },
      ),
      narrow
        ? Plot.text(points, {
            y: "key",
            frameAnchor: "left",
            dx: -10,
            dy: twoLines ? -8 : -11,
            lineHeight: 1.25,
            textAnchor: "start",
            text: (row) => `${words(row)}:${twoLines ? "\n" : " "}${row.text}`,
            ...halo,
          })
        : [
            Plot.text(points, {
              y: "key",
              frameAnchor: "left",
              dx: 14 - marginLeft,
              textAnchor: "start",
              text: words,
            }),
            Plot.text(points, {
              y: "key",
              frameAnchor: "right",
              dx: marginRight,
              textAnchor: "end",
              text: "text",
              className: "words",
            }),
            Plot.text([textHead], {
              frameAnchor: "top-right",
              dx: marginRight,
              dy: -12,
              textAnchor: "end",
              text: (t) => t,
              fill: colour.quiet,
            }),
          ],
    ],
  });
}

export const change = (row, digits) =>
  row.conf_low === null
    ? `${number(row.mean_change, digits)}, no interval`
    : `${number(row.mean_change, digits)} (${interval(row.conf_low, row.conf_high, digits)}), ${withP(row.p_value)}`;

export function curve(study, outcome, series, width) {
  return panels(series, width, 205, 3, (one, panelWidth, first) => {
    const others = series
      .filter((other) => other !== one)
      .flatMap((other) => other.rows.map((row) => ({ ...row, name: other.name })));
    const position = { x: "threshold", y: (row) => 100 * row.estimate };
    const marked = one.rows.filter((row) => row.threshold === 30 || row.threshold === 50);
    return {
      title: `${one.name}, n = ${one.rows[0].n}`,
      drawing: plot({
        width: panelWidth,
        height: 285,
        marginLeft: 44,
        marginRight: 18,
        marginBottom: 46,
        marginTop: 30,
        x: {
          domain: [0, 100],
          ticks: [0, 30, 50, 100],
          tickFormat: (x) => `${x}%`,
          tickSize: 4,
          labelArrow: "none",
          labelAnchor: "center",
          label: `${outcome.higher_is_better ? "Rise" : "Fall"} of at least`,
        },
        y: {
          domain: [0, 100],
          ticks: [0, 25, 50, 75, 100],
          tickSize: 0,
          label: null,
          tickFormat: (y) => `${y}%`,
        },
        marks: [
          Plot.gridY({ ticks: [0, 25, 50, 75, 100], stroke: colour.rule, strokeOpacity: 0.55 }),
          Plot.ruleX([30, 50], { stroke: colour.rule, strokeDasharray: "3 3" }),
          Plot.lineY(others, {
            ...position,
            z: "name",
            stroke: colour.faint,
            strokeWidth: 1,
            strokeOpacity: 0.8,
          }),
          Plot.areaY(one.rows, {
            x: "threshold",
            y1: (row) => 100 * row.conf_low,
            y2: (row) => 100 * row.conf_high,
            className: "band",
            fill: colour.main,
            fillOpacity: 0.2,
          }),
          Plot.lineY(one.rows, { ...position, stroke: colour.main, strokeWidth: 2.5 }),
          Plot.dot(one.rows, {
            ...position,
            r: 3,
            fill: colour.main,
            stroke: "white",
            className: "responders",
          }),
          Plot.text(marked, {
            ...position,
            text: (row) => percent(row.estimate),
            textAnchor: "start",
            dx: 5,
            dy: -11,
            fontWeight: 700,
            ...halo,
            fill: colour.main,
          }),
          first
            ? Plot.text(["Patients"], {
                frameAnchor: "top-left",
                dx: -40,
                dy: -28,
                textAnchor: "start",
                fill: colour.quiet,
              })
            : null,
        ],
      }),
    };
  });
}
