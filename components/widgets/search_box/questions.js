/**
 * Asks Python about one text at a time: about the newest one, as soon as the one before is answered.
 * However fast a person types, no answer waits behind others that nobody needs any more.
 */

const PATIENCE = 3000; // ms after which an answer may have been lost with the connection

// The count is never reset, so that numbers stay unique when a box is mounted again.
let questions = 0;

export class Questions {
  /** @param {(text: string, number: number) => void} ask */
  constructor(ask) {
    this.ask = ask;
    // The newest text, "" for none, and the one that was asked about last.
    this.text = "";
    this.asked = "";
    /** @type {number | null} the question that is yet to be answered */
    this.awaited = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    // What tells the run of the whole page that is on the screen from others, and the run that was
    // on the screen when the page was left.
    this.run = "";
    this.left = "";
  }

  /** @param {string} text that a person has typed; "" if nothing is to be asked any more */
  put(text) {
    this.text = text;
    this.#next();
  }

  /**
   * Note what Python has answered; return whether that is the question that was awaited.
   *
   * @param {number | null} number
   */
  answer(number) {
    if (this.awaited === null || number !== this.awaited) return false;
    this.#cancel();
    this.#next();
    return true;
  }

  /**
   * Note which run of the whole page is on the screen now; return whether it is another, which may
   * give other answers to the same texts.
   *
   * @param {string} run
   */
  start(run) {
    if (run === this.run) return false;
    this.run = run;
    this.asked = "";
    this.#next();
    return true;
  }

  /**
   * Ask nothing more until another run of the whole page is there. Streamlit would take a question
   * as one for the page that is left, and show that page again, without its contents.
   */
  leave() {
    this.left = this.run;
    this.#cancel();
  }

  stop() {
    this.text = "";
    this.#cancel();
  }

  #cancel() {
    this.awaited = null;
    clearTimeout(this.timer);
  }

  #next() {
    if (this.awaited !== null || this.run === this.left) return;
    if (!this.text || this.text === this.asked) return;
    this.asked = this.text;
    this.awaited = ++questions;
    this.timer = setTimeout(() => {
      this.asked = "";
      this.#cancel();
      this.#next();
    }, PATIENCE);
    this.ask(this.asked, this.awaited);
  }
}
