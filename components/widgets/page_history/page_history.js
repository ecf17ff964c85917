/**
 * What Streamlit leaves to the page's author: plain clicks on links within the app, the scroll
 * position of each entry of the browser's history, the focus, on the heading of a new page and after
 * a dialog, and a placeholder for pictures that are lost.
 *
 * Streamlit scrolls an element and not the window, so that the browser restores nothing. Where the
 * browser has no Navigation API, which tells entries apart, pages are not scrolled either.
 */

import { markBrokenPictures } from "../broken_pictures.js";
import { FOLLOWED, GOING, goTo, isPlain, staysInPlace } from "../links.js";
import { component } from "../mount.js";
import { MemoryStorage, tabStorage } from "../storage.js";
import { DialogFocus } from "./dialog_focus.js";
import { FirstLoad, isLoading } from "./first_load.js";
import { focusHeading, HeadingFocus, placeOf } from "./heading_focus.js";
import { Positions } from "./positions.js";
import { scrolledRows, scrollRows } from "./rows.js";

/** @typedef {{ links: string }} Data; a selector of the links that are followed within the app */

// ms after which a page that has not changed any more has all of its contents.
const SETTLED = 1000;
// ms after which a page that has not changed at all stays where it is.
const PATIENCE = 10_000;
// ms between two looks for rows, whose pictures come without a change of the page.
const INTERVAL = 100;
// Streamlit's link to the main content, which begins with the bar.
const SKIP_LINK = '[data-testid="stSkipToContent"]';

export default component(
  ".page-history",
  "changed",
  /** @type {(element: HTMLElement) => PageHistory} */
  (element) => new PageHistory(element),
);

class PageHistory {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.links = "";
    this.positions = new Positions(tabStorage() ?? new MemoryStorage());
    this.headingFocus = new HeadingFocus();
    this.dialogFocus = new DialogFocus();
    this.firstLoad = new FirstLoad();
    /** @type {HTMLElement | null} what scrolls the page */
    this.scroller = null;
    /** @type {number | null} where the page is to be scrolled to when its contents are there */
    this.target = null;
    /** @type {string | undefined} the entry that is to be scrolled there, once it is known */
    this.targetEntry = undefined;
    /** @type {Record<string, number>} the rows that are yet to be scrolled, by name */
    this.rows = {};
    /** @type {string | null} the URL of the link that had the focus and may be drawn again */
    this.followed = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.looking = undefined;
    // Whether somebody went to another entry since the page was loaded, and whether one is about to
    // be added for that.
    this.hasMoved = false;
    this.isGoing = false;

    this.closing = new AbortController();
    const { signal } = this.closing;
    const options = { signal, capture: true };
    markBrokenPictures(document, { signal });
    document.addEventListener("click", (event) => this.onClick(event), options);
    window.addEventListener("popstate", (event) => this.onPopState(event), options);
    window.addEventListener(FOLLOWED, () => this.onFollowed(), options);
    window.addEventListener(GOING, () => (this.isGoing = true), options);
    window.navigation?.addEventListener("navigate", (event) => this.onNavigate(event), options);
    window.addEventListener("pagehide", () => this.savePosition(entry()), options);
    window.navigation?.addEventListener(
      "currententrychange",
      ({ from }) => {
        if (from.key !== entry()) this.savePosition(from.key);
        // Python writes URLs too.
        this.headingFocus.moved();
      },
      options,
    );
    // A person who scrolls is not scrolled any more.
    for (const type of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      document.addEventListener(type, () => this.stop(), { ...options, passive: true });
    }
    // A person who has moved the focus keeps it, and is not kept waiting.
    for (const type of ["pointerdown", "keydown"]) {
      document.addEventListener(type, () => this.onInput(), options);
    }

    this.changing = new MutationObserver(() => this.follow());
    this.resizing = new ResizeObserver(() => this.follow());
  }

  /** @param {Data} data */
  update({ links }) {
    this.links = links;
    if (this.scroller) return;
    this.scroller = scrollerOf(this.element);
    // After a reload, when all contents may be there already.
    const { top, rows } = this.positions.at(entry());
    if (top > 0 || Object.keys(rows).length > 0) {
      this.restore();
      this.follow();
    }
  }

  close() {
    this.closing.abort();
    this.stop();
    this.headingFocus.stop();
    this.dialogFocus.stop();
    this.firstLoad.end();
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const { target } = event;
    if (!(target instanceof Element)) return;
    if (target.closest(SKIP_LINK) && focusHeading()) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const link = target.closest(this.links);
    if (!(link instanceof HTMLAnchorElement) || !isPlain(event)) return;
    event.preventDefault();
    const place = placeOf(window.location);
    const hadFocus = document.activeElement === link;
    // A menu that leads to the page that is shown would stay open.
    /** @type {HTMLElement | null} */ (link.closest("[popover]"))?.hidePopover();
    goTo(link.href);
    // On another page or model, its heading gets the focus.
    if (hadFocus && placeOf(window.location) === place) this.followed = link.getAttribute("href");
  }

  onInput() {
    this.headingFocus.stop();
    this.firstLoad.end();
  }

  /**
   * Refuse an entry of a page that is not the one that the person has gone to.
   *
   * Every run of a page tells Streamlit in the browser which page it is of, whereupon that adds an
   * entry with its path if the URL has another. If the run is of a page that was left meanwhile, as
   * with Back twice in a row, it would lead there again, and take away what Forward leads to.
   *
   * @param {NavigateEvent} event
   */
  onNavigate(event) {
    const { navigationType, destination } = event;
    const isOurs = this.isGoing;
    this.isGoing = false;
    if (navigationType !== "push" || !destination.sameDocument || isOurs || !this.hasMoved) return;
    if (new URL(destination.url).pathname !== window.location.pathname) event.preventDefault();
  }

  /** @param {PopStateEvent} event */
  onPopState(event) {
    this.hasMoved = true;
    if (staysInPlace(event)) return;
    this.restore();
    this.headingFocus.moved();
  }

  /** A link was followed whose URL Python writes. */
  onFollowed() {
    this.scrollTo({ top: 0, rows: {} }, undefined);
    this.headingFocus.awaitHeading();
  }

  /** @param {string | undefined} key of an entry of the history */
  savePosition(key) {
    if (!key || !this.scroller) return;
    // A page that is left before it was scrolled is saved where it was to be.
    const isPending = this.targetEntry === key && this.target !== null;
    const top = isPending && this.target !== null ? this.target : this.scroller.scrollTop;
    this.positions.put(key, { top, rows: { ...scrolledRows(), ...(isPending && this.rows) } });
  }

  restore() {
    const key = entry();
    this.scrollTo(this.positions.at(key), key);
  }

  /**
   * Scroll the page when its contents change, which are those of another page until then.
   *
   * @param {import("./positions.js").Position} position
   * @param {string | undefined} key of the entry, if it is there already
   */
  scrollTo({ top, rows }, key) {
    const { scroller } = this;
    if (!scroller) return;
    this.stop();
    this.target = top;
    this.targetEntry = key;
    this.rows = rows;
    if (Object.keys(rows).length > 0) {
      this.looking = setInterval(() => (this.rows = scrollRows(this.rows)), INTERVAL);
    }
    this.timer = setTimeout(() => this.stop(), PATIENCE);
    const page = scroller.firstElementChild ?? scroller;
    this.changing.observe(page, { childList: true, subtree: true });
    // The first call tells the present size.
    let size = page.clientHeight;
    this.resizing = new ResizeObserver(() => {
      if (page.clientHeight === size) return;
      size = page.clientHeight;
      this.follow();
    });
    this.resizing.observe(page);
  }

  /** Scroll to where the page is to be, as far as its contents allow. */
  follow() {
    if (this.target === null || !this.scroller) return;
    this.scroller.scrollTop = this.target;
    this.restoreFocus();
    this.stopWhenSettled();
  }

  /** Stop once the page has all of its contents, which on a busy machine come with pauses. */
  stopWhenSettled() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (isLoading()) this.stopWhenSettled();
      else this.stop();
    }, SETTLED);
  }

  /** Give the focus back to a link, such as a category, that was drawn again and lost it. */
  restoreFocus() {
    if (this.followed === null || document.activeElement !== document.body) return;
    const links = [...document.querySelectorAll(this.links)];
    const link = links.find((each) => each.getAttribute("href") === this.followed);
    // A link of a menu, which is closed, gives it to the button of the menu.
    const menu = link?.closest("[popover]");
    const target = menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : link;
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  }

  stop() {
    this.target = null;
    this.followed = null;
    clearTimeout(this.timer);
    clearInterval(this.looking);
    this.changing.disconnect();
    this.resizing.disconnect();
  }
}

/** What tells the present entry of the history from the others. */
function entry() {
  return window.navigation?.currentEntry?.key;
}

/**
 * The element that scrolls another, which may be in a shadow root.
 *
 * @param {Element} element
 */
function scrollerOf(element) {
  /** @type {Element | null} */
  let each = element;
  while (each) {
    if (each instanceof HTMLElement && /auto|scroll/.test(getComputedStyle(each).overflowY)) {
      return each;
    }
    const root = each.getRootNode();
    each = each.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
  }
  return null;
}
