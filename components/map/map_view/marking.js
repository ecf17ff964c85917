/**
 * Which point Python was asked to mark. It is asked for one after the other: it takes the URL from
 * each message, and the URL does not hold what it has yet to write.
 *
 * Points are numbers; -1 is none.
 */

export class Marking {
  /** @param {(point: number) => void} send ask Python to mark a point */
  constructor(send) {
    this.send = send;
    /** @type {number | null} what Python was asked for, until it has answered */
    this.asked = null;
    /** The point whose model is to be opened as soon as Python has marked it. */
    this.opening = -1;
  }

  /** Whether Python has yet to answer. */
  get isPending() {
    return this.asked !== null;
  }

  /**
   * Ask for the chosen point, unless it is marked or another one is asked for.
   *
   * @param {number} chosen
   * @param {number} marked
   */
  ask(chosen, marked) {
    if (this.isPending || chosen === marked) return;
    this.asked = chosen;
    this.send(chosen);
  }

  /**
   * Take what Python has marked; return whether that is the point to show. It is not while another
   * one is asked for, nor when a person has chosen another one meanwhile, which is asked for then.
   *
   * @param {number} marked
   * @param {number} chosen
   */
  settle(marked, chosen) {
    if (this.asked !== null && this.asked !== marked) return false;
    const isAnswer = this.isPending;
    this.asked = null;
    if (!isAnswer || marked === chosen) return true;
    this.ask(chosen, marked);
    return false;
  }

  /**
   * Wait for a point that Python learns of by itself, from the URL.
   *
   * @param {number} point
   */
  expect(point) {
    this.asked = point;
  }

  /** Forget what was asked for. */
  reset() {
    this.asked = null;
    this.opening = -1;
  }
}
