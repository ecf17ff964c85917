/** How a link is shared, by what the browser offers and allows. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { shareBy } from "#widgets/share_link/sharing.js";

const LINK = { title: "Ship", url: "https://example.org/?item=ship" };

/** @param {string} name */
const refusing = (name) => () => Promise.reject(Object.assign(new Error(), { name }));

function clipboard() {
  /** @type {string[]} */
  const written = [];
  return {
    written,
    writeText: async (/** @type {string} */ text) => void written.push(text),
  };
}

test("a phone's share sheet gets the link, and nothing is copied", async () => {
  const copies = clipboard();
  /** @type {unknown[]} */
  const shared = [];
  const share = async (/** @type {unknown} */ link) => void shared.push(link);

  assert.equal(await shareBy(LINK, { share, clipboard: copies, isTouchScreen: true }), "shared");
  assert.deepEqual(shared, [LINK]);
  assert.deepEqual(copies.written, []);
});

test("a share sheet that is closed copies nothing", async () => {
  const copies = clipboard();
  const browser = { share: refusing("AbortError"), clipboard: copies, isTouchScreen: true };

  assert.equal(await shareBy(LINK, browser), "cancelled");
  assert.deepEqual(copies.written, []);
});

test("without a share sheet that works, and at a desk, the link is copied", async () => {
  for (const [share, isTouchScreen] of [
    [refusing("NotAllowedError"), true],
    [undefined, true],
    [async () => assert.fail("a desk has no share sheet"), false],
  ]) {
    const copies = clipboard();

    assert.equal(await shareBy(LINK, { share, clipboard: copies, isTouchScreen }), "copied");
    assert.deepEqual(copies.written, [LINK.url]);
  }
});

test("where nothing may be copied, that is known", async () => {
  const locked = { writeText: refusing("NotAllowedError") };

  for (const copies of [locked, undefined]) {
    const browser = { share: undefined, clipboard: copies, isTouchScreen: false };
    assert.equal(await shareBy(LINK, browser), "refused");
  }
});
