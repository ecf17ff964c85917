/** What moves for a time, frame by frame: the view, or the points on their way to another layout. */

import { clamp } from "./geometry.js";

export class Animator {
  /** @param {() => void} draw what has moved */
  constructor(draw) {
    this.draw = draw;
    this.frame = 0;
  }

  /**
   * Move something in place of what is moving; to its end at once for people who want reduced
   * motion.
   *
   * @param {number} time ms
   * @param {(progress: number) => void} move gets 0 to 1, in time
   * @param {() => void} onEnd is not called if the movement is stopped
   */
  run(time, move, onEnd) {
    this.stop();
    const start = performance.now();
    const isInstant = matchMedia("(prefers-reduced-motion: reduce)").matches;
    /** @param {number} now */
    const step = (now) => {
      const progress = isInstant ? 1 : clamp((now - start) / time, 0, 1);
      move(progress);
      this.draw();
      if (progress < 1) this.frame = requestAnimationFrame(step);
      else onEnd();
    };
    step(start);
  }

  /** Leave it where it is. */
  stop() {
    cancelAnimationFrame(this.frame);
  }
}
