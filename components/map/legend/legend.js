/** A list of groups, each a button with its colour, its picture, its name and its size. */

import { component, copyOf, find } from "../../widgets/mount.js";

/** @typedef {{ key: string, name: string, count: number, colour: string, src: string }} Entry */
/** @typedef {{ entries: Entry[], label: string, chosen: string }} Data */
/** @typedef {{ key: string, number: number }} Press */

// Numbered, so that pressing the same group twice is two events.
let presses = 0;

export default component(
  ".legend",
  "pressed",
  /** @type {(list: HTMLElement, data: Data, root: ParentNode) => Legend} */
  (list, _data, root) => new Legend(list, find(root, "template", HTMLTemplateElement)),
);

class Legend {
  /**
   * @param {HTMLElement} list
   * @param {HTMLTemplateElement} template of an item
   */
  constructor(list, template) {
    this.list = list;
    this.template = template;
  }

  /**
   * @param {Data} data
   * @param {(press: Press) => void} send
   */
  update({ entries, label, chosen }, send) {
    const { list } = this;
    list.setAttribute("aria-label", label);
    while (list.childElementCount > entries.length) list.lastElementChild?.remove();
    while (list.childElementCount < entries.length) list.append(copyOf(this.template));
    entries.forEach((entry, number) => {
      const button = find(list.children[number], "button", HTMLButtonElement);
      fill(button, entry, entry.key === chosen);
      button.onclick = () => {
        button.setAttribute("aria-busy", "true");
        send({ key: entry.key, number: ++presses });
      };
    });
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {Entry} entry
 * @param {boolean} isChosen
 */
function fill(button, { name, count, colour, src }, isChosen) {
  button.removeAttribute("aria-busy");
  button.setAttribute("aria-pressed", String(isChosen));
  button.title = name;
  find(button, ".name", HTMLElement).textContent = name;
  find(button, ".count", HTMLElement).textContent = count.toLocaleString("en");
  const mark = find(button, ".mark", HTMLElement);
  mark.style.setProperty("--colour", colour);
  mark.classList.toggle("pictured", src !== "");
  const image = find(mark, "img", HTMLImageElement);
  if (src && image.getAttribute("src") !== src) image.src = src;
}
