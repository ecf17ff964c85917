/** What Python and the URL hold, as text, and the order in which pictures are placed. */

import { MAX_ZOOM } from "./viewport.js";

/** @import { Point } from "./geometry.js" */

/** Places in the URL are in steps of 1 / 10,000. */
export const PRECISION = 10_000;

/** @param {string} base64 */
export function decodeBytes(base64) {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

/** @param {Uint8Array} bytes */
export function encodeBytes(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/**
 * A polygon with its corners in the steps of the URL.
 *
 * @param {Point[]} polygon
 * @returns {Point[]}
 */
export function rounded(polygon) {
  return polygon.map(([x, y]) => [
    Math.round(x * PRECISION) / PRECISION,
    Math.round(y * PRECISION) / PRECISION,
  ]);
}

/**
 * A lasso as the URL holds it, and as `selection.py` reads it.
 *
 * @param {string} layout
 * @param {Point[]} polygon
 */
export function encodeLasso(layout, polygon) {
  return `${layout}:${polygon
    .flat()
    .map((each) => Math.round(each * PRECISION))
    .join(".")}`;
}

/**
 * A view as the URL holds it: its middle, and how much it is enlarged.
 *
 * @param {Point} middle
 * @param {number} zoom
 */
export function encodeView([x, y], zoom) {
  return [x.toFixed(3), y.toFixed(3), zoom.toFixed(2)].join("_");
}

/**
 * The view that a text of the URL describes, or null where it describes none: it may be anything.
 *
 * @param {string | null} text
 */
export function decodeView(text) {
  const [x, y, zoom] = (text ?? "").split("_").map(Number);
  const isValid = Math.abs(x) < 10 && Math.abs(y) < 10 && zoom > 0.5 && zoom <= MAX_ZOOM;
  return isValid ? { x, y, zoom } : null;
}

export function viewInUrl() {
  return new URL(window.location.href).searchParams.get("view");
}

/**
 * The numbers 0 to n - 1 in an order that looks random and is always the same.
 *
 * @param {number} n
 */
export function shuffled(n) {
  const order = Array.from({ length: n }, (_, i) => i);
  let seed = 1;
  for (let i = n - 1; i > 0; i--) {
    seed = (seed * 48271) % 2147483647; // Park and Miller, 1988
    const j = seed % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/**
 * @param {string} text
 * @param {number} longest
 */
export function shortened(text, longest) {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
