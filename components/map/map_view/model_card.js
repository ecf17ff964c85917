/**
 * The card of the chosen point: its picture, its name, a link to its model, and its nearest
 * neighbours, each a link that chooses that one.
 *
 * Nobody leaves the map by one click: a finger hits the wrong point easily, and a person who looks
 * around wants to see more of the map.
 */

import { markBrokenPictures } from "../../widgets/broken_pictures.js";
import { isPlain } from "../../widgets/links.js";
import { copyOf, find } from "../../widgets/mount.js";
import { fill } from "./content.js";

/** @import { Content } from "./content.js" */

/** @typedef {Content & { point: number, href: string }} Neighbour */

/**
 * What a person can do with a card.
 *
 * @typedef {object} CardActions
 * @property {() => void} open the model
 * @property {(point: number) => void} choose a neighbour
 * @property {() => void} close
 */

export class ModelCard {
  /**
   * @param {HTMLElement} element
   * @param {CardActions} actions
   */
  constructor(element, actions) {
    this.element = element;
    this.actions = actions;
    this.link = find(element, ".open", HTMLAnchorElement);
    this.list = find(element, "ul", HTMLElement);
    this.template = find(element, "template", HTMLTemplateElement);
    markBrokenPictures(this.list);
    follow(this.link, actions.open);
    find(element, "button", HTMLButtonElement).onclick = actions.close;
    element.onkeydown = (event) => {
      if (event.key === "Escape") actions.close();
    };
  }

  /**
   * Show the card of a point, with free places for its neighbours.
   *
   * @param {Content} content
   * @param {string} href of its model
   * @param {number} places how many neighbours there may be
   */
  show(content, href, places) {
    fill(this.element, content);
    this.link.href = href;
    this.link.setAttribute("aria-label", `Open ${content.name}`);
    this.list.setAttribute("aria-label", `Neighbours of ${content.name}`);
    this.list.hidden = places === 0;
    this.list.replaceChildren(...Array.from({ length: places }, () => copyOf(this.template)));
    this.element.hidden = false;
  }

  /** @param {Neighbour[]} neighbours */
  showNeighbours(neighbours) {
    this.list.hidden = neighbours.length === 0;
    this.list.replaceChildren(
      ...neighbours.map(({ src, name, href, point }) => {
        const item = copyOf(this.template);
        const link = find(item, "a", HTMLAnchorElement);
        link.href = href;
        link.title = name;
        link.setAttribute("aria-label", name);
        find(link, "img", HTMLImageElement).src = src;
        find(link, ".caption", HTMLElement).textContent = name;
        follow(link, () => this.actions.choose(point));
        return item;
      }),
    );
  }

  hide() {
    this.element.hidden = true;
  }
}

/**
 * Let a plain click on a link do something here.
 *
 * @param {HTMLAnchorElement} link
 * @param {() => void} act
 */
function follow(link, act) {
  link.onclick = (event) => {
    // With Ctrl and the like, the browser opens the link elsewhere.
    if (!isPlain(event)) return;
    event.preventDefault();
    act();
  };
}
