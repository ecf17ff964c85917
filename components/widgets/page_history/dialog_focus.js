/**
 * Gives the focus back to what had it before a dialog was opened.
 *
 * Streamlit does so itself, but not to a button in the shadow root of a widget, nor to the button
 * of a menu whose option opened the dialog.
 */

// Milliseconds after which Streamlit has moved the focus itself, if it does.
const SETTLED = 300;
const PAGE = '[data-testid="stApp"]';

export class DialogFocus {
  constructor() {
    /** @type {HTMLElement | null} what had the focus before it went to a menu or dialog */
    this.opener = null;
    this.closing = new AbortController();
    document.addEventListener("focusout", (event) => this.onFocusOut(event), this.closing);
    this.changing = new MutationObserver((changes) => this.onChange(changes));
    this.changing.observe(document.body, { childList: true });
  }

  stop() {
    this.closing.abort();
    this.changing.disconnect();
  }

  /** @param {FocusEvent} event */
  onFocusOut(event) {
    if (!isInPage(event.target) || !event.relatedTarget || isInPage(event.relatedTarget)) return;
    // Of what is in a widget, the target is the widget.
    const [left] = event.composedPath();
    if (left instanceof HTMLElement) this.opener = left;
  }

  /** @param {MutationRecord[]} changes */
  onChange(changes) {
    const removed = changes.flatMap(({ removedNodes }) => [...removedNodes]);
    const isClosed = removed.some(
      (node) => node instanceof Element && node.querySelector('[role="dialog"]'),
    );
    if (!isClosed) return;
    const { opener } = this;
    const giveBack = () => {
      if (document.activeElement === document.body) opener?.focus({ preventScroll: true });
    };
    giveBack();
    setTimeout(giveBack, SETTLED);
    this.opener = null;
  }
}

/**
 * Whether an element is in the page itself, as menus and dialogs are not.
 *
 * @param {EventTarget | null} target
 */
function isInPage(target) {
  return target instanceof Element && target.closest(PAGE) !== null;
}
