// Changes what somebody looks at, but nothing under the hand.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

/** How long, in ms, a pointer has to rest before what is under it may change. */
const REST = 2500;

/**
 * Lets a panel be changed when nobody is at it: no pointer moved in it just now, no keyboard focus and no chosen text is in
 * it. Else what is new waits behind a pill in the panel's heading, for as long as it takes; newer work replaces what waits.
 *
 * @param {HTMLElement} panel a `section` of log.js, or anything without a heading: then there is no pill
 * @param {AbortSignal} signal ends it
 * @returns {(work: (() => void) | null) => void} does the work now or later; null forgets what waits
 */
export function gently(panel, signal) {
  /** @type {(() => void) | null} */
  let waiting = null;
  let touched = -Infinity;
  let timer = 0;
  const pill = h(
    "button",
    { class: "chip pill", type: "button", hidden: true, on: { click: () => apply() } },
    icon("refresh"),
    t("follow.newer"),
  );
  panel.querySelector(":scope > header")?.append(pill);

  const chosen = () => {
    const selection = getSelection();
    return selection !== null && !selection.isCollapsed && panel.contains(selection.anchorNode);
  };
  const held = () => performance.now() - touched < REST || panel.querySelector(":focus-visible") !== null || chosen();
  function apply() {
    const work = waiting;
    waiting = null;
    pill.hidden = true;
    clearTimeout(timer);
    work?.();
  }
  function attempt() {
    clearTimeout(timer);
    if (!waiting || signal.aborted) return;
    if (!held()) return apply();
    pill.hidden = false;
    timer = setTimeout(attempt, REST);
  }

  const touch = () => (touched = performance.now());
  for (const kind of ["pointermove", "pointerdown", "wheel"])
    panel.addEventListener(kind, touch, { passive: true, signal });
  panel.addEventListener("pointerleave", () => ((touched = -Infinity), attempt()), { signal });
  // The next element has the focus only after this event.
  panel.addEventListener("focusout", () => setTimeout(attempt), { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  return (work) => {
    waiting = work;
    if (work) attempt();
    else pill.hidden = true;
  };
}
