/**
 * The map: a canvas of points that turn into pictures. A person can pan and zoom it, open a point,
 * and select points with a lasso or a box.
 *
 * Panning and zooming send nothing to Python. It gets a message when the selection changes, and the
 * view with it. A point that is opened is a link, or another message in a map of one file.
 */

import { goTo } from "../../widgets/links.js";
import { component, find } from "../../widgets/mount.js";
import { ViewControl } from "./view_control.js";
import { ChosenPoint } from "./chosen_point.js";
import { encodeBytes, encodeLasso, rounded } from "./codec.js";
import { Finder } from "./finder.js";
import { pointsInside, thinned } from "./geometry.js";
import { HoverCard } from "./hover_card.js";
import { Interaction } from "./interaction.js";
import { MapFiles } from "./map_files.js";
import { NoMap } from "./no_map.js";
import { PageUrl, parameterOfUrl } from "./page_url.js";
import { Atlas, Pictures } from "./pictures.js";
import { Renderer } from "./renderer.js";
import { Scene } from "./scene.js";
import { Tour } from "./tour.js";
import { Viewport } from "./viewport.js";

/** @import { Point } from "./geometry.js" */
/** @import { MapData } from "./scene.js" */
/** @import { Stop } from "./tour.js" */
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

const TOUR_CAPTION = 24; // px between what the tour shows and its caption
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
    this.tourButton = find(root, "button[name=tour]", HTMLButtonElement);

    this.scene = new Scene(data);
    this.viewport = new Viewport();
    const pictures = new Pictures(() => this.renderer.requestDraw());
    this.atlas = new Atlas(() => {
      this.scene.activeChanged();
      this.renderer.requestDraw();
    });
    this.renderer = new Renderer(canvas, this.scene, this.viewport, pictures, this.atlas);
    this.viewControl = new ViewControl(this.scene, this.viewport, this.renderer, {
      onMove: () => this.hover(-1),
      onRest: () => this.viewChanged(),
    });
    this.pageUrl = new PageUrl(() => this.#viewForUrl());

    this.hoverCard = new HoverCard(find(root, ".card", HTMLElement));
    const modelCard = find(root, ".model-card", HTMLElement);
    const others = [find(root, ".finder", HTMLElement), find(root, ".tools", HTMLElement)];
    this.chosen = new ChosenPoint(modelCard, others, this.scene, this.renderer, this.pageUrl, {
      send: (event) => this.#send(event),
      stopHovering: () => this.hover(-1),
      say: (point) => this.#say(point),
      focus: () => this.#focus(),
      pan: (way) => this.viewControl.pan(way),
    });
    this.finder = new Finder(others[0], {
      find: (text) => this.#send({ kind: "find", text }),
      goTo: (point) => this.#goTo(point),
      leaveFor: (href) => this.#leaveFor(href),
    });
    this.tour = new Tour(find(root, ".tour", HTMLElement), {
      flyTo: (stop, onArrival) => this.#tourTo(stop, onArrival),
      onEnd: (hadFocus) => this.#endTour(hadFocus),
    });

    this.files = new MapFiles();
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
    this.hoverCard.hide();
    this.viewControl.stop();
    this.tour.end();
    this.finder.close();
    // By now the URL is that of another page.
    this.pageUrl.cancel();
  }

  // -- data from Python ----------------------------------------------------

  /**
   * @param {MapData} data
   * @param {(message: Message) => void} send
   */
  update(data, send) {
    this.sendMessage = send;
    this.scene.setData(data);
    this.chosen.followMarked();
    this.#showFound();
    this.canvas.setAttribute("aria-label", data.label);
    this.tourButton.hidden = !data.stops.length || !this.scene.isLoaded;
    if (!this.files.areLatest(data.points, data.arrangements)) {
      this.tour.end();
      this.#load(data);
    } else {
      this.viewControl.followFrame();
      // The same points may have other pictures now: with or without backgrounds.
      if (this.scene.isLoaded) this.atlas.load(data.atlas, this.scene.tileNames);
    }
    this.renderer.readTheme();
    this.renderer.requestDraw();
  }

  /**
   * Load points, or other arrangements of them, and show them.
   *
   * @param {MapData} data
   */
  async #load({ points: pointsUrl, arrangements: arrangementsUrl }) {
    this.message.hidden = true;
    let loaded;
    try {
      loaded = await this.files.load(pointsUrl, arrangementsUrl);
    } catch {
      this.message.textContent = "The map could not be loaded. Reload the page.";
      this.message.hidden = false;
    }
    if (!loaded) return;
    const { points, arrangements } = loaded;
    if (points !== this.scene.points) {
      this.chosen.clear();
      this.scene.setPoints(points, arrangements);
      this.atlas.clear();
      this.#showLayout(!this.viewport.isReady);
    } else {
      this.viewControl.flyFrom(() => {
        this.scene.setArrangements(arrangements);
        this.#showLayout(true);
      });
    }
    this.tourButton.hidden = !this.scene.data.stops.length;
    this.chosen.followMarked();
    this.atlas.load(this.scene.data.atlas, this.scene.tileNames);
  }

  /** @param {boolean} keepsView whether the view that Python names is one of what is shown now */
  #showLayout(keepsView) {
    this.viewControl.showLayout(keepsView);
    if (this.scene.isLoaded) this.chosen.placeCard();
  }

  /** Show what Python has found by words. A map of one file has none to search with. */
  #showFound() {
    const { model_url: modelUrl, drawing_url: drawingUrl, found } = this.scene.data;
    this.finder.element.hidden = !modelUrl;
    if (!found || !this.scene.isLoaded) return;
    const matches = found.points.map((point) => ({ ...this.scene.contentOf(point), point }));
    this.finder.show({ ...found, matches, drawingUrl });
  }

  /**
   * Go to another page of the app; going back shows the map as it is now.
   *
   * @param {string} href
   */
  #leaveFor(href) {
    this.pageUrl.write();
    goTo(href);
  }

  /** @param {MapEvent} event */
  #send(event) {
    this.sendMessage({ ...event, view: this.viewControl.view });
  }

  // -- the view ------------------------------------------------------------

  #onHistoryChange() {
    this.pageUrl.cancel();
    this.chosen.cancelMarking();
    this.tour.end();
    // On another page, or for another layout, the map stays on the screen until that is there.
    if (!this.pageUrl.isOfMap) return;
    this.chosen.followUrl();
    const isOfLayout = (parameterOfUrl("layout") || "map") === this.scene.data.layout;
    if (isOfLayout) this.viewControl.applyView(parameterOfUrl("view"));
  }

  #onResize() {
    if (!this.scene.isLoaded || !this.renderer.size.width) return;
    if (!this.viewport.isReady) return this.#showLayout(true);
    // It would not arrive at its stop.
    if (this.viewControl.turns) this.tour.end();
    this.viewControl.resize();
    this.chosen.placeCard();
    this.chosen.uncover();
  }

  /** The view for the URL; null where nobody has chosen what is shown. */
  #viewForUrl() {
    const { model_url: modelUrl, frame } = this.scene.data;
    if (!modelUrl || !this.viewport.isReady || this.tour.isOn) return null;
    // Without a view in the URL, the frame would be shown.
    return this.viewControl.view || (frame ? WHOLE_MAP : "");
  }

  viewChanged() {
    this.pageUrl.writeSoon();
  }

  stopAnimation() {
    this.viewControl.stop();
  }

  showAll() {
    this.viewControl.showAll();
  }

  // -- the tour ------------------------------------------------------------

  startTour() {
    const { stops } = this.scene.data;
    if (!this.scene.isLoaded || !stops.length) return;
    this.hover(-1);
    this.tour.begin(stops);
  }

  /**
   * @param {Stop} stop
   * @param {() => void} onArrival
   */
  #tourTo({ cluster, box }, onArrival) {
    this.scene.setToured(-1);
    const bottom = this.tour.element.offsetHeight + 2 * TOUR_CAPTION;
    this.viewControl.flyTo(box, bottom, () => {
      this.scene.setToured(cluster);
      onArrival();
    });
  }

  /** @param {boolean} hadFocus whether the focus was in what is gone now */
  #endTour(hadFocus) {
    this.viewControl.stop();
    this.scene.setToured(-1);
    if (hadFocus) this.#focus();
    this.viewChanged();
    this.renderer.requestDraw();
  }

  // -- points --------------------------------------------------------------

  #focus() {
    this.canvas.focus({ preventScroll: true });
  }

  /**
   * Go to a point and choose it.
   *
   * @param {number} point
   */
  #goTo(point) {
    this.#focus();
    if (point !== this.scene.chosen) this.choose(point);
    this.viewControl.moveToPoint(point, () => {
      this.chosen.placeCard();
      this.chosen.uncover();
    });
  }

  /** @param {number} point */
  choose(point) {
    this.chosen.choose(point);
  }

  /**
   * @param {number} point
   * @param {boolean} isElsewhere
   */
  open(point, isElsewhere) {
    this.chosen.open(point, isElsewhere);
  }

  closeCard() {
    this.chosen.close();
  }

  focusFinder() {
    this.finder.focus();
  }

  clearSelection() {
    this.#send({ kind: "clear" });
  }

  /** @param {Point[]} polygon of the canvas */
  select(polygon) {
    const { scene, viewport } = this;
    const lasso = rounded(
      thinned(polygon).map((corner) => scene.toStored(viewport.toWorld(...corner))),
    );
    const { x, y } = scene.index;
    // Shown at once; Python will return the same selection.
    const rows = pointsInside(
      lasso.map((corner) => scene.toShown(corner)),
      x,
      y,
    );
    scene.setSelected(rows);
    const count = rows.reduce((sum, each) => sum + each, 0);
    this.liveRegion.textContent = `${count} selected`;
    this.#send({
      kind: "select",
      selection: encodeLasso(scene.shownName, lasso),
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
    if (point < 0 || !this.scene.data.shown.cards) {
      this.hoverCard.hide();
    } else if (event) {
      this.hoverCard.showSoon(this.scene.contentOf(point), event.clientX, event.clientY);
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
    this.hoverCard.show(this.scene.contentOf(point), canvas.left + left, canvas.top + top);
    this.#say(point);
  }

  /** @param {number} point */
  #say(point) {
    const { name, detail } = this.scene.contentOf(point);
    this.liveRegion.textContent = [name, detail].filter(Boolean).join(", ");
  }
}
