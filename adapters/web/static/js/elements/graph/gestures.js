/** How far, in pixels, a mouse and a finger may slip and still mean to choose. */
const SLIP = { mouse: 4, pen: 6, touch: 8 };

/** @typedef {[number, number]} Spot a pixel of the stage */

/**
 * Hands on a graph. One pointer moves the node it took hold of, or the whole picture, and chooses when it did not move; two
 * fingers zoom and move the picture, what is under them stays under them; a wheel zooms.
 *
 * @template Node
 * @param {HTMLElement} stage with `touch-action: none`
 * @param {object} acts
 * @param {(event: Event, spot: Spot) => Node | null} acts.hit the node there
 * @param {(node: Node, spot: Spot) => void} acts.move
 * @param {(dx: number, dy: number) => void} acts.pan
 * @param {(factor: number, spot: Spot) => void} acts.zoom
 * @param {(node: Node | null) => void} acts.choose
 * @param {(node: Node | null) => void} acts.open
 */
export function gestures(stage, acts) {
  /** @type {Map<number, Spot>} */
  const pointers = new Map();
  /** @type {Node | null} */
  let held = null;
  let moved = false;
  let ends = new AbortController();

  /** @returns {Spot} */
  function spot(event) {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  function down(event) {
    if (event.button !== 0 || pointers.size === 2) return;
    const place = spot(event);
    pointers.set(event.pointerId, place);
    if (pointers.size > 1) {
      [held, moved] = [null, true];
      return;
    }
    [held, moved] = [acts.hit(event, place), false];
    ends = new AbortController();
    const { signal } = ends;
    // The picture may be drawn anew under the finger: what it began on is not always there at the end.
    window.addEventListener("pointermove", move, { signal });
    window.addEventListener("pointerup", (up) => end(up, true), { signal });
    window.addEventListener("pointercancel", (cancelled) => end(cancelled, false), { signal });
  }

  function move(event) {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const place = spot(event);
    if (pointers.size > 1) spread(event.pointerId, before, place);
    else {
      const [dx, dy] = [place[0] - before[0], place[1] - before[1]];
      if (!moved && Math.hypot(dx, dy) < (SLIP[event.pointerType] ?? SLIP.mouse)) return;
      moved = true;
      if (held) acts.move(held, place);
      else acts.pan(dx, dy);
    }
    pointers.set(event.pointerId, place);
  }

  /** One of two fingers went from a spot to another. */
  function spread(id, before, place) {
    const [, other] = [...pointers].find(([each]) => each !== id) ?? [];
    if (!other) return;
    const middle = (one) => /** @type {Spot} */ ([(one[0] + other[0]) / 2, (one[1] + other[1]) / 2]);
    const apart = (one) => Math.max(1, Math.hypot(one[0] - other[0], one[1] - other[1]));
    const [was, is] = [middle(before), middle(place)];
    acts.pan(is[0] - was[0], is[1] - was[1]);
    acts.zoom(apart(place) / apart(before), is);
  }

  function end(event, lifted) {
    if (!pointers.delete(event.pointerId) || pointers.size) return;
    ends.abort();
    if (lifted && !moved) acts.choose(held);
  }

  stage.addEventListener("pointerdown", down);
  stage.addEventListener("dblclick", (event) => acts.open(acts.hit(event, spot(event))));
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    acts.zoom(Math.exp(-Math.max(-120, Math.min(120, event.deltaY)) / 300), spot(event));
  });
}
