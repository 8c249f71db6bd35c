import { fill, h, icon, s, uid } from "../dom.js";
import { number, t } from "../i18n.js";
import { lastUpTo } from "./chart/scale.js";

const SPEEDS = [1, 2, 4, 8, 16];
const DRAG = 60;
const PARTS = 160;

/**
 * A strip of the log with a slider over it: how much happened when, and where one stands in it.
 *
 * Arrows or h and l step from mark to mark (without marks by one position; with Shift by a hundredth of the strip), Home and
 * End go to its ends, space plays. Position null is the present. Fires `at` with `{position}`; the owner answers by setting
 * `moment` (a text) once it shows that state.
 */
export class GmTimeline extends HTMLElement {
  #first = 0;
  #last = 0;
  #at = null;
  #marks = [];
  #playing = 0;
  #speed = 2;
  #told = 0;
  #waiting = 0;

  /**
   * @param {object} options
   * @param {string} options.label what is looked at through time
   * @param {string} options.key under which bookmarks are kept in this browser
   */
  configure({ label, key }) {
    this.key = `lorestream.bookmarks.${key}`;
    this.bookmarks = this.#remembered();
    const id = uid("timeline");
    const tool = (name, word, act) =>
      h(
        "button",
        { type: "button", class: "button button--icon", title: t(word), "aria-label": t(word), on: { click: act } },
        icon(name),
      );
    this.playButton = tool("play", "timeline.play", () => this.play(!this.#playing));
    this.star = tool("star", "timeline.bookmark", () => this.#toggleBookmark());
    this.now = h(
      "button",
      { type: "button", class: "button button--quiet", on: { click: () => this.move(null) } },
      t("timeline.now"),
    );
    this.field = h("input", {
      id,
      class: "gl-field",
      inputmode: "numeric",
      autocomplete: "off",
      size: 9,
      on: { change: () => this.#typed() },
    });
    this.readout = h("output", { class: "gl-moment", for: id });
    this.speed = h(
      "select",
      { "aria-label": t("timeline.speed"), value: "2", on: { change: () => this.#hurry(Number(this.speed.value)) } },
      SPEEDS.map((speed) => h("option", { value: speed, selected: speed === 2 }, `${speed} ×`)),
    );
    this.kept = h("select", {
      class: "gl-kept",
      "aria-label": t("timeline.bookmarks"),
      on: { change: () => this.#jump() },
    });
    this.strip = s("svg", { class: "gl-strip", "aria-hidden": "true", preserveAspectRatio: "none" });
    this.thumb = h("div", { class: "gl-thumb" });
    this.slider = h(
      "div",
      {
        class: "gl-slider",
        role: "slider",
        tabindex: "0",
        "aria-label": label,
        on: { keydown: (event) => this.#pressed(event) },
      },
      this.strip,
      this.thumb,
    );
    this.slider.addEventListener("pointerdown", (event) => this.#grab(event));
    fill(
      this,
      h(
        "div",
        { class: "gl-tools", role: "toolbar", "aria-label": t("timeline.tools") },
        tool("left", "timeline.previous", () => this.step(-1)),
        this.playButton,
        tool("right", "timeline.next", () => this.step(1)),
        this.now,
        this.speed,
        h("label", { class: "gl-label", for: id }, t("timeline.position")),
        this.field,
        this.readout,
        this.star,
        this.kept,
      ),
      this.slider,
    );
    this.#show();
  }

  /**
   * @param {{first: number, last: number, marks?: {position: number, hue?: number}[]}} strip `marks`: ascending, what happened
   *   to the thing; steps go from one to the next
   */
  set range({ first, last, marks = [] }) {
    this.#first = first;
    this.#last = Math.max(first, last);
    // One commit may hold several events: it is one step.
    this.#marks = marks.filter(
      (mark, i) =>
        mark.position >= this.#first && mark.position <= this.#last && mark.position !== marks[i - 1]?.position,
    );
    this.#paint();
    this.#show();
  }

  /** @returns {number | null} */
  get position() {
    return this.#at;
  }

  set position(value) {
    this.#at = value === null || value >= this.#last ? null : Math.max(this.#first, Math.round(value));
    this.#show();
  }

  /** What stands beside the position: the time of what is shown. */
  set moment(text) {
    this.readout.textContent = text;
    this.slider.setAttribute("aria-valuetext", `${this.#at === null ? t("timeline.present") : this.#at}, ${text}`);
  }

  disconnectedCallback() {
    this.play(false);
    clearTimeout(this.#waiting);
  }

  /** Goes to a position and says so. */
  move(position) {
    const before = this.#at;
    this.position = position;
    if (before !== this.#at) this.#tell();
  }

  /** Steps to the next mark, or position. @param {number} direction -1 or 1 @param {number} [size] positions at once */
  step(direction, size = 1) {
    const here = this.#at ?? this.#last;
    if (!this.#marks.length || size > 1) return this.move(here + direction * size);
    const index = lastUpTo(this.#marks, here, (mark) => mark.position);
    const on = index >= 0 && this.#marks[index].position === here;
    const next = this.#marks[direction > 0 ? index + 1 : on ? index - 1 : index];
    if (next) this.move(next.position);
    else this.move(direction > 0 ? null : this.#first);
  }

  /** Starts or stops playing. */
  play(on) {
    clearInterval(this.#playing);
    this.#playing = 0;
    if (on) {
      if (this.#at === null) this.move(this.#first);
      const stride = this.#marks.length ? 1 : Math.max(1, Math.round((this.#last - this.#first) / 400));
      this.#playing = setInterval(() => {
        this.step(1, stride);
        if (this.#at === null) this.play(false);
      }, 1000 / this.#speed);
    }
    const word = t(on ? "timeline.stop" : "timeline.play");
    this.playButton?.replaceChildren(icon(on ? "pause" : "play"));
    this.playButton?.setAttribute("aria-label", word);
    this.playButton?.setAttribute("title", word);
  }

  #hurry(speed) {
    this.#speed = speed;
    if (this.#playing) this.play(true);
  }

  /** Tells the owner, at most every 60 ms. */
  #tell() {
    clearTimeout(this.#waiting);
    const wait = this.#told + DRAG - performance.now();
    const say = () => {
      this.#told = performance.now();
      this.dispatchEvent(new CustomEvent("at", { detail: { position: this.#at } }));
    };
    if (wait > 0) this.#waiting = setTimeout(say, wait);
    else say();
  }

  #share(position) {
    return this.#last > this.#first ? (position - this.#first) / (this.#last - this.#first) : 1;
  }

  #show() {
    if (!this.slider) return;
    const here = this.#at ?? this.#last;
    this.thumb.style.setProperty("--gl-at", `${this.#share(here) * 100}%`);
    this.classList.toggle("gl-past", this.#at !== null);
    for (const [name, value] of [
      ["min", this.#first],
      ["max", this.#last],
      ["now", here],
    ]) {
      this.slider.setAttribute(`aria-value${name}`, String(value));
    }
    if (document.activeElement !== this.field) this.field.value = String(here);
    this.now.disabled = this.#at === null;
    const kept = this.bookmarks.includes(here);
    this.star.setAttribute("aria-pressed", String(kept));
    this.star.replaceChildren(icon("star"));
    fill(
      this.kept,
      h("option", { value: "" }, t("timeline.bookmarks")),
      this.bookmarks.map((position) => h("option", { value: position }, number(position))),
    );
    this.kept.hidden = this.bookmarks.length === 0;
  }

  /** Bars say how much happened in each part of the strip, in the colour of what happened most. */
  #paint() {
    this.strip.replaceChildren();
    this.strip.setAttribute("viewBox", "0 0 1000 40");
    const parts = Array.from({ length: PARTS }, () => ({ count: 0, hues: new Map() }));
    for (const { position, hue = 0 } of this.#marks) {
      const part = parts[Math.min(PARTS - 1, Math.floor(this.#share(position) * PARTS))];
      part.count += 1;
      part.hues.set(hue, (part.hues.get(hue) ?? 0) + 1);
    }
    const most = Math.max(1, ...parts.map((part) => part.count));
    const width = 1000 / PARTS;
    parts.forEach(({ count, hues }, i) => {
      if (!count) return;
      const height = 5 + 33 * Math.sqrt(count / most);
      const [hue] = [...hues].sort((a, b) => b[1] - a[1])[0];
      this.strip.append(
        s("rect", { class: `gl-bar hue-${hue}`, x: i * width + 0.8, y: 40 - height, width: width - 1.6, height }),
      );
    });
  }

  #grab(event) {
    if (event.button !== 0) return;
    const box = this.slider.getBoundingClientRect();
    const drag = (moved) => {
      const share = Math.max(0, Math.min(1, (moved.clientX - box.left) / box.width));
      this.move(share >= 0.999 ? null : this.#first + share * (this.#last - this.#first));
    };
    this.play(false);
    this.slider.setPointerCapture(event.pointerId);
    this.slider.addEventListener("pointermove", drag);
    this.slider.addEventListener("lostpointercapture", () => this.slider.removeEventListener("pointermove", drag), {
      once: true,
    });
    drag(event);
    this.slider.focus();
    event.preventDefault();
  }

  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const size = event.shiftKey ? Math.max(1, Math.round((this.#last - this.#first) / 100)) : 1;
    const tenth = Math.max(1, Math.round((this.#last - this.#first) / 10));
    const acts = {
      ArrowLeft: () => this.step(-1, size),
      ArrowDown: () => this.step(-1, size),
      h: () => this.step(-1),
      ArrowRight: () => this.step(1, size),
      ArrowUp: () => this.step(1, size),
      l: () => this.step(1),
      PageDown: () => this.step(-1, tenth),
      PageUp: () => this.step(1, tenth),
      Home: () => this.move(this.#first),
      End: () => this.move(null),
      " ": () => this.play(!this.#playing),
    };
    if (!(event.key in acts)) return;
    acts[event.key]();
    event.preventDefault();
  }

  #typed() {
    const wanted = Number(this.field.value.replace(/[^\d]/g, ""));
    if (Number.isSafeInteger(wanted) && wanted > 0) this.move(wanted);
    this.field.value = String(this.#at ?? this.#last);
  }

  #jump() {
    if (this.kept.value) this.move(Number(this.kept.value));
  }

  #toggleBookmark() {
    const here = this.#at ?? this.#last;
    this.bookmarks = this.bookmarks.includes(here)
      ? this.bookmarks.filter((position) => position !== here)
      : [...this.bookmarks, here].sort((a, b) => a - b).slice(-50);
    try {
      localStorage.setItem(this.key, JSON.stringify(this.bookmarks));
    } catch {
      // They then last as long as the page.
    }
    this.#show();
  }

  #remembered() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      return Array.isArray(kept) ? kept.filter(Number.isSafeInteger) : [];
    } catch {
      return [];
    }
  }
}

customElements.define("gm-timeline", GmTimeline);
