/** A search field that sends what is typed to Python while it is typed. */

import { component, find } from "../mount.js";

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {string} value
 * @property {string} label
 * @property {string} placeholder
 * @property {number} max_length of the text
 * @property {number | null} answered the number of the text that Python has answered
 */

/** @typedef {{ text: string, number: number }} Text */

const PAUSE = 150; // ms without typing before the text is sent

// Python answers a text by its number. The count is never reset, so that numbers stay unique when a
// field is mounted again.
let texts = 0;

export default component(
  ".box",
  "typed",
  /** @type {(element: HTMLElement, data: Data) => SearchBox} */
  (element, data) => new SearchBox(element, data.value),
);

class SearchBox {
  /**
   * @param {HTMLElement} element
   * @param {string} value
   */
  constructor(element, value) {
    this.input = find(element, "input", HTMLInputElement);
    this.input.value = value;
    this.agreed = value; // the text that Python has, or has been sent
    this.latest = value; // the newest value from Python
    /** @type {number | null} the text that Python has yet to answer */
    this.awaited = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {(text: Text) => void} */
    this.send = () => {};

    this.input.oninput = (event) => this.onInput(/** @type {InputEvent} */ (event));
    this.input.onkeydown = (event) => this.onKeyDown(event);
    find(element, "button", HTMLButtonElement).onclick = () => this.clear();
    element.onclick = () => this.input.focus();

    this.closing = new AbortController();
    const { signal } = this.closing;
    this.input.addEventListener("compositionend", () => this.sendSoon(), { signal });
    document.addEventListener("keydown", (event) => this.onPageKeyDown(event), { signal });
  }

  close() {
    this.closing.abort();
    clearTimeout(this.timer);
  }

  /**
   * @param {Data} data
   * @param {(text: Text) => void} send
   */
  update(data, send) {
    this.send = send;
    this.input.setAttribute("aria-label", data.label);
    // The style sheet recognises an empty field by its placeholder.
    this.input.placeholder = data.placeholder || " ";
    this.input.maxLength = data.max_length;

    // Until Python has answered the last text, its value is older than the field's.
    if (this.awaited !== null && data.answered !== this.awaited) return;
    this.awaited = null;
    this.latest = data.value;
    if (this.timer === undefined) this.adopt();
  }

  /** Take Python's value if it differs from the text that both sides had. */
  adopt() {
    // Python may strip the ends, but must not delete the space of a person who is still typing.
    if (this.latest.trim() === this.agreed.trim()) return;
    this.agreed = this.latest;
    this.input.value = this.latest;
  }

  /** @param {InputEvent} event */
  onInput(event) {
    // Characters that are still being composed are no text yet.
    if (!event.isComposing) this.sendSoon();
  }

  sendSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sendNow(), PAUSE);
  }

  sendNow() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.input.value;
    if (text === this.agreed) {
      this.adopt(); // a value that came while the person was typing
      return;
    }
    this.agreed = text;
    this.awaited = ++texts;
    this.send({ text, number: this.awaited });
  }

  clear() {
    this.input.value = "";
    this.sendNow();
    this.input.focus();
  }

  /** @param {KeyboardEvent} event */
  onKeyDown(event) {
    // Streamlit takes "r" and "c" for its shortcuts: it cannot see into the shadow root, where they
    // are typed into a field.
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter") {
      this.sendNow();
    } else if (event.key === "Escape" && this.input.value) {
      event.preventDefault();
      this.clear();
    }
  }

  /** @param {KeyboardEvent} event */
  onPageKeyDown(event) {
    if (event.key !== "/" || event.defaultPrevented) return;
    if (event.altKey || event.ctrlKey || event.metaKey || isEditable(event.composedPath()[0])) {
      return;
    }
    if (!this.input.checkVisibility()) return; // such as in a closed tab
    event.preventDefault();
    this.input.focus();
    this.input.select();
  }
}

const FIELDS =
  "select, textarea, input:not([type=button], [type=checkbox], [type=radio], [type=range])";

/**
 * Whether an element uses typed characters itself.
 *
 * @param {EventTarget} target
 */
function isEditable(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(FIELDS));
}
