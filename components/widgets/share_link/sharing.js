/** Sharing a link by whatever a browser offers. */

/**
 * What is used here of the browser.
 *
 * @typedef {object} Browser
 * @property {((link: Link) => Promise<void>) | undefined} share opens the share sheet
 * @property {{ writeText: (text: string) => Promise<void> } | undefined} clipboard which is there
 *   on secure pages only
 * @property {boolean} isTouchScreen whether people expect a share sheet
 */

/** @typedef {{ title: string, url: string }} Link */

/**
 * Share a link, and return what became of it: "shared" by the share sheet, which says so itself,
 * "cancelled" there, "copied", or "refused".
 *
 * @param {Link} link
 * @param {Browser} browser
 */
export async function shareBy(link, { share, clipboard, isTouchScreen }) {
  if (share && isTouchScreen) {
    try {
      await share(link);
      return "shared";
    } catch (error) {
      if (/** @type {Error} */ (error).name === "AbortError") return "cancelled";
    }
  }
  try {
    if (!clipboard) return "refused";
    await clipboard.writeText(link.url);
    return "copied";
  } catch {
    return "refused";
  }
}
