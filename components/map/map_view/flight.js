/** The flight of the points from one layout to another. */

/**
 * How far along something is that begins and ends slowly (a cubic ease-in-out).
 *
 * @param {number} progress 0 to 1, in time
 */
export function eased(progress) {
  return progress < 0.5 ? 4 * progress ** 3 : 1 - (2 - 2 * progress) ** 3 / 2;
}

export class Flight {
  /**
   * @param {Float32Array} from left and top of each point on the canvas, in turn
   * @param {number} radius of the points there
   */
  constructor(from, radius) {
    this.from = from;
    this.radius = radius;
    /** The share of the way that is left. */
    this.rest = 1;
  }

  /** @param {number} progress 0 to 1, in time */
  moveTo(progress) {
    this.rest = 1 - eased(progress);
  }

  /**
   * @param {number} point
   * @param {number} left where it flies to
   */
  leftOf(point, left) {
    return left + this.rest * (this.from[2 * point] - left);
  }

  /**
   * @param {number} point
   * @param {number} top where it flies to
   */
  topOf(point, top) {
    return top + this.rest * (this.from[2 * point + 1] - top);
  }

  /** @param {number} radius of the points where they fly to */
  radiusTo(radius) {
    return radius + this.rest * (this.radius - radius);
  }
}
