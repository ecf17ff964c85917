/** Boxes on a picture, in shares of its width and height: how they are drawn, moved and resized. */

/** @typedef {[number, number, number, number]} Box left, top, right, bottom */

/** @typedef {{ x: number, y: number }} Place */

const MIN_SHARE = 0.03; // of either side: a smaller box is drawn by mistake

/**
 * The box between two places, as far as it is on the picture.
 *
 * @param {Place} from
 * @param {Place} to
 * @returns {Box}
 */
export function drawn(from, to) {
  const [x0, x1] = [clamp(from.x, 0, 1), clamp(to.x, 0, 1)];
  const [y0, y1] = [clamp(from.y, 0, 1), clamp(to.y, 0, 1)];
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
}

/**
 * The box moved, as far as it stays on the picture.
 *
 * @param {Box} box
 * @param {number} dx
 * @param {number} dy
 * @returns {Box}
 */
export function moved([left, top, right, bottom], dx, dy) {
  const x = clamp(dx, -left, 1 - right);
  const y = clamp(dy, -top, 1 - bottom);
  return [left + x, top + y, right + x, bottom + y];
}

/**
 * The box with some of its edges ("n", "e", "s", "w") moved.
 *
 * @param {Box} box
 * @param {string} edges
 * @param {number} dx
 * @param {number} dy
 * @returns {Box}
 */
export function resized([left, top, right, bottom], edges, dx, dy) {
  return [
    edges.includes("w") ? Math.max(0, Math.min(left + dx, right - MIN_SHARE)) : left,
    edges.includes("n") ? Math.max(0, Math.min(top + dy, bottom - MIN_SHARE)) : top,
    edges.includes("e") ? Math.min(1, Math.max(right + dx, left + MIN_SHARE)) : right,
    edges.includes("s") ? Math.min(1, Math.max(bottom + dy, top + MIN_SHARE)) : bottom,
  ];
}

/**
 * Whether a box is so small that it was drawn by mistake.
 *
 * @param {Box} box
 */
export function isSmall([left, top, right, bottom]) {
  return right - left < MIN_SHARE || bottom - top < MIN_SHARE;
}

/**
 * @param {number} value
 * @param {number} min
 * @param {number} max
 */
function clamp(value, min, max) {
  return Math.min(Math.max(value, min), max);
}

/**
 * A box in words.
 *
 * @param {Box} box
 */
export function inWords(box) {
  const [left, top, right, bottom] = box.map((share) => Math.round(share * 100));
  return `${left} to ${right} % from the left, ${top} to ${bottom} % from the top`;
}
