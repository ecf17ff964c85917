import assert from "node:assert/strict";
import { test } from "node:test";

import { commandOf, inWords, stopAfter } from "#map_view/tour.js";

test("after the last stop comes the first, and before the first the last", () => {
  assert.deepEqual(
    [0, 1, 2].map((number) => stopAfter(number, 1, 3)),
    [1, 2, 0],
  );
  assert.deepEqual(
    [0, 1, 2].map((number) => stopAfter(number, -1, 3)),
    [2, 0, 1],
  );
  assert.equal(stopAfter(0, 1, 1), 0);
});

test("keys lead through a tour, and any other ends it", () => {
  /** @type {(key: string, more?: object, isOnButton?: boolean) => string | null} */
  const command = (key, more = {}, isOnButton = false) => commandOf({ key, ...more }, isOnButton);
  assert.equal(command("ArrowRight"), "next");
  assert.equal(command("PageUp"), "previous");
  assert.equal(command(" "), "pause");
  assert.equal(command("Escape"), "end");
  assert.equal(command("l"), "end");
  assert.equal(command("ArrowLeft", { altKey: true }), "end");
  assert.equal(command("constructor"), "end");
});

test("a tour goes on while a person goes to its buttons and presses one", () => {
  assert.equal(commandOf({ key: "Tab" }, false), null);
  assert.equal(commandOf({ key: "Shift" }, false), null);
  assert.equal(commandOf({ key: " " }, true), null);
  assert.equal(commandOf({ key: "Enter" }, true), null);
  assert.equal(commandOf({ key: "Enter" }, false), "end");
});

test("models are counted in words", () => {
  assert.equal(inWords(1), "1 model");
  assert.equal(inWords(12345), "12,345 models");
});
