// What the page has to show, asked of the database anew: from the patients' rows wherever
// that is possible, not from the views the page was built of.
import { execFileSync } from "node:child_process";

export function ask(query) {
  const out = execFileSync(
    "psql",
    ["-XqAt", "-v", "ON_ERROR_STOP=1", "-c", `SELECT coalesce(json_agg(q), '[]') FROM (${query}) q`],
    { maxBuffer: 2 ** 28, encoding: "utf8" },
  );
  return JSON.parse(out);
}

// Rows of text, as psql prints them.
export function askText(query) {
  const out = execFileSync("psql", ["-XqAt", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-c", query], {
    encoding: "utf8",
  });
  return out
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\x1f"));
}

// Text of a number as SQL rounds it, with a minus sign; p-values as printed.
const round = (x, digits) => `replace(round((${x})::numeric, ${digits})::text, '-', '−')`;
const percent = (x, digits) => `round((100 * ${x})::numeric, ${digits})::text || '%'`;
const pText = (p) => `CASE WHEN ${p} IS NULL THEN '–' WHEN ${p} < 0.001 THEN '<0.001'
  WHEN ${p} < 0.1 THEN round((${p})::numeric, 3)::text ELSE round((${p})::numeric, 2)::text END`;

const taperVisit = (v) =>
  `CASE ${v} WHEN 0 THEN 'Entry' WHEN 6 THEN 'Discharge' WHEN 90 THEN '3 months' ELSE '12 months' END`;

const taperPairs = `(SELECT b.patient, d.day, b.sex, b.cause, b.mme AS before, v.mme AS after
  FROM report_source.taper b CROSS JOIN (VALUES (6), (90), (365)) d (day)
  LEFT JOIN report_source.taper v ON v.patient = b.patient AND v.day = d.day WHERE b.day = 0) pairs`;

const repeatedPairs = (
  measure,
) => `(SELECT b.patient, v.month, b.depression, b.sex, b.${measure} AS before, v.${measure} AS after
  FROM report_source.repeated b JOIN report_source.repeated v USING (patient) WHERE b.month = 0) pairs`;

const changes = (
  digits,
) => `(t).n::text, (t).n_missing::text, ${round("(d).mean_before", digits)}, ${round("(d).mean_after", digits)},
  ${round("(t).estimate", digits)}, ${round("(t).conf_low", digits)}, ${round("(t).conf_high", digits)}, ${pText("(t).p_value")}, ${round("(t).effect_size", 2)}`;

const tested = "paired_t_test(before, after) AS t, describe_paired(before, after) AS d";

const change = (pairs, visit, columns, keyVisit, shown, keyName, digits) => `
  SELECT label, ${changes(digits)} FROM (
    SELECT 0 AS place, ${visit}::float8 AS o, '' AS g, ${keyName(visit)} AS label, ${tested} FROM ${pairs} WHERE ${shown} GROUP BY ${visit}
    ${columns
      .map(
        (column, i) => `UNION ALL SELECT ${i + 1}, 0, ${column},
      upper(left(${column}, 1)) || substr(${column}, 2) || ', ' || lower(${keyName(keyVisit)}), ${tested}
      FROM ${pairs} WHERE ${visit} = ${keyVisit} GROUP BY ${column}`,
      )
      .join("\n")}) s ORDER BY place, o, g`;

const curve = (pairs, visit, group, digits) => `
  SELECT ${visit}, ${group}, t || '%', n, missing, r, ${percent("(c).estimate", digits)},
    ${percent("(c).conf_low", digits)}, ${percent("(c).conf_high", digits)}
  FROM (SELECT *, proportion_ci(r, n) AS c FROM (
    SELECT v, g, t, count(*) FILTER (WHERE before <> 0 AND after IS NOT NULL) AS n,
      count(*) FILTER (WHERE NOT coalesce(before <> 0 AND after IS NOT NULL, false)) AS missing,
      count(*) FILTER (WHERE before <> 0 AND 100 * (before - after) / before >= t) AS r
    FROM ${pairs}, generate_series(0, 100, 10) t GROUP BY v, g, t) a) b ORDER BY v, g, t`;

const seen = (source, visit, group) =>
  `SELECT ${visit} AS v, ${group} AS g, count(*) AS seen FROM ${source} GROUP BY 1, 2`;

const attrition = (source, visit, name, groups) => `
  SELECT ${name("v")}, upper(left(g, 1)) || substr(g, 2), base::text, seen::text, (base - seen)::text, ${percent("seen::float8 / base", 0)}
  FROM (SELECT *, first_value(seen) OVER (PARTITION BY place, g ORDER BY v) AS base FROM (
    SELECT 'all' AS place, s.* FROM (${seen(source, visit, "'all patients'")}) s
    ${groups.map((group) => `UNION ALL SELECT '${group}', s.* FROM (${seen(source, visit, group)}) s`).join("\n")}) a) b
  ORDER BY CASE place WHEN 'all' THEN '' ELSE place END, g, v`;

const trajectory = (source, visit, name, column, group, total, digits) => `
  SELECT ${name("v")}, g, (d).n, ${total} - (d).n, ${round("(d).mean", digits)}, ${round("(d).sd", digits)},
    ${round("(t).conf_low", digits)}, ${round("(t).conf_high", digits)}, ${round("(d).median", digits)}
  FROM (SELECT ${visit} AS v, ${group} AS g, describe(${column}) AS d, t_test(${column}) AS t FROM ${source} GROUP BY 1, 2) s
  ORDER BY g, v`;

const month = (v) => `'Month ' || ${v}`;
const upper = "upper(left(g, 1)) || substr(g, 2)";
const inMonths = "month IN (3, 6, 9, 12)";

// The rows of the table below each figure, as text, by study and figure of one kind.
export const tables = {
  taper: {
    trajectory: [trajectory("report_source.taper", "day", taperVisit, "mme", "'All patients'", 59, 1)],
    change: [change(taperPairs, "day", ["sex", "cause"], 6, "true", taperVisit, 1)],
    curve: [
      curve(
        `(SELECT day AS v, 'all' AS g, before, after FROM ${taperPairs}) p`,
        taperVisit("v"),
        "'All patients'",
        1,
      ),
    ],
    categories: [
      `SELECT ${taperVisit("day")}, c, n::text FROM (
      SELECT d.day, CASE WHEN mme IS NULL THEN 'not seen' WHEN mme < 20 THEN 'under 20' WHEN mme < 50 THEN '20–49'
        WHEN mme < 90 THEN '50–89' ELSE '90 or more' END AS c, min(coalesce(mme, 1e9)) AS o, count(*) AS n
      FROM (VALUES (0), (6), (90), (365)) d (day) CROSS JOIN taper_patients p
      LEFT JOIN report_source.taper v ON v.patient = p.patient AND v.day = d.day GROUP BY 1, 2) s ORDER BY day, o`,
    ],
    profiles: [
      `SELECT s.patient::text, replace((start_date - admitted)::text, '-', '−'), replace((start_date + days - 1 - admitted)::text, '-', '−'),
        round(daily_dose * CASE drug WHEN 'oxycodone' THEN 1.5 ELSE 1 END)::text
      FROM taper_prescriptions s JOIN taper_patients USING (patient)
      JOIN (SELECT patient, row_number() OVER (ORDER BY mme, patient) AS place FROM report_source.taper WHERE day = 0) r USING (patient)
      WHERE place % 5 = 3 ORDER BY s.patient, start_date`,
    ],
    attrition: [attrition("report_source.taper", "day", taperVisit, ["cause", "sex"])],
  },
  repeated: {
    trajectory: [trajectory("report_source.repeated", "month", month, "pain", "depression", "(d).n", 2)],
    change: [
      change(repeatedPairs("pain"), "month", ["depression", "sex"], 12, inMonths, month, 2),
      change(repeatedPairs("pcs"), "month", ["depression", "sex"], 12, "month = 12", month, 2),
      change(repeatedPairs("mcs"), "month", ["depression", "sex"], 12, "month = 12", month, 2),
    ],
    curve: [
      curve(
        `(SELECT month AS v, depression AS g, before, after FROM ${repeatedPairs("pain")} WHERE month = 12) p`,
        month("v"),
        upper,
        1,
      ),
    ],
    attrition: [attrition("report_source.repeated", "month", month, ["depression", "sex"])],
  },
  neuropathy: {
    mediation: [
      `SELECT CASE effect WHEN 'total' THEN 'Total: pain on interference' WHEN 'a' THEN 'a: pain on depression'
        WHEN 'b' THEN 'b: depression on interference' WHEN 'direct' THEN 'Direct' WHEN 'indirect' THEN 'Indirect, by depression (a × b)'
        ELSE 'Proportion mediated' END,
      ${["estimate", "conf_low", "conf_high"].map((c) => round(c, "(2 - floor(log(abs(estimate))))::int")).join(", ")}, ${pText("p_value")}, method
      FROM (SELECT mediation_summary(pain, depression, interference, ARRAY[age, female::int]) AS s FROM neuropathy) q,
        mediation_effects(s, method => 'product') WITH ORDINALITY ORDER BY ordinality`,
    ],
  },
};

// Values a drawing has to show at its marks, in the order drawn.
export const drawn = {
  taper: {
    "trajectory .mean-dots": ["y", "SELECT avg(mme) FROM report_source.taper GROUP BY day ORDER BY day"],
    "change .estimates": [
      "x",
      `SELECT e FROM (
      SELECT 0 AS p, day AS o, '' AS g, avg(after - before) AS e FROM ${taperPairs} GROUP BY day
      UNION ALL SELECT 1, 0, sex, avg(after - before) FROM ${taperPairs} WHERE day = 6 GROUP BY sex
      UNION ALL SELECT 2, 0, cause, avg(after - before) FROM ${taperPairs} WHERE day = 6 GROUP BY cause) s ORDER BY p, o, g`,
    ],
    "curve .responders": [
      "y",
      `SELECT 100 * avg((100 * (before - after) / before >= t)::int) FROM ${taperPairs},
      generate_series(0, 100, 10) t WHERE after IS NOT NULL GROUP BY day, t ORDER BY day, t`,
    ],
    "attrition .seen": ["width", "SELECT count(*) FROM report_source.taper GROUP BY day ORDER BY day"],
    "categories .categories": [
      "width",
      `SELECT count(*) FROM (VALUES (0), (6), (90), (365)) d (day) CROSS JOIN taper_patients p
      LEFT JOIN report_source.taper v ON v.patient = p.patient AND v.day = d.day
      GROUP BY d.day, width_bucket(coalesce(mme, 1e9), ARRAY[20, 50, 90, 1e9]::float8[]) ORDER BY d.day,
        width_bucket(coalesce(mme, 1e9), ARRAY[20, 50, 90, 1e9]::float8[])`,
    ],
  },
  repeated: {
    "trajectory .mean-dots": [
      "y",
      "SELECT avg(pain) FROM report_source.repeated GROUP BY depression, month ORDER BY depression, month",
    ],
    "curve .responders": [
      "y",
      `SELECT 100 * avg((100 * (before - after) / before >= t)::int) FROM ${repeatedPairs("pain")},
      generate_series(0, 100, 10) t WHERE month = 12 AND before <> 0 GROUP BY depression, t ORDER BY depression, t`,
    ],
  },
  neuropathy: {
    "mediation .estimates": [
      "x",
      `SELECT e.estimate FROM (SELECT mediation_summary(pain, depression, interference, ARRAY[age, female::int]) AS s
      FROM neuropathy) q, mediation_effects(s) e WHERE effect IN ('total', 'direct', 'indirect')
      ORDER BY array_position('{total,direct,indirect}'::text[], effect)`,
    ],
  },
};

// Lines drawn: one a patient.
export const lines = {
  taper: "SELECT count(DISTINCT patient) AS n FROM report_source.taper",
  repeated: "SELECT count(DISTINCT patient) AS n FROM report_source.repeated WHERE patient % 5 = 0",
};

const meanSd = (
  source,
  column,
  where,
) => `SELECT round(avg(${column})::numeric, 1) || ' (' || round(stddev(${column})::numeric, 1) || ')' AS display
  FROM ${source} WHERE ${where}`;

// Cells of Table 1: study, row, column, query.
export const tableOne = [
  ["taper", "Age, years, mean (SD)", 1, meanSd("report_source.taper", "age", "day = 0")],
  ["taper", "Age, years, mean (SD)", 2, meanSd("report_source.taper", "age", "day = 0 AND sex = 'men'")],
  [
    "taper",
    "Opioid dose, mg MME a day, mean (SD)",
    3,
    meanSd("report_source.taper", "mme", "day = 0 AND sex = 'women'"),
  ],
  [
    "taper",
    "Opioid dose, mg MME a day, mean (SD)",
    4,
    `SELECT ${pText("(welch_t_test(mme, sex)).p_value")} AS display FROM report_source.taper WHERE day = 0`,
  ],
  [
    "taper",
    "Back pain",
    1,
    `SELECT count(*) FILTER (WHERE aetiology = 'back pain') || ' (' ||
    round(100.0 * count(*) FILTER (WHERE aetiology = 'back pain') / count(*), 1) || '%)' AS display FROM taper_patients`,
  ],
  [
    "taper",
    "Cause of pain, n (%)",
    4,
    `SELECT ${pText("(fisher_exact_test(cause, sex)).p_value")} AS display FROM report_source.taper WHERE day = 0`,
  ],
  [
    "repeated",
    "Pain, 0 to 10, mean (SD)",
    3,
    meanSd("report_source.repeated", "pain", "month = 0 AND depression = 'HADS-D 8 or more'"),
  ],
  ["repeated", "SF-12 physical, mean (SD)", 1, meanSd("report_source.repeated", "pcs", "month = 0")],
];

const repeatedKey =
  "FROM report_source.repeated b JOIN report_source.repeated v USING (patient) WHERE b.month = 0 AND v.month = 12";

// Words whose numbers come from SQL: study, what, selector, query for the text.
export const words = [
  [
    "taper",
    "key figures",
    ".tiles strong",
    `SELECT concat_ws(' ', (SELECT count(*) FROM taper_patients),
    (SELECT ${round("avg(after - before)", 0)} FROM ${taperPairs} WHERE day = 6),
    (SELECT ${percent("avg((after <= before / 2)::int)", 0)} FROM ${taperPairs} WHERE day = 6),
    (SELECT ${percent("count(after)::float8 / count(*)", 0)} FROM ${taperPairs} WHERE day = 365))`,
  ],
  [
    "repeated",
    "key figures",
    ".tiles strong",
    `SELECT concat_ws(' ', (SELECT count(*) FROM repeated_patients),
    (SELECT ${round("avg(v.pain - b.pain)", 1)} ${repeatedKey}),
    (SELECT ${percent("avg((v.pain <= b.pain / 2.0)::int)", 0)} ${repeatedKey} AND b.pain > 0), '100%')`,
  ],
  [
    "taper",
    "title of the change",
    "[data-kind=change] h3",
    `SELECT format('Figure 3 Change in opioid dose from entry: %s (95%% CI %s to %s) at discharge',
    ${round("(t).estimate", 0)}, ${round("(t).conf_low", 0)}, ${round("(t).conf_high", 0)})
    FROM (SELECT paired_t_test(before, after) AS t FROM ${taperPairs} WHERE day = 6) s`,
  ],
  [
    "taper",
    "title of the trajectory",
    "[data-kind=trajectory] h3",
    `SELECT format('Figure 2 Mean opioid dose (mg MME a day). %s at entry, %s at discharge, %s at 12 months',
    ${["0", "6", "365"].map((d) => round(`avg(mme) FILTER (WHERE day = ${d})`, 0)).join(", ")}) FROM report_source.taper`,
  ],
  [
    "taper",
    "patients under the trajectory",
    "[data-kind=trajectory] .counts text",
    `SELECT string_agg(n::text, ' ' ORDER BY day)
    FROM (SELECT day, count(*) AS n FROM report_source.taper GROUP BY day) s`,
  ],
  [
    "taper",
    "words beside the intervals",
    "[data-kind=change] .words text",
    `SELECT string_agg(format('%s (%s to %s), p %s',
      ${round("(t).estimate", 0)}, ${round("(t).conf_low", 0)}, ${round("(t).conf_high", 0)},
      CASE WHEN (t).p_value < 0.001 THEN '< 0.001' ELSE '= ' || round((t).p_value::numeric, 3) END), ' ' ORDER BY p, o, g)
    FROM (SELECT 0 AS p, day AS o, '' AS g, paired_t_test(before, after) AS t FROM ${taperPairs} GROUP BY day
      UNION ALL SELECT 1, 0, sex, paired_t_test(before, after) FROM ${taperPairs} WHERE day = 6 GROUP BY sex
      UNION ALL SELECT 2, 0, cause, paired_t_test(before, after) FROM ${taperPairs} WHERE day = 6 GROUP BY cause) s`,
  ],
  [
    "neuropathy",
    "title of the diagram",
    "[data-kind=mediation] h3",
    `SELECT format('Figure 13 A point of pain goes with %s of interference, %s of it by way of depression',
      ${round("(m).total", 2)}, ${round("(m).indirect", 3)}) FROM (SELECT mediation(pain, depression, interference, ARRAY[age, female::int]) AS m FROM neuropathy) s`,
  ],
  [
    "neuropathy",
    "words on the arrows",
    ".path-label tspan:first-child",
    `SELECT format('a = %s b = %s direct = %s',
      ${round("(m).a", 3)}, ${round("(m).b", 1)}, ${round("(m).direct", 2)}) FROM (SELECT mediation(pain, depression, interference, ARRAY[age, female::int]) AS m FROM neuropathy) s`,
  ],
];
