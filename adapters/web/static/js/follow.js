// Follows a topic by reading again: one reading at a time, at most one a second, however much happens.

import { h } from "./dom.js";
import { number, t } from "./i18n.js";
import { state as connection, subscribe } from "./socket.js";
import { store } from "./store.js";

const EVERY = 1000;
const FADES = 30_000;
const SLOWEST = 30_000;
const SPOKEN_EVERY = 10_000;

/**
 * @param {import("./view.js").View} view
 * @param {object} about
 * @param {string} about.topic whose items have a `position`
 * @param {number} about.from up to which position everything is shown already
 * @param {(position: number) => Promise<void>} about.read reads and shows what holds at least that position
 */
export function follow(view, { topic, from, read }) {
  const state = store({ shown: from, news: 0, paused: false, failing: false });
  let heard = from;
  let news = 0;
  let busy = false;
  let paused = false;
  let missed = false;
  let failures = 0;
  let last = performance.now();
  let timer = 0;
  const idle = () => busy || paused || document.hidden || view.signal.aborted;
  const behind = () => missed || heard > state.get().shown;

  const say = (shown = state.get().shown) => state.set({ shown, news, paused, failing: failures > 0 });
  function soon(wait = EVERY) {
    if (timer || idle()) return;
    timer = setTimeout(work, Math.max(0, last + wait - performance.now()));
  }
  async function work() {
    clearTimeout(timer);
    timer = 0;
    if (idle()) return;
    busy = true;
    const [goal, counted] = [heard, news];
    let shown = state.get().shown;
    const again = missed;
    missed = false;
    try {
      await read(goal);
      shown = goal;
      news -= counted;
      failures = 0;
    } catch (error) {
      if (view.signal.aborted) return;
      failures += 1;
      missed ||= again;
    } finally {
      busy = false;
      last = performance.now();
    }
    say(shown);
    if (behind()) soon(Math.min(SLOWEST, EVERY * 2 ** failures));
  }

  subscribe(
    topic,
    (message) => {
      if (message.type === "events") news += new Set(message.items.map((item) => item.position)).size;
      else if (message.type !== "subscribed" && message.type !== "lagging") return;
      // What a slow page missed is not said, only that it did.
      missed ||= message.type === "lagging";
      heard = Math.max(heard, message.head ?? 0);
      if (message.type === "events") say();
      if (behind()) soon();
    },
    { signal: view.signal },
  );
  // Feelings fade though nothing happens.
  const fading = setInterval(() => idle() || work(), FADES);
  const seen = () => behind() && soon();
  document.addEventListener("visibilitychange", seen, { signal: view.signal });
  view.signal.addEventListener("abort", () => (clearTimeout(timer), clearInterval(fading)));

  return {
    state,
    /** Stops reading, or goes on with it at once. @param {boolean} value */
    pause(value) {
      if (value === paused) return;
      paused = value;
      clearTimeout(timer);
      timer = 0;
      say();
      if (behind()) soon(0);
    },
  };
}

/**
 * A line that says how far what is shown goes, and what has happened since.
 *
 * @param {import("./view.js").View} view
 * @param {ReturnType<typeof follow>} followed
 */
export function followLine(view, followed) {
  const line = h("span", null);
  const spoken = h("span", { class: "visually-hidden", role: "status" });
  const dot = h("span", { class: "live", "aria-hidden": "true" });
  const draw = () => {
    const { shown, news, paused, failing } = followed.state.get();
    const cut = failing || connection.get() === "waiting" || connection.get() === "off";
    dot.dataset.state = paused || cut ? "waiting" : "live";
    const position = number(shown);
    if (cut) line.textContent = t("follow.failing", { position });
    else if (paused) line.textContent = news ? t("follow.since", { n: news }) : t("follow.paused");
    else line.textContent = t("follow.live", { position });
  };
  followed.state.watch(draw, view.signal);
  connection.watch(draw, view.signal);
  // A screen reader hears one sentence every ten seconds, not every change.
  let said = followed.state.get().shown;
  const timer = setInterval(() => {
    const { shown, paused } = followed.state.get();
    if (shown === said || paused) return;
    said = shown;
    spoken.textContent = t("follow.live", { position: number(shown) });
  }, SPOKEN_EVERY);
  view.signal.addEventListener("abort", () => clearInterval(timer));
  return h("p", { class: "follow cluster small faint" }, dot, line, spoken);
}
