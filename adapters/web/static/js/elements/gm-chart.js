import { fill, h, s } from "../dom.js";
import { number, t } from "../i18n.js";
import { lastUpTo, scale, ticks } from "./chart/scale.js";

const HEIGHT = 168;
const EDGE = { top: 10, right: 12, bottom: 22, left: 38 };

/**
 * Lines over time, at most eight. The same numbers stand in a table below, folded up.
 *
 * Fires `at` with `{position}` when a place on it is clicked; `at` (a time in ms, or null) draws a line through it.
 */
export class GmChart extends HTMLElement {
  #hidden = new Set();
  #at = null;
  #data = null;

  /**
   * @param {object} data
   * @param {string} data.label what is shown
   * @param {[number, number]} data.range the lowest and highest value of the axis
   * @param {{name: string, points: {x: number, y: number, position?: number}[]}[]} data.series `x` in ms, ascending
   * @param {(ms: number) => string} data.time how a time is written
   */
  set data(data) {
    this.#data = data;
    if (!this.canvas) this.#build();
    this.canvas.setAttribute("aria-label", data.label);
    this.#legend();
    this.#draw();
    if (this.more.open) this.#table();
  }

  /** @param {number | null} ms */
  set at(ms) {
    this.#at = ms;
    this.#line();
  }

  #build() {
    this.canvas = s("svg", { class: "gc-canvas", role: "img", height: HEIGHT });
    this.canvas.addEventListener("pointermove", (event) => this.#hover(event));
    this.canvas.addEventListener("pointerleave", () => this.#point(null));
    this.canvas.addEventListener("click", (event) => this.#click(event));
    this.keys = h("div", { class: "gc-keys" });
    this.readout = h("p", { class: "gc-readout", "aria-hidden": "true" });
    this.more = h(
      "details",
      { class: "gc-more", on: { toggle: () => this.more.open && this.#table() } },
      h("summary", null, t("chart.table")),
    );
    fill(this, h("div", { class: "gc-head" }, this.keys, this.readout), this.canvas, this.more);
    this.watch = new ResizeObserver(() => this.#draw());
    this.watch.observe(this);
  }

  disconnectedCallback() {
    this.watch?.disconnect();
  }

  connectedCallback() {
    this.watch?.observe(this);
  }

  #legend() {
    fill(
      this.keys,
      this.#data.series.map((line, i) =>
        h(
          "button",
          {
            type: "button",
            class: `gc-key hue-${(i % 8) + 1}`,
            "aria-pressed": String(!this.#hidden.has(line.name)),
            on: {
              click: (event) => {
                if (!this.#hidden.delete(line.name)) this.#hidden.add(line.name);
                event.currentTarget.setAttribute("aria-pressed", String(!this.#hidden.has(line.name)));
                this.#draw();
              },
            },
          },
          h("span", { class: "gc-swatch", "aria-hidden": "true" }),
          line.name,
        ),
      ),
    );
  }

  #draw() {
    const width = this.clientWidth;
    if (!this.#data || width < 60) return;
    const { series, range, time } = this.#data;
    const all = series.flatMap((line) => line.points);
    this.low = Math.min(...all.map((point) => point.x));
    this.high = Math.max(...all.map((point) => point.x));
    this.x = scale(this.low, this.high, EDGE.left, width - EDGE.right);
    this.y = scale(range[0], range[1], HEIGHT - EDGE.bottom, EDGE.top);
    this.canvas.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.canvas.replaceChildren();
    for (const value of ticks(range[0], range[1], 4)) {
      const y = this.y(value);
      this.canvas.append(
        s("line", {
          class: value === 0 ? "gc-rule gc-zero" : "gc-rule",
          x1: EDGE.left,
          x2: width - EDGE.right,
          y1: y,
          y2: y,
        }),
        s("text", { class: "gc-text", x: EDGE.left - 6, y: y + 4, "text-anchor": "end" }, number(value)),
      );
    }
    if (!all.length) {
      this.canvas.append(
        s("text", { class: "gc-text", x: width / 2, y: HEIGHT / 2, "text-anchor": "middle" }, t("chart.empty")),
      );
      return;
    }
    const ends =
      this.high > this.low
        ? [
            ["start", this.low],
            ["end", this.high],
          ]
        : [["start", this.low]];
    for (const [anchor, value] of ends) {
      this.canvas.append(
        s("text", { class: "gc-text", x: this.x(value), y: HEIGHT - 6, "text-anchor": anchor }, time(value)),
      );
    }
    series.forEach((line, i) => this.#hidden.has(line.name) || this.#stroke(line, `hue-${(i % 8) + 1}`));
    this.cross = s("g", { class: "gc-cross" });
    this.cursor = s("line", { class: "gc-at", y1: EDGE.top, y2: HEIGHT - EDGE.bottom });
    this.canvas.append(this.cursor, this.cross);
    this.#line();
  }

  #stroke(line, hue) {
    const places = line.points.map((point) => `${this.x(point.x).toFixed(1)} ${this.y(point.y).toFixed(1)}`);
    this.canvas.append(s("path", { class: `gc-line ${hue}`, d: `M${places.join("L")}` }));
    if (line.points.length > 60) return;
    for (const point of line.points)
      this.canvas.append(s("circle", { class: `gc-dot ${hue}`, cx: this.x(point.x), cy: this.y(point.y), r: 2.2 }));
  }

  #line() {
    if (!this.cursor || !this.x) return;
    const shown = this.#at !== null && this.#at >= this.low && this.#at <= this.high;
    this.cursor.classList.toggle("gc-none", !shown);
    if (!shown) return;
    this.cursor.setAttribute("x1", this.x(this.#at));
    this.cursor.setAttribute("x2", this.x(this.#at));
  }

  #time(event) {
    const box = this.canvas.getBoundingClientRect();
    const back = scale(EDGE.left, box.width - EDGE.right, this.low, this.high);
    return back(event.clientX - box.left);
  }

  #hover(event) {
    if (this.x && this.#data.series.some((line) => line.points.length)) this.#point(this.#time(event));
  }

  #point(ms) {
    if (!this.cross) return;
    this.cross.replaceChildren();
    this.readout.textContent = "";
    if (ms === null) return;
    const said = [];
    this.#data.series.forEach((line, i) => {
      const point =
        line.points[
          Math.max(
            0,
            lastUpTo(line.points, ms, (entry) => entry.x),
          )
        ];
      if (!point || this.#hidden.has(line.name)) return;
      this.cross.append(
        s("circle", { class: `gc-spot hue-${(i % 8) + 1}`, cx: this.x(point.x), cy: this.y(point.y), r: 4 }),
      );
      said.push(`${line.name} ${number(point.y, { maximumFractionDigits: 2 })}`);
    });
    this.readout.textContent = `${this.#data.time(ms)}  ${said.join("  ")}`;
  }

  #click(event) {
    if (!this.x) return;
    const ms = this.#time(event);
    const points = this.#data.series.flatMap((line) => line.points).sort((a, b) => a.x - b.x);
    const position =
      points[
        Math.max(
          0,
          lastUpTo(points, ms, (point) => point.x),
        )
      ]?.position;
    if (position) this.dispatchEvent(new CustomEvent("at", { detail: { position } }));
  }

  #table() {
    const { series, time, label } = this.#data;
    const times = [...new Set(series.flatMap((line) => line.points.map((point) => point.x)))]
      .sort((a, b) => a - b)
      .slice(-500);
    const value = (line, ms) => line.points[lastUpTo(line.points, ms, (point) => point.x)]?.y;
    const cell = (y) => h("td", { class: "num" }, y === undefined ? "–" : number(y, { maximumFractionDigits: 3 }));
    const before = this.more.querySelector(".gc-scroll");
    const place = before?.scrollTop ?? 0;
    before?.remove();
    this.more.append(
      h(
        "div",
        { class: "gc-scroll", tabindex: "0", role: "region", "aria-label": label },
        h(
          "table",
          { class: "sheet" },
          h(
            "thead",
            null,
            h(
              "tr",
              null,
              h("th", { scope: "col" }, t("chart.time")),
              series.map((line) => h("th", { scope: "col" }, line.name)),
            ),
          ),
          h(
            "tbody",
            null,
            times.map((ms) =>
              h(
                "tr",
                null,
                h("th", { scope: "row" }, time(ms)),
                series.map((line) => cell(value(line, ms))),
              ),
            ),
          ),
        ),
      ),
    );
    if (place) this.more.querySelector(".gc-scroll").scrollTop = place;
  }
}

customElements.define("gm-chart", GmChart);
