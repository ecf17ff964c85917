/** Writes what screen readers are to say. */

import { component } from "../mount.js";

/** @typedef {{ text: string, about: string }} Data */

// ms for which nothing is written: what takes the place of the same text would not be noticed.
const PAUSE = 200;

export default component(
  ".announcement",
  "", // nothing is sent to Python
  /** @type {(element: HTMLElement) => Announcement} */
  (element) => new Announcement(element),
);

class Announcement {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.about = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** @param {Data} data */
  update({ text, about }) {
    if (about === this.about) return;
    this.about = about;
    this.close();
    this.element.textContent = "";
    this.timer = setTimeout(() => (this.element.textContent = text), PAUSE);
  }

  close() {
    clearTimeout(this.timer);
  }
}
