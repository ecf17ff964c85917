import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Animator } from "#map_view/animator.js";

/** @type {Map<number, (now: number) => void>} */
let frames = new Map();
let isCalm = false;
let drawn = 0;
/** @type {(number | string)[]} */
let moves = [];

/** Let the browser draw a frame some ms from now. */
function frameAfter(ms) {
  const steps = [...frames.values()];
  frames.clear();
  for (const step of steps) step(performance.now() + ms);
}

beforeEach(() => {
  frames = new Map();
  isCalm = false;
  drawn = 0;
  moves = [];
  let number = 0;
  globalThis.requestAnimationFrame = (step) => {
    frames.set(++number, step);
    return number;
  };
  globalThis.cancelAnimationFrame = (frame) => frames.delete(frame);
  globalThis.matchMedia = () => ({ matches: isCalm });
});

/** @param {string} name */
function run(animator, name = "end") {
  animator.run(
    1000,
    (progress) => moves.push(Math.round(progress * 10) / 10),
    () => moves.push(name),
  );
}

test("something moves from its beginning to its end, drawn at each step", () => {
  run(new Animator(() => drawn++));
  frameAfter(500);
  frameAfter(2000);
  assert.deepEqual(moves, [0, 0.5, 1, "end"]);
  assert.equal(drawn, 3);
  assert.equal(frames.size, 0);
});

test("it is at its end at once for people who want reduced motion", () => {
  isCalm = true;
  run(new Animator(() => drawn++));
  assert.deepEqual(moves, [1, "end"]);
  assert.equal(drawn, 1);
});

test("what is stopped stays where it is", () => {
  const animator = new Animator(() => {});
  run(animator);
  frameAfter(500);
  animator.stop();
  frameAfter(2000);
  assert.deepEqual(moves, [0, 0.5]);
});

test("one movement takes the place of another", () => {
  const animator = new Animator(() => {});
  run(animator, "first");
  run(animator, "second");
  frameAfter(2000);
  assert.deepEqual(moves, [0, 0, 1, "second"]);
});
