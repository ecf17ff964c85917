/** A button that shares a link, and a small panel that says what became of it. */

import { component, find } from "../mount.js";
import { shareBy } from "./sharing.js";

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {string} url relative to the page
 * @property {string} title
 */

const COPIED = "Link copied";
// ms for which the panel says so.
const SHOWN = 2500;
// px between the panel and the button, and at least between it and the edge of the window.
const GAP = 6;

export default component(
  ".share",
  "", // nothing is sent to Python
  /** @type {(element: HTMLElement) => ShareLink} */
  (element) => new ShareLink(element),
);

class ShareLink {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.button = find(element, "button", HTMLButtonElement);
    this.panel = find(element, ".panel", HTMLElement);
    this.copied = find(element, ".copied", HTMLElement);
    this.field = find(element, "input", HTMLInputElement);
    this.status = find(element, "[role=status]", HTMLElement);
    this.link = { title: "", url: "" };
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.button.onclick = () => this.share();
    this.field.onfocus = () => this.field.select();
  }

  /** @param {Data} data */
  update({ url, title }) {
    const link = { title, url: new URL(url, document.baseURI).href };
    if (link.url !== this.link.url) this.close();
    this.link = link;
  }

  close() {
    clearTimeout(this.timer);
    this.status.textContent = "";
    if (this.panel.matches(":popover-open")) this.panel.hidePopover();
  }

  async share() {
    this.close();
    const { link } = this;
    const outcome = await shareBy(link, {
      share: navigator.share?.bind(navigator),
      clipboard: navigator.clipboard,
      isTouchScreen: matchMedia("(pointer: coarse)").matches,
    });
    // Meanwhile another model may have been opened.
    if (link.url !== this.link.url) return;
    if (outcome === "copied") {
      this.show(COPIED);
      this.timer = setTimeout(() => this.close(), SHOWN);
    } else if (outcome === "refused") {
      this.show("");
      this.field.value = link.url;
      this.field.focus();
    }
  }

  /**
   * Open the panel with a message, or, if that is empty, with the link itself.
   *
   * @param {string} message
   */
  show(message) {
    this.copied.textContent = message;
    this.status.textContent = message;
    this.panel.dataset.shows = message ? "message" : "link";
    this.panel.showPopover();
    const at = this.button.getBoundingClientRect();
    const { width } = this.panel.getBoundingClientRect();
    const left = Math.min(at.left, window.innerWidth - width - GAP);
    this.panel.style.left = `${Math.max(GAP, left)}px`;
    this.panel.style.top = `${at.bottom + GAP}px`;
  }
}
