// A study of the page: its rows by view, and the names of its visits, groups and measures.
import { sentence } from "./format.js";

export class Study {
  constructor(config) {
    Object.assign(this, config);
    this.views = Object.fromEntries(
      Object.entries(config.views).map(([name, table]) => [
        name,
        table.rows.map((row) => Object.fromEntries(table.columns.map((column, i) => [column, row[i]]))),
      ]),
    );
    this.outcomes = config.outcomes ?? [];
    this.panelGroup = config.panels ?? "all";
  }

  has(view) {
    return (this.views[view] ?? []).length > 0;
  }

  // Rows of a view whose columns have the values given.
  rows(view, where = {}) {
    return (this.views[view] ?? []).filter((row) =>
      Object.entries(where).every(([column, value]) => String(row[column]) === String(value)),
    );
  }

  row(view, where) {
    return this.rows(view, where)[0];
  }

  visitName(visit) {
    const { labels = {}, name = "Visit" } = this.visits;
    return labels[visit] ?? `${name} ${visit}`;
  }

  // "at discharge", "at month 12"
  at(visit) {
    const name = this.visitName(visit);
    return `at ${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  }

  groupName(group) {
    return this.groups?.[group] ?? group;
  }

  valueName(value) {
    return value === "all" ? "All patients" : value === null ? "Not recorded" : sentence(String(value));
  }

  variableName(variable) {
    return this.variables?.[variable] ?? sentence(variable);
  }

  // The values of the group the panels show, or "all".
  panelValues(view = "attrition") {
    return [...new Set(this.rows(view, { group_name: this.panelGroup }).map((row) => row.group_value))];
  }

  get firstVisit() {
    return this.rows("attrition", { group_name: "all" })[0]?.visit_time;
  }

  get visitTimes() {
    return [...new Set(this.rows("attrition", { group_name: "all" }).map((row) => row.visit_time))];
  }

  get curveVisits() {
    return this.curve_visits ?? [this.key_visit];
  }
}
