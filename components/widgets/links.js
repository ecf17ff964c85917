/**
 * Links within the app: a plain click shows another page without loading the app again.
 *
 * `st.switch_page` adds two entries to the browser's history: the new query on the old path, and
 * then the new path. Here there is one: the URL is pushed, and Streamlit is told by `popstate`, as
 * if a person had gone back or forward to it.
 */

/** The event that is sent to the window when a link is followed that Python answers. */
export const FOLLOWED = "lookalike-followed";

/** The event that is sent to the window before `goTo` adds an entry to the history. */
export const GOING = "lookalike-going";

/**
 * Whether a click follows a link here; with another button or with a key, the browser opens a tab,
 * opens a window or saves the page.
 *
 * @param {Pick<MouseEvent, "button" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">} click
 */
export function isPlain({ button, ctrlKey, metaKey, shiftKey, altKey }) {
  return button === 0 && !(ctrlKey || metaKey || shiftKey || altKey);
}

/**
 * Go to a URL of this app with one new entry in the browser's history, or with none if it is the
 * URL of this page.
 *
 * @param {string} href
 */
export function goTo(href) {
  const url = new URL(href, document.baseURI);
  // Of a query without parameters, not even the question mark stays.
  if (!url.search) url.search = "";
  if (url.href !== window.location.href) {
    window.dispatchEvent(new Event(GOING));
    window.history.pushState({}, "", url);
  }
  window.dispatchEvent(new PopStateEvent("popstate", { state: window.history.state }));
}

/**
 * Show a URL of the same page in place of the present one, in the same entry of the history.
 *
 * What the page shows stays where it is: see `staysInPlace`.
 *
 * @param {string} href
 */
export function replaceWith(href) {
  window.history.replaceState({}, "", href);
  window.dispatchEvent(new PopStateEvent("popstate", { state: { inPlace: true } }));
}

/**
 * Whether an event is that of `replaceWith`, and nobody has gone back, forward or elsewhere.
 *
 * @param {PopStateEvent} event
 */
export function staysInPlace({ state }) {
  return state?.inPlace === true;
}

/** Say that a link is followed whose URL Python writes. */
export function announceFollowed() {
  window.dispatchEvent(new Event(FOLLOWED));
}
