/** A link to the same page with a longer list, which is followed when the end of the list comes near. */

import { FOLLOWED, goTo, isPlain, replaceWith } from "../links.js";
import { component } from "../mount.js";

/**
 * @typedef {object} Data
 * @property {string} url of the longer list, relative to the page
 * @property {string} page the URL of the page that has the link, relative to itself
 * @property {string} label
 */

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
    // What the page with this link shows. Once another is shown or on its way, such as that of a
    // model, the link is not followed: it would take the place of that one in the history.
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
  update({ url, page, label }) {
    this.link.textContent = label;
    this.link.href = url;
    this.page = shownBy(page);
    // It is called for other reasons too, such as another theme.
    if (!this.isOnItsWay()) this.link.removeAttribute("aria-busy");
  }

  close() {
    this.closing.abort();
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    // With Ctrl and the like, the browser opens the link elsewhere.
    if (!isPlain(event)) return;
    event.preventDefault();
    if (this.isShown()) this.follow();
    else if (!this.isOnItsWay()) goTo(this.link.href);
  }

  onScroll() {
    const { top } = this.link.getBoundingClientRect();
    if (top < (1 + NEAR) * window.innerHeight && this.isShown()) this.follow();
  }

  /** Whether the page with this link is the one that the browser shows. */
  isShown() {
    return shownBy(window.location.href) === this.page;
  }

  /** Whether the link was followed, and the longer list is not there yet. */
  isOnItsWay() {
    return shownBy(window.location.href) === shownBy(this.link.href);
  }

  follow() {
    this.link.setAttribute("aria-busy", "true");
    replaceWith(this.link.href);
  }
}

/**
 * What a URL shows, in one spelling: spaces and the order of the parameters have several.
 *
 * @param {string} url
 */
function shownBy(url) {
  const { pathname, searchParams } = new URL(url, document.baseURI);
  searchParams.sort();
  return `${pathname}?${searchParams}`;
}
