/** Bytes, lassos and views of the map as text, for Python and for the URL. */

import { MAX_ZOOM } from "./viewport.js";

/** @import { Point } from "./geometry.js" */

/** Coordinates in the URL are in steps of 1 / 10,000. */
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
 * A lasso as the URL holds it, and as `url_selection.py` reads it.
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
 * A view as the URL holds it: its middle and its zoom, and the arrangement that it is one of.
 *
 * @param {Point} middle
 * @param {number} zoom
 * @param {string} arrangement its name; "" on the map
 */
export function encodeView([x, y], zoom, arrangement) {
  const view = [x.toFixed(3), y.toFixed(3), zoom.toFixed(2)];
  return (arrangement ? [...view, arrangement] : view).join("_");
}

/**
 * The view that a text of the URL describes, or null if it describes none: it may be anything.
 *
 * @param {string | null} text
 */
export function decodeView(text) {
  const parts = (text ?? "").split("_");
  const [x, y, zoom] = parts.slice(0, 3).map(Number);
  const isValid = Math.abs(x) < 10 && Math.abs(y) < 10 && zoom > 0.5 && zoom <= MAX_ZOOM;
  return isValid ? { x, y, zoom, arrangement: parts[3] ?? "" } : null;
}
