/** The chosen point: its card, which leads to its model, and the mark that Python gives it. */

import { goTo } from "../../widgets/links.js";
import { isInside, padded, wayToFree } from "./geometry.js";
import { Marking } from "./marking.js";
import { ModelCard } from "./model_card.js";
import { parameterOfUrl } from "./page_url.js";

/** @import { Box, Point } from "./geometry.js" */
/** @import { PageUrl } from "./page_url.js" */
/** @import { Renderer } from "./renderer.js" */
/** @import { Scene } from "./scene.js" */

/**
 * What it asks the map for.
 *
 * @typedef {object} ChosenActions
 * @property {(event: { kind: "open" | "mark", id: string }) => void} send
 * @property {() => void} stopHovering
 * @property {(point: number) => void} say name a point to screen readers
 * @property {() => void} focus the map
 * @property {(way: Point) => void} pan the map so far to the right and down
 */

// px between a point and what floats over the map; the second where there is no room for the first
const GAPS = [36, 20];
const NEIGHBOURS = 6; // in the card

export class ChosenPoint {
  /**
   * @param {HTMLElement} element of the card
   * @param {HTMLElement[]} others that float over the map
   * @param {Scene} scene
   * @param {Renderer} renderer
   * @param {PageUrl} pageUrl
   * @param {ChosenActions} actions
   */
  constructor(element, others, scene, renderer, pageUrl, actions) {
    this.others = others;
    this.scene = scene;
    this.renderer = renderer;
    this.pageUrl = pageUrl;
    this.actions = actions;
    /** @type {HTMLImageElement[]} what the page of the model shows: it opens sooner with them */
    this.ahead = [];
    this.card = new ModelCard(element, {
      open: () => this.open(scene.chosen, false),
      choose: (point) => this.choose(point),
      close: () => this.close(),
    });
    this.marking = new Marking((point) =>
      actions.send({ kind: "mark", id: scene.points.ids[point] ?? "" }),
    );
  }

  /**
   * Show a point's card, and have Python mark it, which gives its neighbours. A point whose card is
   * shown is opened, and so is any in a map of one file, which shows it beside the map.
   *
   * @param {number} point
   */
  choose(point) {
    if (point === this.scene.chosen || !this.scene.data.model_url) return this.open(point, false);
    this.#show(point);
    this.uncover();
    this.actions.say(point);
    this.#mark();
  }

  close() {
    this.#show(-1);
    this.actions.focus();
    this.#mark();
  }

  #mark() {
    this.marking.ask(this.scene.chosen, this.scene.data.marked);
  }

  /**
   * @param {number} point
   * @param {boolean} isElsewhere whether to open it in a new tab, if it has a URL
   */
  open(point, isElsewhere) {
    const id = this.scene.points.ids[point];
    const { model_url: modelUrl } = this.scene.data;
    if (modelUrl && isElsewhere) {
      window.open(modelUrl + id, "_blank", "noopener");
    } else if (this.marking.isPending) {
      // Python has yet to write the URL of the map, which would come after that of the model.
      this.marking.opening = point;
    } else if (modelUrl) {
      // Going back shows the map as it is now.
      this.pageUrl.write();
      goTo(modelUrl + id);
    } else {
      this.actions.send({ kind: "open", id });
    }
  }

  /** Show the point that Python has marked, with its neighbours. */
  followMarked() {
    const { points, data } = this.scene;
    const { marked } = data;
    if (!points.ids.length || !this.marking.settle(marked, this.scene.chosen)) return;
    if (marked !== this.scene.chosen) {
      this.#show(marked);
      // Where the URL says what is shown, that is shown.
      if (!data.view) this.uncover();
    }
    if (marked < 0) return;
    if (this.marking.opening === marked) this.open(marked, false);
    else this.#showNeighbours();
  }

  /**
   * Show the point that the URL names. Python has no news of a point that it has marked, if it was
   * asked for another one meanwhile but has not answered yet.
   */
  followUrl() {
    const { points, data, chosen } = this.scene;
    const point = points.ids.indexOf(parameterOfUrl("item"));
    if (point !== chosen) this.#show(point);
    if (point === data.marked) this.followMarked();
    else this.marking.expect(point);
  }

  /** Expect no answer of Python's, because the URL has changed. */
  cancelMarking() {
    this.marking.reset();
  }

  /** Choose nothing, because the points have changed. */
  clear() {
    this.marking.reset();
    this.#show(-1);
  }

  /**
   * Show a point's card and a ring around it; -1 is none.
   *
   * @param {number} point
   */
  #show(point) {
    const { scene } = this;
    scene.chosen = point;
    this.marking.opening = -1;
    this.actions.stopHovering();
    if (point < 0) {
      this.card.hide();
    } else {
      const href = scene.data.model_url + scene.points.ids[point];
      const places = Math.min(NEIGHBOURS, scene.points.ids.length - 1);
      this.card.show(scene.contentOf(point), href, places);
      this.placeCard();
    }
    this.renderer.requestDraw();
  }

  #showNeighbours() {
    const { scene } = this;
    const { linked, linked_pictures: pictures, ahead } = scene.data;
    const url = new URL(window.location.href);
    this.card.showNeighbours(
      linked.slice(0, NEIGHBOURS).map((point, number) => {
        url.searchParams.set("item", scene.points.ids[point]);
        const content = scene.contentOf(point);
        return { ...content, src: pictures[number] || content.src, point, href: url.search };
      }),
    );
    this.ahead = ahead.map((point) => {
      const image = new Image();
      image.fetchPriority = "low";
      image.src = scene.thumbnailUrl(point);
      return image;
    });
  }

  /** Move the card, if it is shown, to where it does not hide its point, if there is such a place. */
  placeCard() {
    const { chosen } = this.scene;
    if (chosen < 0 || !this.renderer.viewport.isReady) return;
    const { element } = this.card;
    const at = this.renderer.onScreen(chosen);
    element.classList.remove("above");
    if (isInside(at, boxOf(element, GAPS[0]))) element.classList.add("above");
  }

  /** Pan the map, as little as will do, if the chosen point is out of view or hidden. */
  uncover() {
    const { renderer } = this;
    if (this.scene.chosen < 0 || !renderer.viewport.isReady) return;
    const { width, height, top, right, left } = renderer.room;
    const at = renderer.onScreen(this.scene.chosen);
    const { element } = this.card;
    const hiding = [boxOf(element, GAPS[0]), ...this.others.map((each) => boxOf(each, 0))];
    const isSeen = !hiding.some((box) => isInside(at, box));
    if (isSeen && isInside(at, [0, 0, width, height])) return;
    /** @type {Box[]} what is free, or at least below the first row */
    const rooms = [
      [left, top, width - right, height],
      [0, top, width, height],
    ];
    for (const gap of GAPS) {
      const covers = [element, ...this.others].map((each) => boxOf(each, gap));
      for (const room of rooms) {
        const way = wayToFree(at, padded(room, -gap, 0), covers);
        if (way) return this.actions.pan(way);
      }
    }
  }
}

/**
 * What an element hides of the map, and the space around it.
 *
 * @param {HTMLElement} element
 * @param {number} gap
 */
function boxOf(
  { offsetLeft: left, offsetTop: top, offsetWidth: width, offsetHeight: height },
  gap,
) {
  return padded([left, top, left + width, top + height], gap, 0);
}
