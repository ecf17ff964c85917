/** Points, boxes and polygons in a plane. */

/** @typedef {[number, number]} Point x and y on the map, or left and top on the canvas */
/** @typedef {[number, number, number, number]} Box smallest x and y, then largest x and y */

/** The most corners of a lasso: more would not fit into the URL. */
export const MAX_CORNERS = 48;

/**
 * @param {number} value
 * @param {number} min
 * @param {number} max
 */
export function clamp(value, min, max) {
  return Math.max(min, Math.min(value, max));
}

/**
 * @param {Point} a
 * @param {Point} b
 */
export function distance([ax, ay], [bx, by]) {
  return Math.hypot(ax - bx, ay - by);
}

/**
 * Whether two boxes have an area in common.
 *
 * @param {Box} a
 * @param {Box} b
 */
export function overlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

/**
 * Whether a point is in a box, not at its edge.
 *
 * @param {Point} point
 * @param {Box} box
 */
export function isInside([x, y], box) {
  return overlap([x, y, x, y], box);
}

/**
 * The shortest way to a point within one box that is in none of some others, as far as it leads
 * along each axis; null if there is no such point.
 *
 * @param {Point} from
 * @param {Box} within
 * @param {Box[]} covers
 * @returns {Point | null}
 */
export function wayToFree([x, y], within, covers) {
  const across = [x, ...covers.flatMap((cover) => [cover[0], cover[2]])];
  const down = [y, ...covers.flatMap((cover) => [cover[1], cover[3]])];
  /** @type {Point[]} */
  const ways = across.flatMap((toX) =>
    down.map((toY) => {
      const to = [clamp(toX, within[0], within[2]), clamp(toY, within[1], within[3])];
      return /** @type {Point} */ ([to[0] - x, to[1] - y]);
    }),
  );
  return (
    ways
      .filter((way) => !covers.some((cover) => isInside([x + way[0], y + way[1]], cover)))
      .toSorted((a, b) => Math.hypot(...a) - Math.hypot(...b))[0] ?? null
  );
}

/**
 * A box with space around it: at least `edge` on each side, and so much that no side is shorter than
 * `minSide`.
 *
 * @param {Box} box
 * @param {number} edge
 * @param {number} minSide
 * @returns {Box}
 */
export function padded([left, bottom, right, top], edge, minSide) {
  const across = Math.max(edge, (minSide - (right - left)) / 2);
  const down = Math.max(edge, (minSide - (top - bottom)) / 2);
  return [left - across, bottom - down, right + across, top + down];
}

/**
 * The corners of a rectangle, from two opposite ones.
 *
 * @param {Point} a
 * @param {Point} b
 * @returns {Point[]}
 */
export function corners([ax, ay], [bx, by]) {
  return [
    [ax, ay],
    [bx, ay],
    [bx, by],
    [ax, by],
  ];
}

/**
 * A polygon of at most `MAX_CORNERS` corners, taken evenly along the given one.
 *
 * @param {Point[]} polygon
 */
export function thinned(polygon) {
  if (polygon.length <= MAX_CORNERS) return polygon;
  const step = polygon.length / MAX_CORNERS;
  return Array.from({ length: MAX_CORNERS }, (_, i) => polygon[Math.floor(i * step)]);
}

/**
 * Which points lie inside a polygon, by the even-odd rule: 1 or 0 for each.
 *
 * @param {Point[]} polygon
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 */
export function pointsInside(polygon, xs, ys) {
  const inside = new Uint8Array(xs.length);
  for (let i = 0; i < xs.length; i++) {
    let [bx, by] = polygon[polygon.length - 1];
    for (const [ax, ay] of polygon) {
      const crosses = ay > ys[i] !== by > ys[i];
      if (crosses && xs[i] < ((bx - ax) * (ys[i] - ay)) / (by - ay) + ax) inside[i] ^= 1;
      [bx, by] = [ax, ay];
    }
  }
  return inside;
}
