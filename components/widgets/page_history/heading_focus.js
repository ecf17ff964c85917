/**
 * Moves the focus to the heading of a page or model that was gone to within the app.
 *
 * Only a page that is reloaded tells screen readers where they are, and lets Tab begin at its
 * top. Here the heading gets the focus instead, unless the person has moved it meanwhile.
 */

// ms after which a page that has not changed any more has its heading.
const SETTLED = 1000;
// ms after which a page that has not changed at all keeps the focus where it is.
const PATIENCE = 10_000;

export class HeadingFocus {
  constructor() {
    this.place = placeOf(window.location);
    /** @type {string[] | null} the headings of the page that was left, while another is awaited */
    this.before = null;
    this.isFound = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.changing = new MutationObserver(() => this.follow());
  }

  /** Await the heading of another page or model, if the URL leads to one. */
  moved() {
    const place = placeOf(window.location);
    if (place === this.place) return;
    this.place = place;
    // A link whose URL Python writes was followed before its URL came.
    if (this.before === null || this.isFound) this.awaitHeading();
  }

  /** Await the heading of another page or model. */
  awaitHeading() {
    this.stop();
    this.before = headings().map(identityOf);
    this.isFound = false;
    this.timer = setTimeout(() => this.stop(), PATIENCE);
    const options = { childList: true, subtree: true, characterData: true };
    this.changing.observe(document.body, options);
  }

  /** Give the focus to the heading once it is another. */
  follow() {
    const { before } = this;
    if (before === null) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), SETTLED);
    // For a while, the heading of the page that is left is there as well.
    const heading = headings().find((each) => !before.includes(identityOf(each)));
    // A heading that is drawn again loses the focus to the body.
    if (!heading || (this.isFound && document.activeElement !== document.body)) return;
    this.isFound = true;
    // The page scrolls as the history says.
    giveFocus(heading, { preventScroll: true });
  }

  stop() {
    this.before = null;
    clearTimeout(this.timer);
    this.changing.disconnect();
  }
}

/** Give the focus to the heading of the page; return whether there is one. */
export function focusHeading() {
  const [heading] = headings();
  if (!heading) return false;
  giveFocus(heading);
  return true;
}

/**
 * @param {HTMLElement} heading
 * @param {FocusOptions} [options]
 */
function giveFocus(heading, options) {
  heading.tabIndex = -1;
  heading.focus(options);
}

function headings() {
  return [...document.querySelectorAll("h1")];
}

/**
 * What tells a heading from that of another page or model: two models may have the same name.
 *
 * @param {HTMLElement} heading
 */
function identityOf({ textContent, dataset }) {
  return `${dataset.of ?? ""} ${textContent}`;
}

/**
 * The page and the model of a URL. What else it holds, such as filters, leads nowhere else.
 *
 * @param {Pick<Location, "pathname" | "search">} url
 */
export function placeOf({ pathname, search }) {
  return `${pathname} ${new URLSearchParams(search).get("item") ?? ""}`;
}
