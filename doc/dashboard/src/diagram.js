// The diagram of a mediation: three boxes, three arrows with their coefficients.
import { interval, significant, withP } from "./format.js";
import { colour } from "./plotting.js";

const space = "http://www.w3.org/2000/svg";

function element(name, attributes, text) {
  const node = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

// Decimals enough for two significant digits of the estimate.
export function decimals(estimate) {
  return estimate === 0 ? 2 : Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(Math.abs(estimate)))));
}

export const coefficientText = (row) =>
  `${significant(row.estimate)} (${interval(row.conf_low, row.conf_high, decimals(row.estimate))})`;

export function diagram(names, effects, width) {
  const effect = (name) => effects.find((row) => row.effect === name);
  const narrow = width < 560;
  const box = { width: narrow ? 112 : 170, height: 58 };
  const drawn = Math.min(width, 760);
  const height = narrow ? 330 : 290;
  const middle = drawn / 2;
  const places = {
    treatment: [box.width / 2 + 1, height - 90],
    mediator: [middle, box.height / 2 + 1],
    outcome: [drawn - box.width / 2 - 1, height - 90],
  };
  const svg = element("svg", {
    width: drawn,
    height,
    viewBox: `0 0 ${drawn} ${height}`,
    "aria-hidden": "true",
    class: "diagram",
  });
  const marker = element("marker", {
    id: "arrow-head",
    viewBox: "0 0 10 10",
    refX: 9,
    refY: 5,
    markerWidth: 9,
    markerHeight: 9,
    markerUnits: "userSpaceOnUse",
    orient: "auto-start-reverse",
  });
  marker.append(element("path", { d: "M0,0 L10,5 L0,10 Z", fill: colour.main }));
  const defs = element("defs", {});
  defs.append(marker);
  svg.append(defs);

  const arrow = (from, to, row, at, anchor) => {
    svg.append(
      element("line", {
        x1: from[0],
        y1: from[1],
        x2: to[0],
        y2: to[1],
        stroke: colour.main,
        class: "path",
        "stroke-width": row.p_value !== null && row.p_value < 0.05 ? 2.5 : 1.25,
        "marker-end": "url(#arrow-head)",
      }),
    );
    const label = element("text", { x: at[0], y: at[1], "text-anchor": anchor, class: "path-label" });
    label.append(
      element("tspan", { x: at[0], "font-weight": 700 }, `${at[2]} = ${significant(row.estimate)}`),
    );
    label.append(
      element("tspan", { x: at[0], dy: 17 }, interval(row.conf_low, row.conf_high, decimals(row.estimate))),
    );
    label.append(element("tspan", { x: at[0], dy: 17, fill: colour.quiet }, withP(row.p_value)));
    svg.append(label);
  };
  const [t, m, o] = [places.treatment, places.mediator, places.outcome];
  const top = t[1] - box.height / 2;
  const corner = box.width / 4;
  arrow(
    [t[0] + corner / 2, top],
    [m[0] - corner, m[1] + box.height / 2],
    effect("a"),
    narrow ? [0, top - 66, "a"] : [(t[0] + m[0]) / 2 - 34, (t[1] + m[1]) / 2 - 30, "a"],
    narrow ? "start" : "end",
  );
  arrow(
    [m[0] + corner, m[1] + box.height / 2],
    [o[0] - corner / 2, top],
    effect("b"),
    narrow ? [drawn, top - 66, "b"] : [(m[0] + o[0]) / 2 + 34, (t[1] + m[1]) / 2 - 30, "b"],
    narrow ? "end" : "start",
  );
  arrow(
    [t[0] + box.width / 2, t[1]],
    [o[0] - box.width / 2 - 2, o[1]],
    effect("direct"),
    [middle, t[1] + (narrow ? box.height / 2 + 18 : 22), "direct"],
    "middle",
  );

  for (const [role, [x, y]] of Object.entries(places)) {
    svg.append(
      element("rect", {
        x: x - box.width / 2,
        y: y - box.height / 2,
        width: box.width,
        height: box.height,
        rx: 6,
        fill: "white",
        stroke: colour.ink,
        "stroke-width": 1.25,
      }),
    );
    const [name, unit] = names[role];
    svg.append(element("text", { x, y: y - 4, "text-anchor": "middle", "font-weight": 700 }, name));
    svg.append(
      element("text", { x, y: y + 15, "text-anchor": "middle", fill: colour.quiet, "font-size": 12 }, unit),
    );
  }
  return svg;
}
