// Reads the views of each study by psql and writes the page: node build.mjs STUDIES PAGE.
// Script, style, font and data all go into the one file.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));

// The rows a query returns, as { columns, rows }.
async function read(query) {
  const { stdout } = await run(
    "psql",
    ["-XqAt", "-v", "ON_ERROR_STOP=1", "-c", `SELECT coalesce(json_agg(q), '[]') FROM (${query}) q`],
    { maxBuffer: 2 ** 28 },
  );
  const objects = JSON.parse(stdout);
  const columns = Object.keys(objects[0] ?? {});
  return { columns, rows: objects.map((o) => columns.map((c) => o[c])) };
}

const identifier = (name) => `"${name.replaceAll('"', '""')}"`;
const literal = (text) => `'${String(text).replaceAll("'", "''")}'`;
const among = (column, values) => `${column} IN (${values.map(literal).join(", ")})`;

// What the page draws of each view; a view that is not there is not drawn.
function queries(study) {
  const outcomes = (study.outcomes ?? []).map((o) => o.measure);
  const groups = Object.keys(study.groups ?? {});
  const from = (view) => `FROM ${identifier(study.schema)}.${view}`;
  const shown = `${among("measure", outcomes)} AND ${among("group_name", ["all", ...groups])}`;
  const inPanels = among("group_name", ["all", study.panels ?? "all"]);
  const curveVisits = among("visit_time::text", study.curve_visits ?? [study.key_visit]);
  const keys = "measure, group_name, group_value, visit_time";
  const cohort = {
    trajectory: `SELECT ${keys}, n, n_missing, mean, sd, conf_low, conf_high, q1, median, q3
      ${from("cohort_trajectory")} WHERE ${shown} AND ${inPanels} ORDER BY ${keys}`,
    paired_change: `SELECT ${keys}, n, n_missing, mean_before, mean_after, mean_change, conf_low,
      conf_high, p_value, effect_size, change_of_means_pct, note
      ${from("cohort_paired_change")} WHERE ${shown} AND mean_after IS NOT NULL ORDER BY ${keys}`,
    responders: `SELECT ${keys}, threshold, n, n_missing, responders, estimate, conf_low, conf_high
      ${from("cohort_responders")} WHERE ${shown} AND ${inPanels} AND ${curveVisits} ORDER BY ${keys}, threshold`,
    responder_curve: `SELECT ${keys}, threshold, n, n_missing, responders, estimate, conf_low, conf_high
      ${from("cohort_responder_curve")} WHERE ${shown} AND ${inPanels} AND ${curveVisits} ORDER BY ${keys}, threshold`,
    attrition: `SELECT group_name, group_value, visit_time, n_baseline, n_seen, n_lost, share_seen,
      share_lost ${from("cohort_attrition")} WHERE ${among("group_name", ["all", ...groups])}
      ORDER BY group_name, group_value, visit_time`,
    table_one: `SELECT variable, level, grp, n, n_missing, display, p_value, test, smd
      ${from("cohort_table_one")}`,
  };
  const extra = {
    patient_lines: `SELECT patient, group_name, group_value, measure, visit_time, value
      ${from("patient_lines")} ORDER BY patient, visit_time`,
    mme_profiles: `SELECT patient, from_day, to_day, mme ${from("mme_profiles")} ORDER BY patient, from_day`,
    mme_categories: `SELECT visit_time, category, n ${from("mme_categories")} ORDER BY visit_time, category`,
    mediation: `SELECT * ${from("mediation")}`,
  };
  return { ...(outcomes.length ? cohort : {}), ...extra };
}

async function readStudy(study) {
  const present = await read(`SELECT c.relname FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
    WHERE s.nspname = ${literal(study.schema)} AND has_table_privilege(c.oid, 'SELECT')`);
  const names = present.rows.flat();
  if (names.length === 0) throw new Error(`schema ${study.schema} holds no view that this user may read`);
  const views = {};
  for (const [name, query] of Object.entries(queries(study)))
    if (names.includes(name) || names.includes(`cohort_${name}`)) views[name] = await read(query);
  return { ...study, views };
}

async function main(studiesFile, page) {
  const config = JSON.parse(await readFile(studiesFile, "utf8"));
  const about = await read("SELECT ketocohort_version() AS version, current_date AS day");
  const [version, day] = about.rows[0];
  const data = { ...config, version, day, studies: [] };
  for (const study of config.studies) data.studies.push(await readStudy(study));

  const bundle = await build({
    absWorkingDir: here,
    entryPoints: { page: "src/main.js", style: "src/style.css" },
    outdir: "out",
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    charset: "utf8",
    target: "es2020",
    legalComments: "none",
    loader: { ".woff2": "dataurl" },
  });
  const output = (end) => bundle.outputFiles.find((f) => f.path.endsWith(end)).text;
  const template = await readFile(new URL("src/page.html", import.meta.url), "utf8");
  const parts = {
    title: config.title.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
    style: output(".css"),
    data: JSON.stringify(data).replaceAll("<", "\\u003c"),
    script: output(".js").replaceAll("</script", "<\\/script"),
  };
  await writeFile(
    page,
    template.replace(/<!--(\w+)-->/g, (mark, name) => parts[name]),
  );
  console.log(`${page}: ${data.studies.length} studies`);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(`build.mjs: ${(error.stderr || error.message).trim()}`);
  process.exit(1);
});
