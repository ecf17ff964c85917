/** A link that shows how far work is that goes on elsewhere, and asks Python for news. */

import { announceFollowed, goTo, isPlain } from "../links.js";
import { component, find } from "../mount.js";
import { Ticker } from "./ticker.js";

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {string} label
 * @property {number | null} share 0 to 1; null if it is unknown
 * @property {string} detail
 * @property {string} href
 * @property {number} interval seconds between two questions
 * @property {string} run what tells the run of the whole page from others
 */

// Values that are equal would not be sent twice.
let ticks = 0;

export default component(
  ".progress-link",
  "ticked",
  /** @type {(element: HTMLElement) => ProgressLink} */
  (element) => new ProgressLink(element),
);

class ProgressLink {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.link = /** @type {HTMLAnchorElement} */ (element);
    this.label = find(element, ".label", HTMLElement);
    this.share = find(element, ".share", HTMLElement);
    this.track = find(element, ".track", HTMLElement);
    this.bar = find(element, "i", HTMLElement);
    this.ticker = new Ticker();
    this.link.onclick = (event) => this.onClick(event);
    this.closing = new AbortController();
    const options = { capture: true, signal: this.closing.signal };
    window.addEventListener("popstate", () => this.ticker.leave(), options);
  }

  close() {
    this.ticker.stop();
    this.closing.abort();
  }

  /**
   * @param {Data} data
   * @param {(tick: number) => void} send
   */
  update({ label, share, detail, href, interval, run }, send) {
    this.link.href = href;
    this.link.title = detail;
    this.label.textContent = label;
    this.share.textContent = share === null ? "" : `${Math.floor(100 * share)} %`;
    this.track.setAttribute("aria-label", label);
    this.track.setAttribute("aria-valuetext", detail);
    if (share === null) {
      this.track.removeAttribute("aria-valuenow");
      this.bar.style.transform = "";
    } else {
      this.track.setAttribute("aria-valuenow", String(Math.floor(100 * share)));
      this.bar.style.transform = `translateX(${100 * share - 100}%)`;
    }

    this.ticker.start(run, 1000 * interval, () => {
      // A tab that nobody sees need not know.
      if (!document.hidden) send(++ticks);
    });
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    if (!isPlain(event)) return;
    event.preventDefault();
    announceFollowed();
    goTo(this.link.href);
  }
}
