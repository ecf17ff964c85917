/** What the URL of the page says of the map, and how it learns of the view. */

const DELAY = 300; // ms after the last change of view until it is in the URL

/**
 * A parameter of the URL; "" without it.
 *
 * @param {string} name
 */
export function parameterOfUrl(name) {
  return new URL(window.location.href).searchParams.get(name) ?? "";
}

/**
 * The URL with another view; as it is, to the letter, if that is the one it has.
 *
 * @param {string} href
 * @param {string} view "" for none
 */
export function withView(href, view) {
  const url = new URL(href);
  if ((url.searchParams.get("view") ?? "") === view) return href;
  if (view) url.searchParams.set("view", view);
  else url.searchParams.delete("view");
  return url.href;
}

export class PageUrl {
  /** @param {() => string | null} view as it is to be in the URL, or null to leave that as it is */
  constructor(view) {
    this.view = view;
    this.path = window.location.pathname;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Whether the URL is still that of the map, and not of another page. */
  get isOfMap() {
    return window.location.pathname === this.path;
  }

  /** Write the view once it has come to rest. */
  writeSoon() {
    this.cancel();
    this.timer = setTimeout(() => this.write(), DELAY);
  }

  /** Write the view, without adding a step to the browser's history. */
  write() {
    this.cancel();
    const view = this.isOfMap ? this.view() : null;
    if (view === null) return;
    const { href } = window.location;
    const changed = withView(href, view);
    if (changed !== href) window.history.replaceState(window.history.state, "", changed);
  }

  cancel() {
    clearTimeout(this.timer);
  }
}
