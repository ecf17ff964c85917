/**
 * The way from one view of a plane to another that looks shortest: it zooms out, pans and zooms in
 * at once (van Wijk and Nuij, "Smooth and efficient zooming and panning", 2003).
 */

/** @typedef {{ x: number, y: number, width: number }} Extent its middle, and the width it shows */

// How much the way prefers zooming to panning; people liked 1.42 best.
const RHO = Math.SQRT2;

/**
 * @param {Extent} from
 * @param {Extent} to
 * @returns {{ length: number, at: (share: number) => Extent }} how long the way looks, and what is
 *   shown after a share of it
 */
export function viewPath(from, to) {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  if (distance < 1e-6 * Math.max(from.width, to.width)) {
    const zoom = Math.log(to.width / from.width);
    return {
      length: Math.abs(zoom) / RHO,
      at: (share) => ({ x: to.x, y: to.y, width: from.width * Math.exp(share * zoom) }),
    };
  }
  const change = to.width ** 2 - from.width ** 2;
  const far = RHO ** 4 * distance ** 2;
  /** @type {(width: number, sign: number) => number} */
  const bend = (width, sign) =>
    -Math.asinh((change + sign * far) / (2 * width * RHO ** 2 * distance));
  const begin = bend(from.width, 1);
  const length = (bend(to.width, -1) - begin) / RHO;
  return {
    length,
    at: (share) => {
      const bent = begin + RHO * share * length;
      const along =
        ((Math.cosh(begin) * Math.tanh(bent) - Math.sinh(begin)) * from.width) /
        (RHO ** 2 * distance);
      return {
        x: from.x + along * (to.x - from.x),
        y: from.y + along * (to.y - from.y),
        width: (from.width * Math.cosh(begin)) / Math.cosh(bent),
      };
    },
  };
}
