/**
 * The options below a field, of which the arrow keys choose one while the field keeps the focus (the
 * pattern "combobox" of the ARIA Authoring Practices Guide).
 */

export class Options {
  /**
   * @param {HTMLInputElement} input
   * @param {HTMLElement} list
   */
  constructor(input, list) {
    this.input = input;
    this.list = list;
    /** The option that the arrow keys are on, or -1. */
    this.current = -1;
    list.onmousedown = (event) => {
      if (event.button === 0) event.preventDefault();
    };
  }

  get areShown() {
    return !this.list.hidden;
  }

  /** @returns {Element | undefined} the option that the arrow keys are on */
  get chosen() {
    return this.list.children[this.current];
  }

  /** @param {HTMLElement[]} options */
  put(options) {
    options.forEach((option, number) => (option.id = `${this.list.id}-${number}`));
    this.list.replaceChildren(...options);
  }

  show() {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  hide() {
    this.#choose(-1);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }

  /** @param {number} by */
  step(by) {
    const count = this.list.children.length;
    this.#choose((Math.max(this.current, by > 0 ? -1 : 0) + by + count) % count);
    this.chosen?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} number */
  #choose(number) {
    this.current = number;
    const { chosen } = this;
    for (const option of this.list.children) {
      option.setAttribute("aria-selected", String(option === chosen));
    }
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
  }
}
