/** A link to the same page with a longer list, which is followed when the end of the list comes near. */

import { FOLLOWED, isPlain, replaceWith } from "../links.js";
import { component } from "../mount.js";

/** @typedef {{ url: string, label: string }} Data; the URL is relative to the page */

// How near the link comes until it is followed, in heights of the window: what comes then is
// there before a person has scrolled to it.
const NEAR = 1;

export default component(
  ".load-more",
  "followed",
  /** @type {(element: HTMLElement) => LoadMore} */
  (element) => new LoadMore(element),
);

class LoadMore {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.link = /** @type {HTMLAnchorElement} */ (element);
    // The URL of the page when it got this link: once another is shown or on its way, such as that
    // of a model, the link is followed no more.
    this.page = "";
    this.closing = new AbortController();
    const { signal } = this.closing;
    this.link.addEventListener("click", (event) => this.onClick(event), { signal });
    // Not when it is seen: it is for a moment while the page loads. Scrolling does not bubble.
    const options = { capture: true, passive: true, signal };
    document.addEventListener("scroll", () => this.onScroll(), options);
    // Python is about to write another URL, and would show that of this link under it.
    window.addEventListener(FOLLOWED, () => (this.page = ""), options);
  }

  /** @param {Data} data */
  update({ url, label }) {
    this.link.textContent = label;
    this.link.href = url;
    // It is called for other reasons too, such as another theme, while the longer list is on its way.
    if (this.link.href === window.location.href) return;
    this.page = window.location.href;
    this.link.removeAttribute("aria-busy");
  }

  close() {
    this.closing.abort();
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    // With Ctrl and the like, the browser opens the link elsewhere.
    if (!isPlain(event)) return;
    event.preventDefault();
    this.follow();
  }

  onScroll() {
    const { top } = this.link.getBoundingClientRect();
    if (top < (1 + NEAR) * window.innerHeight) this.follow();
  }

  follow() {
    if (window.location.href !== this.page) return;
    this.link.setAttribute("aria-busy", "true");
    replaceWith(this.link.href);
  }
}
