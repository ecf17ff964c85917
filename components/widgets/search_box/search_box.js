/**
 * A search field that tells Python what is typed while it is typed.
 *
 * Streamlit calls the default export again whenever the data or the theme
 * changes, on the same DOM. What must outlive a call is kept per field.
 */

const PAUSE = 150; // ms without typing before the text is sent

const boxes = new WeakMap();

// Python answers a text by its number. One count for the page's lifetime
// stays distinct when a field is mounted anew.
let texts = 0;

export default function ({ data, parentElement, setTriggerValue }) {
  const element = parentElement.querySelector(".box");
  const box = boxes.get(element) ?? new SearchBox(element, data.value);
  boxes.set(element, box);
  box.update(data, (text) => setTriggerValue("typed", text));

  // Streamlit may call an outdated call's clean-up after a newer call.
  const call = (box.lastCall = Symbol());
  return () => {
    if (box.lastCall !== call) return;
    box.close();
    boxes.delete(element);
  };
}

class SearchBox {
  constructor(element, value) {
    this.input = element.querySelector("input");
    this.input.value = value;
    this.agreed = value; // the text that Python has, or has been sent
    this.latest = value; // the newest value from Python
    this.awaited = null;
    this.timer = null;

    this.input.oninput = (event) => this.onInput(event);
    this.input.oncompositionend = () => this.sendSoon();
    this.input.onkeydown = (event) => this.onKeyDown(event);
    element.querySelector("button").onclick = () => this.clear();
    element.onclick = () => this.input.focus();

    this.closing = new AbortController();
    document.addEventListener("keydown", (event) => this.onPageKeyDown(event), {
      signal: this.closing.signal,
    });
  }

  close() {
    this.closing.abort();
    clearTimeout(this.timer);
  }

  update(data, send) {
    this.send = send;
    this.input.setAttribute("aria-label", data.label);
    // The style sheet tells an empty field by its placeholder.
    this.input.placeholder = data.placeholder || " ";
    this.input.maxLength = data.longest;

    // A value from before Python heard the last text is older than the field's.
    if (this.awaited !== null && data.heard !== this.awaited) return;
    this.awaited = null;
    this.latest = data.value;
    if (this.timer === null) this.adopt();
  }

  /** Take Python's value where it is another text than the one agreed on. */
  adopt() {
    // Python may strip the ends, which must not eat the space of who types on.
    if (this.latest.trim() === this.agreed.trim()) return;
    this.agreed = this.latest;
    this.input.value = this.latest;
  }

  onInput(event) {
    // Half-composed characters are no text yet.
    if (!event.isComposing) this.sendSoon();
  }

  sendSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sendNow(), PAUSE);
  }

  sendNow() {
    clearTimeout(this.timer);
    this.timer = null;
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

  onKeyDown(event) {
    // Streamlit takes "r" and "c" for its shortcuts: from outside the shadow
    // root it cannot see that they are typed into a field.
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter") {
      this.sendNow();
    } else if (event.key === "Escape" && this.input.value) {
      event.preventDefault();
      this.clear();
    }
  }

  onPageKeyDown(event) {
    if (event.key !== "/" || event.defaultPrevented) return;
    if (event.altKey || event.ctrlKey || event.metaKey || isEditable(event.composedPath()[0])) {
      return;
    }
    if (!this.input.checkVisibility()) return; // such as in a tab that is not open
    event.preventDefault();
    this.input.focus();
    this.input.select();
  }
}

const FIELDS =
  "select, textarea, input:not([type=button], [type=checkbox], [type=radio], [type=range])";

/** Whether the element has a use of its own for a character typed. */
function isEditable(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(FIELDS));
}
