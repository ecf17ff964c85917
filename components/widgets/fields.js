/** Fields: elements that use what a person types. */

const FIELDS =
  "select, textarea, " +
  "input:not([type=button], [type=checkbox], [type=file], [type=radio], [type=range])";

/**
 * Whether an element uses typed characters itself.
 *
 * @param {EventTarget} target
 */
export function isField(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(FIELDS));
}
