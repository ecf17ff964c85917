/** Keeps a text as long as the tab is open, and hands it back after a reload. */

import { component } from "../mount.js";
import { tabStorage } from "../storage.js";
import { Kept } from "./kept.js";

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {string} name
 * @property {string | null} text to keep; null asks for what was kept
 * @property {string} session which asks: a server that was started again has another one
 */

/** @typedef {{ text: string, full: boolean }} Message; `full` if there was no room for the last text */

export default component(
  ".tab-storage",
  "found",
  /** @type {() => TabStorage} */
  () => new TabStorage(),
);

class TabStorage {
  constructor() {
    this.kept = new Kept(tabStorage(), performance.timeOrigin);
    this.asking = "";
    this.full = false;
  }

  /**
   * @param {Data} data
   * @param {(message: Message) => void} send
   */
  update({ name, text, session }, send) {
    if (text === null) {
      // A session asks until it has a text of its own.
      if (this.asking === session) return;
      this.asking = session;
      const found = this.kept.read(name, { wasReopened: wasReopened() });
      if (found) send({ text: found, full: false });
      return;
    }
    const full = !this.kept.write(name, text);
    if (full !== this.full) send({ text: "", full });
    this.full = full;
  }
}

/** Whether this document is one that the tab has shown before. */
function wasReopened() {
  const [navigation] = performance.getEntriesByType("navigation");
  return (
    navigation instanceof PerformanceNavigationTiming &&
    ["reload", "back_forward"].includes(navigation.type)
  );
}
