/** A strip of chips: small pictures with weights, which can be cropped and removed. */

import { markBrokenPictures } from "../broken_pictures.js";
import { component, copyOf, find } from "../mount.js";

/**
 * @typedef {object} Chip
 * @property {string} id
 * @property {string} name
 * @property {string} src
 * @property {string} detail
 * @property {number | null} weight
 * @property {boolean} can_crop
 * @property {boolean} is_cropped
 */

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {Chip[]} chips
 * @property {string} label
 * @property {{ weight: number, label: string }[]} weights without signs
 * @property {{ name: string, label: string }[]} extras buttons after the last chip
 */

/** @typedef {{ action: string, id?: string, weight?: number }} Act */

const PLUS = "M12 6v12 M6 12h12";
const MINUS = "M6 12h12";

export default component(
  ".strip",
  "acted",
  /** @type {(element: HTMLElement, data: Data, root: ParentNode) => Strip} */
  (element, _data, root) => new Strip(element, root),
);

class Strip {
  /**
   * @param {HTMLElement} element
   * @param {ParentNode} root
   */
  constructor(element, root) {
    this.list = find(element, "ul", HTMLElement);
    this.extras = find(element, ".extras", HTMLElement);
    this.chipTemplate = find(root, "#chip", HTMLTemplateElement);
    this.extraTemplate = find(root, "#extra", HTMLTemplateElement);
    /** @type {Map<string, HTMLElement>} */
    this.items = new Map();
    /** @type {(act: Act) => void} */
    this.send = () => {};
    markBrokenPictures(this.list);
  }

  /**
   * @param {Data} data
   * @param {(act: Act) => void} send
   */
  update(data, send) {
    this.send = send;
    this.list.setAttribute("aria-label", data.label);
    const { activeElement } = /** @type {ShadowRoot} */ (this.list.getRootNode());
    const focused = activeElement instanceof HTMLElement ? activeElement : null;
    const item = focused?.closest("li");
    const place = item ? [...this.list.children].indexOf(item) : -1;

    /** @type {Map<string, HTMLElement>} */
    const items = new Map();
    for (const chip of data.chips) {
      const one = this.items.get(chip.id) ?? copyOf(this.chipTemplate);
      this.fill(one, chip, data.weights);
      items.set(chip.id, one);
    }
    this.items = items;
    this.offer(data.extras);
    const order = [...items.values()];
    const isSame =
      order.length === this.list.childElementCount &&
      order.every((each, number) => this.list.children[number] === each);
    // An element that is put back in its place loses the focus.
    if (!isSame) this.list.replaceChildren(...order);
    if (!focused || focused.isConnected) {
      focused?.focus({ preventScroll: true });
    } else {
      // It was removed: the focus goes to the one that took its place.
      const next = order[Math.min(place, order.length - 1)];
      next?.querySelector("button")?.focus();
    }
  }

  /** @param {Data["extras"]} extras */
  offer(extras) {
    while (this.extras.childElementCount > extras.length) this.extras.lastElementChild?.remove();
    while (this.extras.childElementCount < extras.length) {
      this.extras.append(copyOf(this.extraTemplate));
    }
    for (const [number, { name, label }] of extras.entries()) {
      const button = /** @type {HTMLButtonElement} */ (this.extras.children[number]);
      button.textContent = label;
      button.onclick = () => this.send({ action: name });
    }
  }

  /**
   * @param {HTMLElement} item
   * @param {Chip} chip
   * @param {Data["weights"]} weights
   */
  fill(item, chip, weights) {
    const { id, name, weight } = chip;
    const image = find(item, "img", HTMLImageElement);
    image.hidden = !chip.src;
    if (chip.src && image.getAttribute("src") !== chip.src) image.src = chip.src;
    find(item, ".name", HTMLElement).textContent = name;
    find(item, ".words", HTMLElement).title = name;
    find(item, ".detail", HTMLElement).textContent = chip.detail;
    item.classList.toggle("negative", weight !== null && weight < 0);

    const sign = find(item, ".sign", HTMLButtonElement);
    const select = find(item, "select", HTMLSelectElement);
    sign.hidden = select.hidden = weight === null;
    if (weight !== null) {
      const isNegative = weight < 0;
      find(sign, "path", SVGPathElement).setAttribute("d", isNegative ? MINUS : PLUS);
      sign.title = isNegative ? "Less like this" : "More like this";
      sign.ariaLabel = `Less like this: ${name}`;
      sign.ariaPressed = String(isNegative);
      sign.onclick = () => this.send({ action: "weight", id, weight: -weight });
      select.ariaLabel = `Weight of ${name}`;
      offer(select, weights, Math.abs(weight));
      select.onchange = () =>
        this.send({ action: "weight", id, weight: Math.sign(weight) * Number(select.value) });
    }

    const crop = find(item, ".crop", HTMLButtonElement);
    crop.hidden = !chip.can_crop;
    crop.title = crop.ariaLabel = `Search with a region of ${name}`;
    crop.ariaPressed = String(chip.is_cropped);
    crop.onclick = () => this.send({ action: "crop", id });
    const remove = find(item, ".remove", HTMLButtonElement);
    remove.title = remove.ariaLabel = `Remove ${name}`;
    remove.onclick = () => this.send({ action: "remove", id });
  }
}

/**
 * Offer weights, and the one that is set, if it is another.
 *
 * @param {HTMLSelectElement} select
 * @param {Data["weights"]} weights
 * @param {number} chosen
 */
function offer(select, weights, chosen) {
  const isKnown = weights.some(({ weight }) => weight === chosen);
  const all = isKnown ? weights : [...weights, { weight: chosen, label: `× ${chosen}` }];
  const options = all.map(({ weight, label }) => new Option(label, String(weight)));
  select.replaceChildren(...options);
  select.value = String(chosen);
}
