/** Asks again and again, but never for a page that was left. */

export class Ticker {
  constructor() {
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    // What tells the run of the whole page that is on the screen from others, and the run that was
    // on the screen when the page was left.
    this.run = "";
    this.left = "";
  }

  /**
   * Ask from now on, unless the page of this run was left.
   *
   * @param {string} run
   * @param {number} interval ms between two questions
   * @param {() => void} ask
   */
  start(run, interval, ask) {
    this.stop();
    this.run = run;
    if (run !== this.left) this.timer = setInterval(ask, interval);
  }

  /**
   * Ask nothing more until another run of the whole page is there. Streamlit would take a question
   * as one for the page that is left, and show that page again, without its contents.
   */
  leave() {
    this.stop();
    this.left = this.run;
  }

  stop() {
    clearInterval(this.timer);
  }
}
