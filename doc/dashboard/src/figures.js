// What each figure says: its title from the figures, its caption, its drawing, and the
// rows behind it as a table.
import * as bars from "./bars.js";
import * as charts from "./charts.js";
import { coefficientText, decimals, diagram } from "./diagram.js";
import { fixed, interval, number, percent, pValue, sentence, significant, withP } from "./format.js";

const column = (head, key, digits) => ({ head, key, value: (row) => number(row[key], digits) });
const counts = (head, key) => ({ head, key, value: (row) => String(row[key]) });
const visit = (study) => ({ head: "Visit", value: (row) => study.visitName(row.visit_time) });
const group = (study) => ({ head: "Group", value: (row) => study.valueName(row.group_value) });
const shares = [
  ["Share", "estimate"],
  ["95% CI from", "conf_low"],
  ["to", "conf_high"],
].map(([head, key]) => ({ head, key, value: (row) => percent(row[key], 1) }));
const limits = (digits) => [column("95% CI from", "conf_low", digits), column("to", "conf_high", digits)];
const pColumn = { head: "p", key: "p_value", value: (row) => pValue(row.p_value) };

function trajectory(study, outcome) {
  const all = study.rows("trajectory", { measure: outcome.measure, group_name: study.panelGroup });
  const everybody = study.rows("attrition", { group_name: "all" });
  const value = study.panelValues();
  const ends = value.map((v) => {
    const own = all.filter((row) => row.group_value === v && row.mean !== null);
    const told = own.filter(
      (row, i) => i === 0 || i === own.length - 1 || String(row.visit_time) === study.key_visit,
    );
    return `${v === "all" ? "" : `${study.valueName(v)}: `}${told.map((row) => `${number(row.mean, outcome.digits)} ${study.at(row.visit_time)}`).join(", ")}`;
  });
  const spaced = study.visits.axis === "steps" ? " Visits are spaced evenly, not by time." : "";
  const moved = outcome.jitter
    ? " Each patient’s line is moved a little up or down, as whole scores would cover each other."
    : "";
  return {
    kind: "trajectory",
    title: `Mean ${outcome.name} (${outcome.unit}). ${ends.join("; ")}`,
    caption: `Thick line: mean of the patients seen, with its 95% band (t).${study.has("patient_lines") ? ` Thin: ${study.lines_about ?? "a line a patient"}.` : ""}${moved}${spaced} n: patients seen, of ${everybody[0].n_baseline}.`,
    draw: (width) => charts.trajectory(study, outcome, width),
    columns: [
      visit(study),
      group(study),
      counts("n", "n"),
      counts("Missing", "n_missing"),
      column("Mean", "mean", outcome.digits + 1),
      column("SD", "sd", outcome.digits + 1),
      ...limits(outcome.digits + 1),
      column("Median", "median", outcome.digits + 1),
    ],
    rows: all,
  };
}

// All patients at each visit, then the groups at the visit that counts.
function changeRows(study, outcome) {
  const rows = study.rows("paired_change", { measure: outcome.measure });
  const shown = (row) => !study.change_visits || study.change_visits.includes(String(row.visit_time));
  const overall = rows.filter((row) => row.group_name === "all" && shown(row));
  const at = (name) =>
    rows.filter((row) => row.group_name === name && String(row.visit_time) === study.key_visit);
  return [
    { section: "All patients" },
    ...overall.map((row) => ({ ...row, label: study.visitName(row.visit_time) })),
    ...Object.keys(study.groups ?? {}).flatMap((name) => [
      { section: `${sentence(study.at(study.key_visit))}, by ${study.groupName(name)}` },
      ...at(name).map((row) => ({ ...row, label: study.valueName(row.group_value) })),
    ]),
  ];
}

function pairedChange(study, outcome) {
  const key = study.row("paired_change", {
    measure: outcome.measure,
    group_name: "all",
    visit_time: study.key_visit,
  });
  const rows = changeRows(study, outcome);
  const points = rows.filter((row) => row.section === undefined);
  const drawn = rows.map((row) =>
    row.section
      ? row
      : {
          label: row.label,
          n: row.n,
          estimate: row.mean_change,
          low: row.conf_low,
          high: row.conf_high,
          text: charts.change(row, outcome.digits),
        },
  );
  const better = outcome.higher_is_better ? "more" : "less";
  return {
    kind: "change",
    title: `Change in ${outcome.name} from entry: ${number(key.mean_change, outcome.digits)} (95% CI ${interval(
      key.conf_low,
      key.conf_high,
      outcome.digits,
    )}) ${study.at(study.key_visit)}`,
    caption: `Mean of each patient’s change (after − before) with its 95% interval; paired t test. n: pairs. In ${outcome.name}, ${better} is better.`,
    draw: (width) =>
      charts.forest(drawn, width, {
        label: `Change, ${outcome.change_unit ?? outcome.unit}`,
        digits: outcome.digits,
        textHead: "Mean change (95% CI), p",
      }),
    columns: [
      {
        head: "Patients",
        value: (row) =>
          row.group_name === "all"
            ? row.label
            : `${row.label}, ${study.visitName(row.visit_time).toLowerCase()}`,
      },
      counts("n", "n"),
      counts("Missing", "n_missing"),
      column("Before", "mean_before", outcome.digits + 1),
      column("After", "mean_after", outcome.digits + 1),
      column("Change", "mean_change", outcome.digits + 1),
      ...limits(outcome.digits + 1),
      pColumn,
      column("Cohen’s dz", "effect_size", 2),
    ],
    rows: points,
  };
}

function responderCurve(study, outcome) {
  const rows = study.rows("responder_curve", { measure: outcome.measure, group_name: study.panelGroup });
  const byVisit = study.panelGroup === "all";
  const every = byVisit
    ? study.curveVisits.map((v) => ({
        name: study.visitName(v),
        rows: rows.filter((row) => String(row.visit_time) === v),
      }))
    : study.panelValues().map((v) => ({
        name: study.valueName(v),
        rows: rows.filter((row) => row.group_value === v && String(row.visit_time) === study.key_visit),
      }));
  const series = every.filter((one) => one.rows.some((row) => row.n > 0));
  const half = (one) => one.rows.find((row) => row.threshold === 50);
  const verb = outcome.higher_is_better ? "rose" : "fell";
  const words = series.map(
    (one) =>
      `${percent(half(one).estimate)} ${byVisit ? study.at(one.rows[0].visit_time) : `with ${one.name}`}`,
  );
  return {
    kind: "curve",
    title: `${sentence(outcome.name)} ${verb} by half or more in ${words.join(", ")}`,
    caption: `Share of the patients seen whose ${outcome.name} ${verb} by at least so much of the value at entry${byVisit ? "" : `, ${study.at(study.key_visit)}`}; 95% band (Wilson). Thin lines: the other ${byVisit ? "visits" : "groups"}.`,
    draw: (width) => charts.curve(study, outcome, series, width),
    columns: [
      visit(study),
      group(study),
      { head: "At least", key: "threshold", value: (row) => `${row.threshold}%` },
      counts("n", "n"),
      counts("Missing", "n_missing"),
      counts("Responders", "responders"),
      ...shares,
    ],
    rows: series.flatMap((one) => one.rows),
  };
}

function profiles(study) {
  const rows = study.rows("mme_profiles");
  const patients = new Set(rows.map((row) => row.patient)).size;
  return {
    kind: "profiles",
    title: `Daily dose of ${patients} patients beside 50 and 90 mg MME a day`,
    caption: `mg MME a day by day. ${study.profiles?.about ?? ""}`,
    draw: (width) => bars.profiles(rows, width),
    columns: [
      { head: "Patient", value: (row) => String(row.patient) },
      column("From day", "from_day", 0),
      column("To day", "to_day", 0),
      column("MME", "mme", 0),
    ],
    rows,
  };
}

function doseCategories(study) {
  const n = (v) => study.row("mme_categories", { visit_time: v, category: ">=90" })?.n ?? 0;
  const total = study
    .rows("mme_categories", { visit_time: study.firstVisit })
    .reduce((sum, row) => sum + row.n, 0);
  return {
    kind: "categories",
    title: `At 90 mg MME a day or more: ${n(study.firstVisit)} of ${total} patients ${study.at(study.firstVisit)}, ${n(study.key_visit)} ${study.at(study.key_visit)}`,
    caption: "Patients by daily dose, mg MME a day. A patient not seen is no patient without opioids.",
    draw: (width) => bars.doseCategories(study, width),
    columns: [
      visit(study),
      { head: "Dose", value: (row) => bars.categoryName(row.category) },
      counts("Patients", "n"),
    ],
    rows: study.visitTimes.flatMap((v) =>
      bars.categories.flatMap((category) => study.rows("mme_categories", { visit_time: v, category })),
    ),
  };
}

function attrition(study) {
  const rows = study.rows("attrition", { group_name: "all" });
  const last = rows[rows.length - 1];
  return {
    kind: "attrition",
    title: `${last.n_seen} of ${last.n_baseline} patients seen ${study.at(last.visit_time)}${last.n_lost ? `, ${last.n_lost} lost` : ""}`,
    caption: "Patients of the cohort with a measure at the visit.",
    draw: (width) => bars.attrition(study, width),
    columns: [
      visit(study),
      group(study),
      counts("At entry", "n_baseline"),
      counts("Seen", "n_seen"),
      counts("Lost", "n_lost"),
      { head: "Seen, share", key: "share_seen", value: (row) => percent(row.share_seen) },
    ],
    rows: study.rows("attrition"),
  };
}

function mediationDiagram(study) {
  const rows = study.rows("mediation");
  const names = study.mediation;
  const effect = (name) => rows.find((row) => row.effect === name);
  const [indirect, total] = [effect("indirect"), effect("total")];
  const word = (role) => names[role][0].toLowerCase();
  const labels = {
    total: `Total: ${word("treatment")} on ${word("outcome")}`,
    a: `a: ${word("treatment")} on ${word("mediator")}`,
    b: `b: ${word("mediator")} on ${word("outcome")}`,
    direct: "Direct",
    indirect: `Indirect, by ${word("mediator")} (a × b)`,
    proportion_mediated: "Proportion mediated",
  };
  const three = ["total", "direct", "indirect"].map((name) => ({
    label: labels[name].replace(/:.*/, ""),
    estimate: effect(name).estimate,
    low: effect(name).conf_low,
    high: effect(name).conf_high,
    text: `${coefficientText(effect(name))}, ${withP(effect(name).p_value)}`,
  }));
  return {
    kind: "mediation",
    title: `A point of ${word("treatment")} goes with ${significant(total.estimate)} of ${word("outcome")}, ${significant(indirect.estimate)} of it by way of ${word("mediator")}`,
    caption: `Coefficients with 95% intervals, n = ${total.n}. The indirect effect’s interval is that of a product of two normals. Thick arrows: p below 0.05. ${names.about ?? ""}${effect("proportion_mediated")?.note ? ` Note: ${effect("proportion_mediated").note}.` : ""}`,
    draw: (width) => {
      const both = document.createElement("div");
      both.append(
        diagram(names, rows, width),
        charts.forest(three, Math.min(width, 760), {
          label: `Effect of one unit of ${word("treatment")} on ${word("outcome")}`,
          digits: 2,
          textHead: "Estimate (95% CI), p",
        }),
      );
      return both;
    },
    columns: [
      { head: "Effect", value: (row) => labels[row.effect] ?? row.effect },
      { head: "Estimate", key: "estimate", value: (row) => significant(row.estimate, 3) },
      {
        head: "95% CI from",
        key: "conf_low",
        value: (row) => fixed(row.conf_low, decimals(row.estimate) + 1),
      },
      { head: "to", key: "conf_high", value: (row) => fixed(row.conf_high, decimals(row.estimate) + 1) },
      pColumn,
      { head: "Method", value: (row) => row.method },
    ],
    rows,
  };
}

// The figures a study has data for, in the order of a results section.
export function figuresOf(study) {
  const figures = [];
  if (study.has("attrition")) figures.push(attrition(study));
  if (study.has("trajectory")) {
    const [first] = study.outcomes;
    figures.push(trajectory(study, first));
    figures.push(
      ...study.outcomes
        .filter((o) => study.rows("paired_change", { measure: o.measure }).length)
        .map((o) => pairedChange(study, o)),
    );
    figures.push(responderCurve(study, first));
  }
  if (study.has("mme_categories")) figures.push(doseCategories(study));
  if (study.has("mme_profiles")) figures.push(profiles(study));
  if (study.has("mediation")) figures.push(mediationDiagram(study));
  return figures;
}

// The four numbers a reader looks for first.
export function keyFigures(study) {
  const [outcome] = study.outcomes;
  if (!outcome) return [];
  const key = { measure: outcome.measure, group_name: "all", visit_time: study.key_visit };
  const changed = study.row("paired_change", key);
  const half =
    study.rows("responder_curve", { ...key, threshold: 50 })[0] ??
    study.rows("responders", { ...key, threshold: 50 })[0];
  const seen = study.rows("attrition", { group_name: "all" });
  const last = seen[seen.length - 1];
  const tiles = [
    { value: String(seen[0].n_baseline), label: "patients at entry" },
    {
      value: number(changed.mean_change, outcome.digits),
      label: `${outcome.change_unit ?? outcome.unit}, mean change in ${outcome.name} ${study.at(study.key_visit)}`,
      more: `95% CI ${interval(changed.conf_low, changed.conf_high, outcome.digits)}`,
    },
  ];
  if (half)
    tiles.push({
      value: percent(half.estimate),
      label: `had it ${outcome.higher_is_better ? "rise" : "fall"} by half or more`,
      more: `${half.responders} of ${half.n}; 95% CI ${interval(100 * half.conf_low, 100 * half.conf_high, 0)}%`,
    });
  tiles.push({
    value: percent(last.share_seen),
    label: `seen ${study.at(last.visit_time)}`,
    more: `${last.n_seen} of ${last.n_baseline}`,
  });
  return tiles;
}
