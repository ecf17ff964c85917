/**
 * Gives the focus back to what a dialog was opened with.
 *
 * Streamlit does so itself, but not to a button in the shadow root of a widget, nor to the button
 * of a menu whose option opened the dialog, nor to one that was drawn again meanwhile.
 */

// Milliseconds between two looks at what has the focus, and for which there are any. A page that
// runs again as a dialog closes is drawn after 2 s on a busy machine.
const INTERVAL = 100;
const PATIENCE = 3000;
const PAGE = '[data-testid="stApp"]';
const CONTROLS = "a, button, [tabindex]";

/** @typedef {{ element: HTMLElement, home: string }} Opener a control, and the class of its element */

export class DialogFocus {
  constructor() {
    /** @type {Opener | null} what was clicked last, or had the focus before a menu or dialog */
    this.opener = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.looking = undefined;
    this.closing = new AbortController();
    const { signal } = this.closing;
    const first = { capture: true, signal };
    document.addEventListener("focusout", (event) => this.onFocusOut(event), { signal });
    document.addEventListener("click", (event) => this.onClick(event), first);
    // The person moves the focus on.
    document.addEventListener("pointerdown", () => this.stopLooking(), first);
    document.addEventListener("keydown", () => this.stopLooking(), first);
    this.changing = new MutationObserver((changes) => this.onChange(changes));
    this.changing.observe(document.body, { childList: true });
  }

  stop() {
    this.stopLooking();
    this.closing.abort();
    this.changing.disconnect();
  }

  stopLooking() {
    clearInterval(this.looking);
  }

  /** @param {FocusEvent} event */
  onFocusOut(event) {
    if (!isInPage(event.target) || !event.relatedTarget || isInPage(event.relatedTarget)) return;
    this.note(event);
  }

  /**
   * Note what is clicked: in Safari, or by voice, a button is clicked that has not got the focus.
   *
   * @param {MouseEvent} event
   */
  onClick(event) {
    if (isInPage(event.target)) this.note(event);
  }

  /** @param {Event} event of an element in the page */
  note(event) {
    // Of what is in a widget, the target is the widget.
    const path = event.composedPath().filter((each) => each instanceof HTMLElement);
    const element = path.find((each) => each.matches(CONTROLS));
    if (!element) return;
    const names = path.flatMap(({ classList }) => [...classList]);
    this.opener = { element, home: names.find((name) => name.startsWith("st-key-")) ?? "" };
  }

  /** @param {MutationRecord[]} changes */
  onChange(changes) {
    const removed = changes.flatMap(({ removedNodes }) => [...removedNodes]);
    const isClosed = removed.some(
      (node) => node instanceof Element && node.querySelector('[role="dialog"]'),
    );
    const { opener } = this;
    // One that was drawn again, or gave way to another, keeps the focus to itself.
    if (!isClosed || !opener || document.querySelector('[role="dialog"]')) return;
    const until = performance.now() + PATIENCE;
    const look = () => {
      if (document.activeElement === document.body) present(opener)?.focus({ preventScroll: true });
      if (performance.now() > until) this.stopLooking();
    };
    this.stopLooking();
    this.looking = setInterval(look, INTERVAL);
    look();
  }
}

/**
 * The control as it is in the page now: if it was drawn again, the only one of its element.
 *
 * @param {Opener} opener
 * @returns {HTMLElement | null}
 */
function present({ element, home }) {
  if (element.isConnected || !home) return element;
  /** @type {NodeListOf<HTMLElement>} */
  const controls = document.querySelectorAll(`.${CSS.escape(home)} :is(${CONTROLS})`);
  return controls.length === 1 ? controls[0] : null;
}

/**
 * Whether an element is in the page itself, as menus and dialogs are not.
 *
 * @param {EventTarget | null} target
 */
function isInPage(target) {
  return target instanceof Element && target.closest(PAGE) !== null;
}
