// Numbers as a clinical report prints them.

// Rounds the decimal digits a number prints with, halves away from 0, as numeric does in SQL.
export function fixed(x, digits = 0) {
  const shifted = Math.round(Number(`${Math.abs(x)}e${digits}`));
  const text = Number.isFinite(shifted)
    ? (shifted / 10 ** digits).toFixed(digits)
    : Math.abs(x).toFixed(digits);
  return x < 0 && Number(text) !== 0 ? `−${text}` : text;
}

export const number = (x, digits) => (x === null || x === undefined ? "–" : fixed(x, digits));

// To so many significant digits: for coefficients, whose size is not known.
export function significant(x, digits = 2) {
  if (x === null || x === undefined) return "–";
  const decimals = x === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(x))));
  return fixed(x, Math.min(decimals, 12));
}

export const percent = (fraction, digits = 0) =>
  fraction === null ? "–" : `${fixed(100 * fraction, digits)}%`;

export const interval = (low, high, digits) =>
  low === null || high === null ? "no interval" : `${fixed(low, digits)} to ${fixed(high, digits)}`;

export function pValue(p) {
  if (p === null || p === undefined) return "–";
  if (p < 0.001) return "<0.001";
  return fixed(p, p < 0.1 ? 3 : 2);
}

export const withP = (p) => (p === null ? "" : p < 0.001 ? "p < 0.001" : `p = ${pValue(p)}`);

export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
