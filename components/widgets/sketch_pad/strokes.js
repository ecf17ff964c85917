/** The strokes of a drawing, and drawing them on a canvas. */

/** @typedef {{ x: number, y: number }} Place in pixels of the drawing */
/** @typedef {{ points: Place[], width: number, colour: string, erases: boolean }} Stroke */

/** The side of a drawing in pixels: twice the side of the network's input. */
export const SIDE = 448;

/**
 * The points of a stroke that is written as in the points of an SVG polyline, "20,46 20,86", in
 * hundredths of the drawing's side.
 *
 * @param {string} text
 * @returns {Place[]}
 */
export function placesOf(text) {
  return text.split(" ").map((pair) => {
    const [x, y] = pair.split(",").map((share) => (Number(share) / 100) * SIDE);
    return { x, y };
  });
}

/**
 * Draw a stroke through the midpoints between its points, which rounds its corners. A corner that is
 * given twice stays sharp.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke} stroke
 */
export function drawStroke(context, { points, width, colour, erases }) {
  const [first, ...rest] = points;
  context.globalCompositeOperation = erases ? "destination-out" : "source-over";
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(first.x, first.y);
  rest.forEach((point, number) => {
    const next = rest[number + 1] ?? point;
    context.quadraticCurveTo(point.x, point.y, (point.x + next.x) / 2, (point.y + next.y) / 2);
  });
  // A tap leaves a dot.
  if (rest.length === 0) context.lineTo(first.x, first.y);
  context.stroke();
  context.globalCompositeOperation = "source-over";
}
