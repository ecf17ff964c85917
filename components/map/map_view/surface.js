/** The canvas of the map: its size, its context, and the theme that it is drawn in. */

export class Surface {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.theme = themeOf(canvas);
  }

  /** The theme may be another one now. */
  readTheme() {
    this.theme = themeOf(this.canvas);
  }

  /** In CSS pixels. */
  get size() {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  /** The size, and what floats over the sides: the style sheet around the map says how wide that is. */
  get room() {
    const style = getComputedStyle(this.canvas);
    /** @type {(side: string) => number} */
    const covered = (side) => parseFloat(style.getPropertyValue(`--covered-${side}`)) || 0;
    return {
      ...this.size,
      top: covered("top"),
      right: covered("right"),
      bottom: covered("bottom"),
      left: covered("left"),
    };
  }

  /** The size that was last drawn. */
  get drawnSize() {
    const { width, height } = this.canvas;
    return { width: width / this.pixelRatio, height: height / this.pixelRatio };
  }

  get pixelRatio() {
    return Math.min(window.devicePixelRatio || 1, 2);
  }

  /** Begin to draw: on an empty canvas that has as many pixels as the screen has in its place. */
  clear() {
    const { width, height } = this.size;
    const ratio = this.pixelRatio;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== across) this.canvas.width = across;
    if (this.canvas.height !== down) this.canvas.height = down;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
  }
}

/** @param {HTMLElement} element */
function themeOf(element) {
  const style = getComputedStyle(element);
  /** @type {(name: string) => string} */
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  return {
    text: read("text-color"),
    background: read("secondary-background-color"),
    accent: read("primary-color"),
    font: read("font"),
  };
}
