/** The points of a layout: where they are, and which of them are near each other. */

import { clamp } from "./geometry.js";

/** @import { Box } from "./geometry.js" */

/** @typedef {{ point: number, side: number }} Square around a point */

const MAX_REACH = 64; // cells: all points are compared sooner than what is in more of them

export class PointIndex {
  /** @param {ArrayLike<number>} positions x and y of each point in turn */
  constructor(positions) {
    this.n = positions.length / 2;
    this.x = new Float32Array(this.n);
    this.y = new Float32Array(this.n);
    for (let i = 0; i < this.n; i++) {
      this.x[i] = positions[2 * i];
      this.y[i] = positions[2 * i + 1];
    }
    this.bounds = boundsOf(positions);
    const [left, bottom, right, top] = this.bounds;
    /** The longer side of the bounds. */
    this.extent = Math.max(right - left, top - bottom, 1e-6);
    this.cellSide = this.extent / Math.max(8, Math.sqrt(this.n));
    this.cells = new Cells(this.x, this.y, this.cellSide);
    for (let i = 0; i < this.n; i++) this.cells.add(i);
    /** @type {Map<string, Square[]>} by their sizes */
    this.chosen = new Map();
    /** @type {Float32Array | undefined} */
    this.spacing = undefined;
  }

  /**
   * The nearest point to a place within a distance, or -1.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} distance
   */
  nearest(x, y, distance) {
    const reach = Math.ceil(distance / this.cellSide);
    let best = -1;
    let smallest = distance * distance;
    /** @param {number} i */
    const compare = (i) => {
      const square = (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2;
      if (square <= smallest) [best, smallest] = [i, square];
      return false;
    };
    if (reach <= MAX_REACH) this.cells.some(x, y, reach, compare);
    else for (let i = 0; i < this.n; i++) compare(i);
    return best;
  }

  /**
   * The nearest neighbour of a point in a direction, (1, 0) is right and (0, 1) is up, or -1.
   *
   * @param {number} from
   * @param {number} right
   * @param {number} up
   */
  nextInDirection(from, right, up) {
    let best = -1;
    let smallest = Infinity;
    for (let i = 0; i < this.n; i++) {
      const [dx, dy] = [this.x[i] - this.x[from], this.y[i] - this.y[from]];
      const ahead = dx * right + dy * up;
      const aside = Math.abs(dx * up - dy * right);
      if (ahead <= 0 || aside > ahead || i === from) continue;
      if (ahead + 2 * aside < smallest) [best, smallest] = [i, ahead + 2 * aside];
    }
    return best;
  }

  /**
   * Squares around points, of which no two overlap, chosen in the given order: larger ones where
   * points are far from each other, the smallest where they are dense. The choice depends on the
   * sizes alone, so that pictures do not come and go while the map is panned.
   *
   * @param {number} smallest side of a square
   * @param {number} largest side
   * @param {number[]} order
   * @param {(point: number) => boolean} isAllowed the answers may change after `clearSquares`
   * @returns {Square[]}
   */
  squares(smallest, largest, order, isAllowed) {
    // In steps of a fifth, so that a small zoom changes little.
    const step = Math.round(Math.log(smallest) / Math.log(1.2));
    const ratio = Math.round((10 * largest) / smallest) / 10;
    const key = `${step} ${ratio}`;
    const known = this.chosen.get(key);
    if (known) return known;
    const least = 1.2 ** step;
    const most = least * ratio;
    this.spacing ??= this.#spacing();
    const taken = new Cells(this.x, this.y, most);
    const sides = new Float32Array(this.n);
    const chosen = [];
    for (const i of order) {
      if (!isAllowed(i) || sides[i]) continue;
      const side = clamp(this.spacing[i], least, most);
      if (this.#hasOverlap(i, side, taken, sides)) continue;
      sides[i] = side;
      taken.add(i);
      chosen.push({ point: i, side });
    }
    this.chosen.set(key, chosen);
    return chosen;
  }

  /** How far apart points are around each point: the side of a square that holds one on average. */
  #spacing() {
    const spacing = new Float32Array(this.n);
    for (let i = 0; i < this.n; i++) {
      let count = 0;
      this.cells.some(this.x[i], this.y[i], 1, () => {
        count++;
        return false;
      });
      spacing[i] = (3 * this.cellSide) / Math.sqrt(count);
    }
    return spacing;
  }

  /** Let `squares` choose again. */
  clearSquares() {
    this.chosen.clear();
  }

  /**
   * @param {number} i
   * @param {number} side
   * @param {Cells} taken
   * @param {Float32Array} sides of those that are taken
   */
  #hasOverlap(i, side, taken, sides) {
    const [x, y] = [this.x[i], this.y[i]];
    return taken.some(
      x,
      y,
      1,
      (j) => Math.max(Math.abs(x - this.x[j]), Math.abs(y - this.y[j])) < (side + sides[j]) / 2,
    );
  }
}

/**
 * The box that holds all points.
 *
 * @param {ArrayLike<number>} positions x and y of each point in turn
 * @returns {Box}
 */
export function boundsOf(positions) {
  if (!positions.length) return [-1, -1, 1, 1];
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i += 2) {
    left = Math.min(left, positions[i]);
    right = Math.max(right, positions[i]);
    bottom = Math.min(bottom, positions[i + 1]);
    top = Math.max(top, positions[i + 1]);
  }
  return [left, bottom, right, top];
}

/** Points by the square cell that they lie in. */
class Cells {
  /**
   * @param {Float32Array} x
   * @param {Float32Array} y
   * @param {number} side
   */
  constructor(x, y, side) {
    this.x = x;
    this.y = y;
    this.side = side;
    /** @type {Map<number, number[]>} */
    this.points = new Map();
  }

  /** @param {number} point */
  add(point) {
    const key = this.#key(this.x[point], this.y[point], 0, 0);
    const points = this.points.get(key);
    if (points) points.push(point);
    else this.points.set(key, [point]);
  }

  /**
   * Whether any point passes a test, of those in the cell at a place and up to `reach` cells away.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} reach
   * @param {(point: number) => boolean} test
   */
  some(x, y, reach, test) {
    for (let right = -reach; right <= reach; right++) {
      for (let up = -reach; up <= reach; up++) {
        if (this.points.get(this.#key(x, y, right, up))?.some(test)) return true;
      }
    }
    return false;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} right
   * @param {number} up
   */
  #key(x, y, right, up) {
    return (Math.floor(x / this.side) + right) * 1e6 + Math.floor(y / this.side) + up;
  }
}
