/**
 * The map turned by a quarter: it is wider than high, and so fills a canvas that is higher than wide,
 * as on a phone. What is at its left is then at the top, and pictures stay upright.
 *
 * The server, the URL and a lasso speak of the map as it is stored.
 */

/** @import { Box, Point } from "./geometry.js" */

const HIGH = 1.15; // how many times higher than wide a canvas is that the map is turned for

/**
 * Whether the map fills a canvas better if it is turned.
 *
 * @param {Box} bounds of the map as it is stored
 * @param {{ width: number, height: number }} canvas
 */
export function isBetterTurned([left, bottom, right, top], { width, height }) {
  return height > HIGH * width && right - left > top - bottom;
}

/**
 * Where a point of the map is when the map is turned.
 *
 * @param {Point} point
 * @returns {Point}
 */
export function turned([x, y]) {
  return [y, 0 - x];
}

/**
 * Which point of the map is at a place of the turned map.
 *
 * @param {Point} place
 * @returns {Point}
 */
export function turnedBack([x, y]) {
  return [0 - y, x];
}

/**
 * Where a box of the map is when the map is turned.
 *
 * @param {Box} box
 * @returns {Box}
 */
export function turnedBox([left, bottom, right, top]) {
  return [bottom, 0 - right, top, 0 - left];
}

/**
 * Where all points of the map are when the map is turned.
 *
 * @param {Float32Array} positions x and y of each in turn
 */
export function turnedAll(positions) {
  return positions.map((_, i) => (i % 2 ? 0 - positions[i - 1] : positions[i + 1]));
}
