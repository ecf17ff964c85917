/**
 * The map: a canvas of points that turn into pictures. A person can pan and zoom it, open a point,
 * and select points with a lasso or a box.
 *
 * Panning and zooming send nothing to Python. It gets a message when the selection changes, and the
 * view with it. A point that is opened is a link, or another message in a map of one file.
 */

import { goTo } from "../../widgets/links.js";
import { component, find } from "../../widgets/mount.js";
import {
  decodeView,
  encodeBytes,
  encodeLasso,
  encodeView,
  parameterOfUrl,
  rounded,
} from "./codec.js";
import { eased, Flight } from "./flight.js";
import { clamp, pointsInside, thinned } from "./geometry.js";
import { Finder } from "./finder.js";
import { HoverCard } from "./hover_card.js";
import { Interaction } from "./interaction.js";
import { ModelCard } from "./model_card.js";
import { Atlas, Pictures } from "./pictures.js";
import { Renderer } from "./renderer.js";
import { Scene } from "./scene.js";
import { Tour } from "./tour.js";
import { viewPath } from "./view_path.js";
import { around, Viewport } from "./viewport.js";

/** @import { Box, Point } from "./geometry.js" */
/** @import { Arrangement, MapData, Points } from "./scene.js" */
/** @import { Stop } from "./tour.js" */
/** @import { Extent } from "./view_path.js" */
/** @import { Size, Transform } from "./viewport.js" */
/** @import { Widget } from "../../widgets/mount.js" */

/**
 * What is sent to Python.
 *
 * @typedef {{ kind: "open" | "mark", id: string }
 *   | { kind: "select", selection: string, rows: string }
 *   | { kind: "find", text: string }
 *   | { kind: "clear" }} MapEvent
 */

/** @typedef {MapEvent & { view: string }} Message */

const HOVER_DELAY = 100; // ms on a point before its card is shown
const ANIMATION_TIME = 260; // ms that a change of view takes
const FLIGHT_TIME = 500; // ms that points fly from one layout to another
const MIN_TOUR_FLIGHT = 900; // ms that the tour flies to a cluster at least
const MAX_TOUR_FLIGHT = 2400;
const TOUR_SPEED = 550; // ms for a way of the length 1 (`viewPath`)
const TOUR_CAPTION = 24; // px between what the tour shows and its caption
const MAX_FILES = 4; // of points and arrangements that are kept
const URL_DELAY = 300; // ms after the last change of view until it is in the URL
// A flight ends where half of what is shown is as wide as this share of the map.
const FLIGHT_SHARE = 1 / 12;
const CARD_GAP = 40; // px between the card and its point
const NEIGHBOURS = 6; // of the chosen point in its card
const WHOLE_MAP = "all"; // what the URL says of the view where all of the map is shown

export const mountMap = component(
  "canvas",
  "pressed",
  /** @type {(canvas: HTMLElement, data: MapData, root: ParentNode) => Widget<MapData, Message>} */
  (element, data, root) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    // Some people have their browser forbid it.
    return canvas.getContext("2d") ? new MapView(canvas, data, root) : new NoMap(root);
  },
);

export default mountMap;

/** What is in place of the map where the browser draws none. */
class NoMap {
  /** @param {ParentNode} root */
  constructor(root) {
    const message = find(root, ".message", HTMLElement);
    message.textContent =
      "This browser does not let pages draw, which the map needs. Explore shows the same models.";
    message.hidden = false;
    for (const part of root.querySelectorAll(".tools, .finder")) part.remove();
  }

  update() {}
}

class MapView {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {MapData} data
   * @param {ParentNode} root
   */
  constructor(canvas, data, root) {
    this.canvas = canvas;
    this.liveRegion = find(root, ".live-region", HTMLElement);
    this.message = find(root, ".message", HTMLElement);
    this.card = new HoverCard(find(root, ".card", HTMLElement));
    this.modelCard = new ModelCard(find(root, ".model-card", HTMLElement), {
      open: () => this.open(this.scene.chosen, false),
      choose: (point) => this.choose(point),
      close: () => this.closeCard(),
    });
    /** @type {number | null} the point that Python was asked to mark, -1 for none, until it has */
    this.asked = null;
    /** The point that is to be opened as soon as Python has marked it, or -1. */
    this.opening = -1;
    this.finder = new Finder(find(root, ".finder", HTMLElement), {
      find: (text) => this.#send({ kind: "find", text }),
      goTo: (point) => this.flyTo(point),
    });
    this.tour = new Tour(find(root, ".tour", HTMLElement), {
      flyTo: (stop, onArrival) => this.#tourTo(stop, onArrival),
      onEnd: (hadFocus) => this.#endTour(hadFocus),
    });
    this.tourButton = find(root, "button[name=tour]", HTMLButtonElement);
    this.scene = new Scene(data);
    this.viewport = new Viewport();
    this.pictures = new Pictures(() => this.renderer.requestDraw());
    this.atlas = new Atlas(() => {
      this.scene.activeChanged();
      this.renderer.requestDraw();
    });
    this.renderer = new Renderer(canvas, this.scene, this.viewport, this.pictures, this.atlas);
    // The URLs of the points and of their arrangements that were asked for last.
    this.pointsUrl = "";
    this.arrangementsUrl = "";
    /** @type {Map<string, Promise<any>>} what is at a URL */
    this.files = new Map();
    // By this the map knows whether the URL is still its own.
    this.path = window.location.pathname;
    /** @type {string | undefined} of the frame that was shown last */
    this.frameTag = undefined;
    this.animation = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.cardTimer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.urlTimer = undefined;
    /** @type {(message: Message) => void} */
    this.sendMessage = () => {};

    this.closing = new AbortController();
    const { signal } = this.closing;
    const buttons = /** @type {HTMLButtonElement[]} */ ([
      ...root.querySelectorAll(".tools button"),
    ]);
    this.interaction = new Interaction(
      canvas,
      buttons,
      this.scene,
      this.viewport,
      this.renderer,
      this,
      signal,
    );
    const options = { signal, capture: true, passive: true };
    window.addEventListener("blur", () => this.hover(-1), options);
    window.addEventListener("scroll", () => this.hover(-1), options);
    // Back and Forward restore the view of their URL.
    window.addEventListener("popstate", () => this.#onHistoryChange(), options);
    this.resizing = new ResizeObserver(() => this.#onResize());
    this.resizing.observe(canvas);
  }

  close() {
    this.closing.abort();
    this.resizing.disconnect();
    this.renderer.close();
    this.card.hide();
    this.stopAnimation();
    this.tour.end();
    this.finder.close();
    clearTimeout(this.cardTimer);
    // By now the URL is that of another page.
    clearTimeout(this.urlTimer);
  }

  // -- data from Python ----------------------------------------------------

  /**
   * @param {MapData} data
   * @param {(message: Message) => void} send
   */
  update(data, send) {
    this.sendMessage = send;
    this.scene.setData(data);
    this.#followMarked();
    this.#showFound();
    this.canvas.setAttribute("aria-label", data.label);
    this.tourButton.hidden = !data.stops.length || !this.scene.isLoaded;
    if (this.pointsUrl !== data.points || this.arrangementsUrl !== data.arrangements) {
      this.tour.end();
      this.#load(data.points, data.arrangements);
    } else {
      this.#followFrame();
      // The same points may have other pictures now: with or without backgrounds.
      if (this.scene.isLoaded) this.atlas.load(data.atlas, this.scene.tileNames);
    }
    this.renderer.readTheme();
    this.renderer.requestDraw();
  }

  /**
   * Load points, or other arrangements of them, and show them.
   *
   * @param {string} pointsUrl
   * @param {string} arrangementsUrl "" for the map itself
   */
  async #load(pointsUrl, arrangementsUrl) {
    this.pointsUrl = pointsUrl;
    this.arrangementsUrl = arrangementsUrl;
    this.message.hidden = true;
    const isWanted = () => this.pointsUrl === pointsUrl && this.arrangementsUrl === arrangementsUrl;
    /** @type {Points} */
    let points;
    /** @type {Arrangement[]} */
    let arrangements;
    try {
      [points, arrangements] = await Promise.all([
        this.#file(pointsUrl),
        arrangementsUrl ? this.#file(arrangementsUrl) : [],
      ]);
    } catch {
      if (!isWanted()) return;
      this.message.textContent = "The map could not be loaded. Reload the page.";
      this.message.hidden = false;
      return;
    }
    if (!isWanted()) return;
    if (points !== this.scene.points) {
      this.asked = null;
      this.#showModel(-1);
      this.scene.setPoints(points, arrangements);
      this.atlas.clear();
      this.#showLayout(!this.viewport.isReady);
    } else {
      this.#flyFrom(() => {
        this.scene.setArrangements(arrangements);
        this.#showLayout(true);
      });
    }
    this.tourButton.hidden = !this.scene.data.stops.length;
    this.#followMarked();
    this.atlas.load(this.scene.data.atlas, this.scene.tileNames);
  }

  /**
   * What is at a URL; it is not asked for again when a person goes back to a layout.
   *
   * @param {string} url
   */
  #file(url) {
    const known = this.files.get(url);
    if (known) return known;
    const file = fetch(url).then((response) => {
      if (!response.ok) throw new Error(String(response.status));
      return response.json();
    });
    file.catch(() => this.files.delete(url));
    this.files.set(url, file);
    if (this.files.size > MAX_FILES) this.files.delete([...this.files.keys()][0]);
    return file;
  }

  /**
   * Show the layout that Python names: a view of it, or the frame, or all of it.
   *
   * @param {boolean} keepsView whether the view that Python names is one of what is shown now
   */
  #showLayout(keepsView) {
    this.hover(-1);
    this.scene.showLayout(this.renderer.shape);
    if (!this.scene.isLoaded) return;
    this.viewport.showAll(this.scene.bounds, this.renderer.room);
    const { frame, view } = this.scene.data;
    const box = frame?.boxes[this.scene.shownName];
    if (keepsView && view) this.applyView(view);
    else if (box) this.viewport.set(this.#around(box));
    this.frameTag = frame?.tag;
    if (this.scene.chosen >= 0) this.#placeCard(this.scene.chosen);
    this.viewChanged();
    this.renderer.requestDraw();
  }

  /**
   * Change where the points are and which of them are in view, and let them fly there.
   *
   * @param {() => void} change
   */
  #flyFrom(change) {
    const { scene, viewport, renderer } = this;
    const wasDrawn = scene.isLoaded && viewport.isReady && renderer.framesDrawn > 0;
    const flight = wasDrawn ? new Flight(renderer.drawnPlaces, renderer.radius) : null;
    this.stopAnimation();
    change();
    if (!flight || !scene.isLoaded) return;
    renderer.flight = flight;
    this.#animate(
      FLIGHT_TIME,
      (progress) => flight.moveTo(progress),
      () => (renderer.flight = null),
    );
  }

  /** Move to the frame if it is a new one; otherwise stay. */
  #followFrame() {
    if (!this.scene.isLoaded) return;
    const { frame } = this.scene.data;
    const box = frame?.boxes[this.scene.shownName];
    if (box && frame.follow && frame.tag !== this.frameTag) this.#animateTo(this.#around(box));
    this.frameTag = frame?.tag;
    // The URL that Python has written holds the view that it was last sent.
    this.viewChanged();
  }

  // -- the view ------------------------------------------------------------

  #onHistoryChange() {
    clearTimeout(this.urlTimer);
    this.asked = null;
    this.opening = -1;
    this.tour.end();
    // On another page, or for another layout, the map stays on the screen until that is there.
    if (window.location.pathname !== this.path) return;
    this.#followUrl();
    const isOfLayout = (parameterOfUrl("layout") || "map") === this.scene.data.layout;
    if (isOfLayout) this.applyView(parameterOfUrl("view"));
  }

  /**
   * Show the card of the point that the URL names. Python has no news of a point that it has marked,
   * if it was asked for another one meanwhile but has not answered yet.
   */
  #followUrl() {
    const { points, data, chosen } = this.scene;
    const point = points.ids.indexOf(parameterOfUrl("item"));
    if (point !== chosen) this.#showModel(point);
    if (point === data.marked) this.#followMarked();
    else this.asked = point;
  }

  #onResize() {
    const { room, drawnSize } = this.renderer;
    if (!this.scene.isLoaded || !room.width) return;
    if (!this.viewport.isReady) return this.#showLayout(true);
    // What was zoomed in on stays there, so it keeps its arrangement.
    if (this.viewport.showsAll && !this.#fits) return this.#showFitting();
    this.viewport.resize(this.scene.bounds, drawnSize, room);
    this.renderer.requestDraw();
  }

  /** Whether no other arrangement of the layout fits the canvas better. */
  get #fits() {
    return this.scene.arrangementFor(this.renderer.shape)?.name === this.scene.arrangement?.name;
  }

  /** Show all in the arrangement that fits the canvas. */
  #showFitting() {
    this.#flyFrom(() => {
      this.hover(-1);
      this.scene.showLayout(this.renderer.shape);
      this.viewport.showAll(this.scene.bounds, this.renderer.room);
    });
    this.viewChanged();
    this.renderer.requestDraw();
  }

  /**
   * The transform that shows a box with some space around it if it is small: it may hold a single
   * point, or a few that are close together.
   *
   * @param {Box} box
   * @param {Size} [room]
   */
  #around([left, bottom, right, top], room = this.renderer.room) {
    const minSide = this.scene.index.extent / 30;
    // Points in cells reach to the edges of their cells.
    const edge = this.scene.cell / 2;
    const across = Math.max(edge, (minSide - (right - left)) / 2);
    const down = Math.max(edge, (minSide - (top - bottom)) / 2);
    return this.viewport.fitBox([left - across, bottom - down, right + across, top + down], room);
  }

  /**
   * Draw frame after frame for a time; only the last one for people who want reduced motion.
   *
   * @param {number} time ms
   * @param {(progress: number) => void} move gets 0 to 1, in time
   * @param {() => void} onEnd is not called if the animation is stopped
   */
  #animate(time, move, onEnd) {
    const start = performance.now();
    const isInstant = prefersReducedMotion();
    /** @param {number} now */
    const step = (now) => {
      const progress = isInstant ? 1 : clamp((now - start) / time, 0, 1);
      move(progress);
      this.renderer.requestDraw();
      if (progress < 1) this.animation = requestAnimationFrame(step);
      else onEnd();
    };
    step(start);
  }

  /** @param {Transform} to */
  #animateTo(to) {
    this.stopAnimation();
    this.hover(-1);
    const from = this.viewport.transform;
    /** @param {number} progress */
    const move = (progress) => {
      const share = 1 - (1 - progress) ** 3;
      /** @type {(a: number, b: number) => number} */
      const between = (a, b) => a + (b - a) * share;
      this.viewport.set({
        k: between(from.k, to.k),
        tx: between(from.tx, to.tx),
        ty: between(from.ty, to.ty),
      });
    };
    this.#animate(ANIMATION_TIME, move, () => this.viewChanged());
  }

  /** End an animation where it is; points on their way to a layout arrive. */
  stopAnimation() {
    cancelAnimationFrame(this.animation);
    if (this.renderer.flight) this.renderer.requestDraw();
    this.renderer.flight = null;
  }

  showAll() {
    if (!this.scene.isLoaded) return;
    // What floats over the map may have been folded meanwhile.
    if (!this.#fits) return this.#showFitting();
    this.viewport.setOverview(this.scene.bounds, this.renderer.room);
    this.#animateTo(this.viewport.overview);
  }

  // -- the tour ------------------------------------------------------------

  startTour() {
    const { stops } = this.scene.data;
    if (!this.scene.isLoaded || !stops.length) return;
    this.hover(-1);
    this.#showTouring(true);
    this.tour.begin(stops);
  }

  /** @param {boolean} hadFocus whether the focus was in what is gone now */
  #endTour(hadFocus) {
    this.stopAnimation();
    this.scene.setToured(-1);
    this.#showTouring(false);
    if (hadFocus) this.canvas.focus({ preventScroll: true });
    this.viewChanged();
    this.renderer.requestDraw();
  }

  /**
   * Hide what floats over the map, for the tour's caption, or show it again.
   *
   * @param {boolean} isTouring
   */
  #showTouring(isTouring) {
    this.canvas.parentElement?.toggleAttribute("data-touring", isTouring);
    // The style sheet of the app hides what is outside this component.
    const root = this.canvas.getRootNode();
    if (root instanceof ShadowRoot) root.host.toggleAttribute("data-touring", isTouring);
  }

  /**
   * Fly to a cluster by the way that looks shortest.
   *
   * @param {Stop} stop
   * @param {() => void} onArrival
   */
  #tourTo({ cluster, box }, onArrival) {
    this.stopAnimation();
    this.scene.setToured(-1);
    const { renderer, viewport } = this;
    const { width, height } = renderer.size;
    const bottom = this.tour.element.offsetHeight + 2 * TOUR_CAPTION;
    const to = this.#around(box, { ...renderer.room, bottom });
    /** @type {(transform: Transform) => Extent} */
    const extentOf = ({ k, tx, ty }) => ({
      x: (width / 2 - tx) / k,
      y: (ty - height / 2) / k,
      width: width / k,
    });
    const path = viewPath(extentOf(viewport.transform), extentOf(to));
    const time = clamp(path.length * TOUR_SPEED, MIN_TOUR_FLIGHT, MAX_TOUR_FLIGHT);
    /** @param {number} progress */
    const move = (progress) => {
      const { x, y, width: wide } = path.at(eased(progress));
      viewport.set(progress < 1 ? around(x, y, width / wide, { width, height }) : to);
    };
    this.#animate(time, move, () => {
      this.scene.setToured(cluster);
      onArrival();
    });
  }

  /** The view as the URL holds it; empty if all of the map is shown. */
  get view() {
    if (!this.scene.isLoaded || !this.viewport.isReady || this.viewport.showsAll) return "";
    const { width, height } = this.renderer.size;
    const middle = this.viewport.toWorld(width / 2, height / 2);
    return encodeView(middle, this.viewport.zoom, this.scene.arrangement?.name ?? "");
  }

  /**
   * Show a view of the URL, or all of the map if it is not a valid one, or not one of what is shown.
   *
   * @param {string | null} text
   */
  applyView(text) {
    const { size } = this.renderer;
    if (!this.scene.isLoaded || !size.width) return;
    const decoded = decodeView(text);
    const view = decoded?.arrangement === (this.scene.arrangement?.name ?? "") ? decoded : null;
    const { overview } = this.viewport;
    this.viewport.set(view ? around(view.x, view.y, overview.k * view.zoom, size) : overview);
    this.renderer.requestDraw();
  }

  /** Write the view to the URL, without adding a step to the browser's history. */
  viewChanged() {
    clearTimeout(this.urlTimer);
    this.urlTimer = setTimeout(() => this.#writeView(), URL_DELAY);
  }

  #writeView() {
    const { model_url: modelUrl, frame } = this.scene.data;
    if (!modelUrl || !this.viewport.isReady || window.location.pathname !== this.path) return;
    // On a tour nobody has chosen what is shown.
    if (this.tour.isOn) return;
    const url = new URL(window.location.href);
    // Without a view in the URL, the frame would be shown.
    const view = this.view || (frame ? WHOLE_MAP : "");
    if ((url.searchParams.get("view") ?? "") === view) return;
    if (view) url.searchParams.set("view", view);
    else url.searchParams.delete("view");
    window.history.replaceState(window.history.state, "", url);
  }

  // -- points --------------------------------------------------------------

  /** @param {MapEvent} event */
  #send(event) {
    this.sendMessage({ ...event, view: this.view });
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
    } else if (this.asked !== null) {
      // Python has yet to write the URL of the map, which would come after that of the model.
      this.opening = point;
    } else if (modelUrl) {
      // Going back shows the map as it is now.
      clearTimeout(this.urlTimer);
      this.#writeView();
      goTo(modelUrl + id);
    } else {
      this.#send({ kind: "open", id });
    }
  }

  /**
   * Show a point's card, and have Python mark it, which gives its neighbours. A point whose card is
   * shown is opened, and so is any in a map of one file, which shows it beside the map.
   *
   * @param {number} point
   */
  choose(point) {
    if (point === this.scene.chosen || !this.scene.data.model_url) return this.open(point, false);
    this.#showModel(point);
    this.#say(point);
    this.#mark();
  }

  closeCard() {
    this.#showModel(-1);
    this.canvas.focus({ preventScroll: true });
    this.#mark();
  }

  /**
   * Have Python mark the chosen point, one after the other: Python takes the URL from each message,
   * and the URL does not hold what it has yet to write.
   */
  #mark() {
    const { points, chosen, data } = this.scene;
    if (this.asked !== null || chosen === data.marked) return;
    this.asked = chosen;
    this.#send({ kind: "mark", id: points.ids[chosen] ?? "" });
  }

  /** Show what Python has found by words. A map of one file has none to search with. */
  #showFound() {
    const { model_url: modelUrl, found } = this.scene.data;
    this.finder.element.hidden = !modelUrl;
    if (!found || !this.scene.isLoaded) return;
    const matches = found.points.map((point) => ({ ...this.#contentOf(point), point }));
    this.finder.show(found.text, matches);
  }

  /**
   * Go to a point and choose it.
   *
   * @param {number} point
   */
  flyTo(point) {
    const [x, y] = this.scene.positionOf(point);
    const half = this.scene.index.extent * FLIGHT_SHARE;
    this.#animateTo(this.#around([x - half, y - half, x + half, y + half]));
    this.canvas.focus({ preventScroll: true });
    if (point !== this.scene.chosen) this.choose(point);
  }

  /** Show the card of the point that Python has marked, with its neighbours. */
  #followMarked() {
    const { scene } = this;
    const { marked, linked, linked_pictures: pictures } = scene.data;
    if (!scene.points.ids.length || (this.asked !== null && this.asked !== marked)) return;
    const isAnswer = this.asked !== null;
    this.asked = null;
    // A person may have gone on meanwhile.
    if (isAnswer && marked !== scene.chosen) return this.#mark();
    if (marked !== scene.chosen) this.#showModel(marked);
    if (marked < 0) return;
    if (this.opening === marked) return this.open(marked, false);
    const url = new URL(window.location.href);
    this.modelCard.showNeighbours(
      linked.slice(0, NEIGHBOURS).map((point, number) => {
        url.searchParams.set("item", scene.points.ids[point]);
        const content = this.#contentOf(point);
        return { ...content, src: pictures[number] || content.src, point, href: url.search };
      }),
    );
  }

  /**
   * Show a point's card and a ring around it; -1 is none.
   *
   * @param {number} point
   */
  #showModel(point) {
    const { scene, modelCard } = this;
    scene.chosen = point;
    this.opening = -1;
    this.hover(-1);
    if (point < 0) {
      modelCard.hide();
    } else {
      const href = scene.data.model_url + scene.points.ids[point];
      const places = Math.min(NEIGHBOURS, scene.points.ids.length - 1);
      modelCard.show(this.#contentOf(point), href, places);
      if (this.viewport.isReady) this.#placeCard(point);
    }
    this.renderer.requestDraw();
  }

  /**
   * Move the card to where it does not hide its point.
   *
   * @param {number} point
   */
  #placeCard(point) {
    const { element } = this.modelCard;
    const [left, top] = this.renderer.onScreen(point);
    const isLow = top > this.renderer.size.height / 2;
    const isBelow = left < element.offsetLeft + element.offsetWidth + CARD_GAP;
    element.classList.toggle("above", isLow && isBelow);
  }

  focusFinder() {
    this.finder.focus();
  }

  clearSelection() {
    this.#send({ kind: "clear" });
  }

  /** @param {Point[]} polygon of the canvas */
  select(polygon) {
    const lasso = rounded(thinned(polygon).map((corner) => this.viewport.toWorld(...corner)));
    const { x, y } = this.scene.index;
    // Shown at once; Python will return the same selection.
    const rows = pointsInside(lasso, x, y);
    this.scene.setSelected(rows);
    const count = rows.reduce((sum, each) => sum + each, 0);
    this.liveRegion.textContent = `${count} selected`;
    this.#send({
      kind: "select",
      selection: encodeLasso(this.scene.shownName, lasso),
      rows: encodeBytes(rows),
    });
  }

  /**
   * Mark a point, and show its card if the pointer stays on it; -1 is none.
   *
   * @param {number} point
   * @param {PointerEvent} [event]
   */
  hover(point, event) {
    if (point === this.scene.hovered) return;
    this.scene.hovered = point;
    if (point >= 0) this.canvas.dataset.over = "point";
    else delete this.canvas.dataset.over;
    clearTimeout(this.cardTimer);
    if (point < 0 || !this.scene.data.shown.cards) {
      this.card.hide();
    } else if (event) {
      const { clientX, clientY } = event;
      const show = () => this.#showCard(point, clientX, clientY);
      if (this.card.isOpen) show();
      else this.cardTimer = setTimeout(show, HOVER_DELAY);
    }
    this.renderer.requestDraw();
  }

  /**
   * Show a point's card beside it, and announce the point to screen readers.
   *
   * @param {number} point
   */
  announce(point) {
    const canvas = this.canvas.getBoundingClientRect();
    const [left, top] = this.renderer.onScreen(point);
    this.#showCard(point, canvas.left + left, canvas.top + top);
    this.#say(point);
  }

  /** @param {number} point */
  #say(point) {
    const { name, detail } = this.#contentOf(point);
    this.liveRegion.textContent = [name, detail].filter(Boolean).join(", ");
  }

  /**
   * @param {number} point
   * @param {number} left in the window
   * @param {number} top
   */
  #showCard(point, left, top) {
    this.card.show(this.#contentOf(point), left, top);
  }

  /** @param {number} point */
  #contentOf(point) {
    const { scene } = this;
    return {
      src: scene.thumbnailUrl(point),
      name: scene.points.names[point],
      detail: scene.categoryOf(point),
    };
  }
}

function prefersReducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
