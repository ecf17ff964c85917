/** Gives the focus to an element once nothing has it. */

import { component } from "../mount.js";

/** @typedef {{ selector: string, number: string }} Data */

const PATIENCE = 2000; // ms that what has the focus may take to go

export default component(
  ".focus",
  "given",
  /** @type {() => Focus} */
  () => new Focus(),
);

class Focus {
  constructor() {
    // The number of what was done last: Streamlit repeats calls when the theme changes.
    this.given = "";
  }

  /** @param {Data} data */
  update({ selector, number }) {
    if (!selector || number === this.given) return;
    this.given = number;
    give(selector, performance.now() + PATIENCE);
  }
}

/**
 * @param {string} selector
 * @param {number} deadline
 */
function give(selector, deadline) {
  if (document.activeElement === document.body) {
    /** @type {HTMLElement | null} */ (document.querySelector(selector))?.focus();
  } else if (performance.now() < deadline) {
    requestAnimationFrame(() => give(selector, deadline));
  }
}
