/** A link to the same page with a longer list, which is followed when the end of the list comes near. */

import { isPlain } from "../links.js";
import { component } from "../mount.js";

/** @typedef {{ url: string, label: string }} Data; the URL is relative to the page */

// How near the link comes until it is followed, in heights of the window: what comes then is
// there before a person has scrolled to it.
const NEAR = 1;

// Values that are equal would not be sent twice.
let follows = 0;

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
    /** @type {(follow: number) => void} */
    this.send = () => {};
    this.closing = new AbortController();
    const { signal } = this.closing;
    this.link.addEventListener("click", (event) => this.onClick(event), { signal });
    // Not when it is seen: it is for a moment while the page loads. Scrolling does not bubble.
    const options = { capture: true, passive: true, signal };
    document.addEventListener("scroll", () => this.onScroll(), options);
  }

  /**
   * @param {Data} data
   * @param {(follow: number) => void} send
   */
  update({ url, label }, send) {
    this.send = send;
    this.link.textContent = label;
    if (this.link.getAttribute("href") === url) return;
    this.link.href = url;
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
    window.history.replaceState(window.history.state, "", this.link.href);
    this.link.setAttribute("aria-busy", "true");
    this.send(++follows);
  }
}
