/** View control: which part of the map is in view, and how it moves from one to another. */

import { Animator } from "./animator.js";
import { decodeView, encodeView } from "./codec.js";
import { eased, Flight } from "./flight.js";
import { clamp, padded } from "./geometry.js";
import { viewPath } from "./view_path.js";
import { around, between, extentOf } from "./viewport.js";

/** @import { Box, Point } from "./geometry.js" */
/** @import { Renderer } from "./renderer.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Size, Transform, Viewport } from "./viewport.js" */

/**
 * What the view control tells the map.
 *
 * @typedef {object} ViewControlActions
 * @property {() => void} onMove the points are about to be elsewhere on the canvas
 * @property {() => void} onRest the view has come to rest after a change
 */

const MOVE_TIME = 260; // ms that a change of view takes
const FLIGHT_TIME = 500; // ms that points fly from one layout to another
const MIN_TOUR_FLIGHT = 900; // ms that the tour flies to a cluster at least
const MAX_TOUR_FLIGHT = 2400;
const TOUR_SPEED = 550; // ms for a way of the length 1 (`viewPath`)
// A flight to a point ends where half of what is shown is as wide as this share of the map.
const POINT_SHARE = 1 / 12;
// A box is shown as at least as large as this share of the map.
const MIN_SHARE = 1 / 30;

export class ViewControl {
  /**
   * @param {Scene} scene
   * @param {Viewport} viewport
   * @param {Renderer} renderer
   * @param {ViewControlActions} actions
   */
  constructor(scene, viewport, renderer, actions) {
    this.scene = scene;
    this.viewport = viewport;
    this.renderer = renderer;
    this.actions = actions;
    this.animator = new Animator(() => renderer.requestDraw());
    /** @type {string | undefined} of the frame that was shown last */
    this.frameTag = undefined;
  }

  // -- the view as text ----------------------------------------------------

  /** The view as the URL holds it; empty if all of the map is shown. */
  get view() {
    if (!this.scene.isLoaded || !this.viewport.isReady || this.viewport.showsAll) return "";
    const { width, height } = this.renderer.size;
    const middle = this.viewport.toWorld(width / 2, height / 2);
    return encodeView(
      this.scene.toStored(middle),
      this.viewport.zoom,
      this.scene.arrangement?.name ?? "",
    );
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
    this.viewport.set(
      view
        ? around(...this.scene.toShown([view.x, view.y]), overview.k * view.zoom, size)
        : overview,
    );
    this.renderer.requestDraw();
  }

  // -- layouts and frames --------------------------------------------------

  /**
   * Show the layout that Python names: a view of it, or the frame, or all of it.
   *
   * @param {boolean} keepsView whether the view that Python names is one of what is shown now
   */
  showLayout(keepsView) {
    this.actions.onMove();
    this.scene.showLayout(this.renderer);
    if (!this.scene.isLoaded) return;
    this.viewport.showAll(this.scene.bounds, this.renderer.room);
    const { frame, view } = this.scene.data;
    const box = this.#frameBox;
    if (keepsView && view) this.applyView(view);
    else if (box) this.viewport.set(this.#around(box));
    this.frameTag = frame?.tag;
    this.actions.onRest();
    this.renderer.requestDraw();
  }

  /** Move to the frame if it is a new one; otherwise stay. */
  followFrame() {
    if (!this.scene.isLoaded) return;
    const { frame } = this.scene.data;
    const box = this.#frameBox;
    if (box && frame?.follow && frame.tag !== this.frameTag) this.#moveTo(this.#around(box));
    this.frameTag = frame?.tag;
    // The URL that Python has written holds the view that it was last sent.
    this.actions.onRest();
  }

  /** Where the frame is shown, if there is one. */
  get #frameBox() {
    const box = this.scene.data.frame?.boxes[this.scene.shownName];
    return box && this.scene.shownBox(box);
  }

  /** Fit what is shown to a canvas of another size. */
  resize() {
    const { room, drawnSize } = this.renderer;
    // What was zoomed in on stays there, so it keeps its arrangement.
    if (this.viewport.showsAll && !this.#fits) return this.#showFitting();
    if (this.turns) return this.#turn();
    this.viewport.resize(this.scene.bounds, drawnSize, room);
    this.renderer.requestDraw();
  }

  showAll() {
    if (!this.scene.isLoaded) return;
    // What floats over the map may have been folded meanwhile.
    if (!this.#fits) return this.#showFitting();
    this.viewport.setOverview(this.scene.bounds, this.renderer.room);
    this.#moveTo(this.viewport.overview);
  }

  /** Whether the layout fits the canvas neither in another arrangement nor turned any better. */
  get #fits() {
    const { scene } = this;
    return (
      scene.arrangementFor(this.renderer.shape)?.name === scene.arrangement?.name && !this.turns
    );
  }

  /** Whether the map has yet to be turned for the canvas, or turned back. */
  get turns() {
    return this.scene.isTurnedIn(this.renderer.size) !== this.scene.isTurned;
  }

  /** Turn the map for a canvas of another size, about what is in the middle. */
  #turn() {
    const { scene, viewport } = this;
    const { width, height } = this.renderer.drawnSize;
    const { zoom } = viewport;
    const middle = scene.toStored(viewport.toWorld(width / 2, height / 2));
    this.#showFitting(() => {
      const { overview } = viewport;
      viewport.set(around(...scene.toShown(middle), overview.k * zoom, this.renderer.size));
    });
  }

  /**
   * Show all in the arrangement that fits the canvas, or what `move` goes to.
   *
   * @param {() => void} [move]
   */
  #showFitting(move) {
    this.flyFrom(() => {
      this.actions.onMove();
      this.scene.showLayout(this.renderer);
      this.viewport.showAll(this.scene.bounds, this.renderer.room);
      move?.();
    });
    this.actions.onRest();
    this.renderer.requestDraw();
  }

  // -- movements -----------------------------------------------------------

  /**
   * Change where the points are and which of them are in view, and let them fly there.
   *
   * @param {() => void} change
   */
  flyFrom(change) {
    const { scene, viewport, renderer } = this;
    const wasDrawn = scene.isLoaded && viewport.isReady && renderer.framesDrawn > 0;
    const flight = wasDrawn ? new Flight(renderer.drawnPlaces, renderer.radius) : null;
    this.stop();
    change();
    if (!flight || !scene.isLoaded) return;
    renderer.flight = flight;
    this.animator.run(
      FLIGHT_TIME,
      (progress) => flight.moveTo(progress),
      () => (renderer.flight = null),
    );
  }

  /** @param {Point} way in px, to the right and down */
  pan([right, down]) {
    const { k, tx, ty } = this.viewport;
    this.#moveTo({ k, tx: tx + right, ty: ty + down });
  }

  /**
   * @param {number} point
   * @param {() => void} [onArrival]
   */
  moveToPoint(point, onArrival) {
    const [x, y] = this.scene.positionOf(point);
    const half = this.scene.index.extent * POINT_SHARE;
    this.#moveTo(this.#around([x - half, y - half, x + half, y + half]), onArrival);
  }

  /**
   * Fly to a box by the way that looks shortest.
   *
   * @param {Box} box of the map as it is stored
   * @param {number} bottom how high the strip at the bottom is that something floats over, in px
   * @param {() => void} onArrival
   */
  flyTo(box, bottom, onArrival) {
    this.stop();
    const { renderer, viewport } = this;
    const { size } = renderer;
    const to = this.#around(this.scene.shownBox(box), { ...renderer.room, bottom });
    const path = viewPath(extentOf(viewport.transform, size), extentOf(to, size));
    const time = clamp(path.length * TOUR_SPEED, MIN_TOUR_FLIGHT, MAX_TOUR_FLIGHT);
    /** @param {number} progress */
    const move = (progress) => {
      const { x, y, width } = path.at(eased(progress));
      viewport.set(progress < 1 ? around(x, y, size.width / width, size) : to);
    };
    this.animator.run(time, move, onArrival);
  }

  /**
   * @param {Transform} to
   * @param {() => void} [onArrival]
   */
  #moveTo(to, onArrival) {
    this.stop();
    this.actions.onMove();
    const from = this.viewport.transform;
    /** @param {number} progress */
    const move = (progress) => this.viewport.set(between(from, to, 1 - (1 - progress) ** 3));
    this.animator.run(MOVE_TIME, move, () => {
      this.actions.onRest();
      onArrival?.();
    });
  }

  /** Stay where the view is; points on their way to a layout arrive. */
  stop() {
    this.animator.stop();
    if (this.renderer.flight) this.renderer.requestDraw();
    this.renderer.flight = null;
  }

  /**
   * The transform that shows a box with some space around it if it is small: it may hold a single
   * point, or a few that are close together.
   *
   * @param {Box} box
   * @param {Size} [room]
   */
  #around(box, room = this.renderer.room) {
    // Points in cells reach to the edges of their cells.
    const edge = this.scene.cell / 2;
    return this.viewport.fitBox(padded(box, edge, this.scene.index.extent * MIN_SHARE), room);
  }
}
