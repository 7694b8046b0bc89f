// Tables: the rows behind a figure, and Table 1.

function cell(name, text, attributes = {}) {
  const node = document.createElement(name);
  node.textContent = text;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function row(cells) {
  const tr = document.createElement("tr");
  tr.append(...cells);
  return tr;
}

// A box that scrolls sideways where the table is wider than the page, by keyboard too.
function scrolling(table, name) {
  const box = document.createElement("div");
  box.className = "scroll";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", name);
  box.append(table);
  return box;
}

function tableOf(caption, heads, body) {
  const table = document.createElement("table");
  const thead = document.createElement("thead");
  const tbody = document.createElement("tbody");
  thead.append(row(heads));
  tbody.append(...body);
  table.append(cell("caption", caption), thead, tbody);
  return table;
}

// columns: [{ head, value(row), key }]; the first names the row.  A cell keeps the exact
// value in data-value, so that what is printed can be checked against the database.
export function dataTable(caption, columns, rows) {
  const heads = columns.map((column) => cell("th", column.head, { scope: "col" }));
  const body = rows.map((one) =>
    row(
      columns.map((column, i) => {
        const exact =
          column.key === undefined ? {} : { "data-key": column.key, "data-value": one[column.key] ?? "" };
        return cell(i === 0 ? "th" : "td", column.value(one), {
          ...(i === 0 ? { scope: "row" } : {}),
          ...exact,
        });
      }),
    ),
  );
  return scrolling(tableOf(caption, heads, body), caption);
}

export function tableOne(study, caption, { pValue, fixed }) {
  const rows = study.rows("table_one");
  const groups = [null, ...[...new Set(rows.map((r) => r.grp))].filter((g) => g !== null).sort()];
  const variables = [...new Set(rows.map((r) => r.variable))];
  const size = (grp) =>
    Math.max(...rows.filter((r) => r.grp === grp).map((r) => Number(r.n) + Number(r.n_missing)));
  const cohort = study.row("attrition", { group_name: "all" }).n_baseline;
  const groupName = (grp) =>
    grp !== null ? study.valueName(grp) : size(null) < cohort ? "All with a group" : "All patients";
  const heads = [
    cell("th", "Variable", { scope: "col" }),
    ...groups.map((grp) => cell("th", `${groupName(grp)}, n = ${size(grp)}`, { scope: "col" })),
    cell("th", "p", { scope: "col" }),
    cell("th", "SMD", { scope: "col" }),
  ];
  const body = variables.flatMap((variable) => {
    const own = rows.filter((r) => r.variable === variable);
    const levels = [...new Set(own.map((r) => r.level))];
    const tests = (r) => [
      cell("td", pValue(r.p_value), { "data-key": "p_value", title: r.test ?? "" }),
      cell("td", r.smd === null ? "–" : fixed(r.smd, 2), { "data-key": "smd" }),
    ];
    const blank = [cell("td", ""), cell("td", "")];
    const displays = (level) =>
      groups.map((grp) =>
        cell("td", own.find((r) => r.level === level && r.grp === grp)?.display ?? "–", {
          "data-key": "display",
        }),
      );
    if (levels.length === 1 && levels[0] === null)
      return [
        row([
          cell("th", `${study.variableName(variable)}, mean (SD)`, { scope: "row" }),
          ...displays(null),
          ...tests(own[0]),
        ]),
      ];
    const head = row([
      cell("th", `${study.variableName(variable)}, n (%)`, { scope: "row" }),
      ...groups.map(() => cell("td", "")),
      ...tests(own[0]),
    ]);
    return [
      head,
      ...levels.map((level) =>
        row([
          cell("th", study.valueName(level), { scope: "row", class: "level" }),
          ...displays(level),
          ...blank.map((b) => b.cloneNode()),
        ]),
      ),
    ];
  });
  return scrolling(tableOf(caption, heads, body), caption);
}
