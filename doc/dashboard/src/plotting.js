// What the charts share: colours, one drawing, panels of equal size, lines at limits.
import * as Plot from "@observablehq/plot";
import { fixed } from "./format.js";

// Okabe and Ito's colours, told apart by colour-blind readers; greys that print.
export const colour = {
  ink: "#1c2733",
  quiet: "#5b6673",
  rule: "#c9d0d7",
  faint: "#8a97a5",
  main: "#0072b2",
  alert: "#b34700",
  scale: ["#dbe9f6", "#9dc7e4", "#62a3d1", "#0b4f8a"],
};

const style = {
  fontFamily: "inherit",
  fontSize: "13px",
  color: colour.ink,
  background: "none",
  overflow: "visible",
};
export const halo = { fill: colour.ink, stroke: "white", strokeWidth: 4, paintOrder: "stroke" };
const gap = 24;

export function plot(options) {
  const drawn = Plot.plot({ ...options, style });
  drawn.setAttribute("aria-hidden", "true");
  return drawn;
}

// Panels of equal width in as many columns as fit.
export function panels(items, width, least, most, draw) {
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

// Dashed lines with their values at the right, the lowest value moved down, the highest up.
export const limitLines = (limits, dx) =>
  limits.map((limit, i) => [
    Plot.ruleY([limit], { stroke: colour.alert, strokeDasharray: "5 3" }),
    Plot.text([limit], {
      y: (y) => y,
      text: (y) => fixed(y, 0),
      frameAnchor: "right",
      textAnchor: "end",
      dx,
      dy: limits.length === 1 ? 0 : i === 0 ? 4 : -4,
      fontSize: 12,
      fontWeight: 600,
      ...halo,
      fill: colour.alert,
    }),
  ]);
