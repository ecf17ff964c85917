/** A button that folds the container whose first element it is. */

import { component, find } from "../../widgets/mount.js";

/** @typedef {{ name: string, label: string, opens: string }} Data */

// Where what is folded at first would hide much of the map: on a phone, and in a low window.
const SMALL = "(max-width: 800px), (max-height: 30rem)";

// What was folded or unfolded last, by name: it outlasts a visit to another page.
/** @type {Map<string, boolean>} */
const folded = new Map();

export default component(
  ".fold",
  "pressed",
  /** @type {(button: HTMLElement, data: Data) => Fold} */
  (button, data) => new Fold(button, data.name),
);

class Fold {
  /**
   * @param {HTMLElement} button
   * @param {string} name
   */
  constructor(button, name) {
    this.button = button;
    this.label = find(button, "span", HTMLElement);
    this.name = name;
    this.opens = "";
    button.onclick = () => this.set(!this.isFolded);
  }

  get isFolded() {
    return folded.get(this.name) ?? matchMedia(SMALL).matches;
  }

  /** @param {Data} data */
  update({ label, opens }) {
    this.label.textContent = label;
    const isNew = opens !== "" && opens !== this.opens;
    this.opens = opens;
    this.set(isNew ? false : this.isFolded);
  }

  /** @param {boolean} isFolded */
  set(isFolded) {
    folded.set(this.name, isFolded);
    this.button.setAttribute("aria-expanded", String(!isFolded));
    // The style sheet of the app hides what is folded, which is outside this component.
    const { host } = /** @type {ShadowRoot} */ (this.button.getRootNode());
    host.toggleAttribute("data-folded", isFolded);
  }
}
