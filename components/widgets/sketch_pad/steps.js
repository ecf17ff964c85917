/** What has been drawn on a sketch pad, step by step, to undo and redo. */

/**
 * @template Drawn
 * @typedef {Drawn | "clear"} Step
 */

/** @template Drawn */
export class Steps {
  constructor() {
    /** @type {Step<Drawn>[]} */
    this.done = [];
    /** @type {Step<Drawn>[]} */
    this.undone = [];
  }

  /** @param {Step<Drawn>} step */
  add(step) {
    this.done.push(step);
    this.undone = [];
  }

  /**
   * Put something below all that has been drawn.
   *
   * @param {Drawn} step
   */
  addFirst(step) {
    this.done.unshift(step);
  }

  /** Take the last step back; return whether there was one. */
  undo() {
    const step = this.done.pop();
    if (step !== undefined) this.undone.push(step);
    return step !== undefined;
  }

  /** Do again what was taken back last; return whether there was anything. */
  redo() {
    const step = this.undone.pop();
    if (step !== undefined) this.done.push(step);
    return step !== undefined;
  }

  get canUndo() {
    return this.done.length > 0;
  }

  get canRedo() {
    return this.undone.length > 0;
  }

  /** Whether nothing has been drawn since the pad was last cleared. */
  get isBlank() {
    return this.done.length === 0 || this.done.at(-1) === "clear";
  }

  /** What has been drawn since the pad was last cleared. */
  get shown() {
    const drawn = this.done.slice(this.done.lastIndexOf("clear") + 1);
    return /** @type {Drawn[]} */ (drawn);
  }
}
