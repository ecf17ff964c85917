/** Goes to another page when Python says so. */

import { goTo } from "../links.js";
import { component } from "../mount.js";

/** @typedef {{ url: string, number: string }} Data */

export default component(
  ".jump",
  "jumped",
  /** @type {() => Jump} */
  () => new Jump(),
);

class Jump {
  constructor() {
    // The jump that was made last.
    this.made = "";
  }

  /** @param {Data} data */
  update({ url, number }) {
    if (!url || number === this.made) return;
    this.made = number;
    goTo(url);
  }
}
