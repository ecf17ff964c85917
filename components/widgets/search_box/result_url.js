/** The URL of the page that shows all that matches a text, and the text that a URL holds. */

/**
 * @typedef {object} ResultPage
 * @property {string} url absolute
 * @property {string} parameter of the URL that holds the text
 * @property {string[]} resets parameters that mean nothing once the text is another
 */

/**
 * The URL of the page with a text, or without one.
 *
 * @param {ResultPage} page
 * @param {string} text
 */
export function withText({ url, parameter }, text) {
  const result = new URL(url);
  if (text) result.searchParams.set(parameter, text);
  return result.href;
}

/**
 * The text that a URL holds, if it is one of the page.
 *
 * @param {ResultPage} page
 * @param {string} href
 */
export function textIn({ url, parameter }, href) {
  const { pathname, searchParams } = new URL(href);
  return pathname === new URL(url).pathname ? (searchParams.get(parameter) ?? "") : "";
}

/**
 * A URL without the text, and otherwise as it is.
 *
 * @param {ResultPage} page
 * @param {string} href
 */
export function withoutText({ parameter, resets }, href) {
  const result = new URL(href);
  for (const name of [parameter, ...resets]) result.searchParams.delete(name);
  return result.href;
}
