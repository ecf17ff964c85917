/** A list of groups, each a link with its colour, its picture, its name and its size. */

import { markBrokenPictures } from "../../widgets/broken_pictures.js";
import { isPlain } from "../../widgets/links.js";
import { component, copyOf, find } from "../../widgets/mount.js";

/**
 * A group; a click leads to `href`, which Python writes.
 *
 * @typedef {object} Entry
 * @property {string} key
 * @property {string} name
 * @property {number} count
 * @property {string} colour
 * @property {string} src of its picture, or ""
 * @property {string} href
 */

/** @typedef {{ entries: Entry[], label: string, chosen: string, isFolded: boolean }} Data */
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
    markBrokenPictures(list);
    this.template = template;
  }

  /**
   * @param {Data} data
   * @param {(press: Press) => void} send
   */
  update({ entries, label, chosen, isFolded }, send) {
    const { list } = this;
    list.setAttribute("aria-label", label);
    const folds = isFolded && !list.classList.contains("folded");
    list.classList.toggle("folded", isFolded);
    while (list.childElementCount > entries.length) list.lastElementChild?.remove();
    while (list.childElementCount < entries.length) list.append(copyOf(this.template));
    entries.forEach((entry, number) => {
      const row = find(list.children[number], ".row", HTMLAnchorElement);
      fill(row, entry, entry.key === chosen);
      row.onclick = (event) => {
        // With Ctrl and the like, the browser opens the link elsewhere.
        if (!isPlain(event)) return;
        event.preventDefault();
        row.setAttribute("aria-busy", "true");
        send({ key: entry.key, number: ++presses });
      };
    });
    if (folds) this.scrollToChosen();
  }

  /** Keep the chosen row in sight, which may be below the first. */
  scrollToChosen() {
    const chosen = this.list.querySelector('.row[aria-current="true"]');
    if (!(chosen instanceof HTMLElement)) return;
    this.list.scrollTop = chosen.offsetTop - this.list.offsetTop - chosen.offsetHeight;
  }
}

/**
 * @param {HTMLAnchorElement} row
 * @param {Entry} entry
 * @param {boolean} isChosen
 */
function fill(row, { name, count, colour, src, href }, isChosen) {
  row.removeAttribute("aria-busy");
  row.setAttribute("aria-current", String(isChosen));
  row.href = href;
  row.title = name;
  find(row, ".name", HTMLElement).textContent = name;
  find(row, ".count", HTMLElement).textContent = count.toLocaleString("en");
  const mark = find(row, ".mark", HTMLElement);
  mark.style.setProperty("--colour", colour);
  mark.classList.toggle("pictured", src !== "");
  const image = find(mark, "img", HTMLImageElement);
  if (src && image.getAttribute("src") !== src) image.src = src;
}
