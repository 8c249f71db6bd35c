import { h } from "../dom.js";
import { t } from "../i18n.js";
import { Viewport } from "./table/viewport.js";

const ROW = 28;

/**
 * A grid of any number of rows, of which only those in sight exist.
 *
 * Rows come from a source by index, newest first as a rule:
 * - `size`: how many rows there are; `pending`: how many came since and stand above them, not yet let in
 * - `row(index)`: an object, null where there is nothing, undefined while it is not loaded
 * - `want(first, count)`: loads rows and then calls `onchange`
 * - `admit()`: lets the pending rows in at the top, returns how many
 *
 * At the top, and unless `paused`, new rows come in by themselves; elsewhere nothing moves under the cursor, and a pill
 * says how many there are. Arrows, Page Up and Down, Home and End move; Enter opens.
 */
export class GmTable extends HTMLElement {
  #view = new Viewport(ROW);
  #current = -1;
  #paused = false;
  #frame = 0;
  #pool = [];
  #shown = [];

  /**
   * @param {object} options
   * @param {string} options.label what the rows are, for those who cannot see them
   * @param {{key: string, title: string, width: string, from?: number, text?: (row: object) => string,
   *   draw?: (cell: HTMLElement, row: object) => void, numeric?: boolean}[]} options.columns `width` as in CSS grid; `from`
   *   hides a column in narrower tables
   * @param {object} options.source
   * @param {(row: object, index: number) => void} [options.onopen]
   * @param {string} [options.empty] what to say, and to do, when there are no rows
   */
  configure({ label, columns, source, onopen, empty }) {
    this.columns = columns;
    this.source = source;
    this.onopen = onopen;
    this.empty = empty ?? t("table.empty");
    this.head = h("div", { class: "gt-row gt-head", role: "row", "aria-rowindex": "1" });
    this.pane = h("div", { class: "gt-pane", role: "rowgroup" });
    this.space = h("div", { class: "gt-space" });
    this.grid = h(
      "div",
      { class: "gt-grid", role: "grid", tabindex: "0", "aria-label": label, "aria-readonly": "true" },
      h("div", { class: "gt-top", role: "rowgroup" }, this.head),
      this.pane,
      this.space,
    );
    this.pill = h("button", { class: "gt-pill", type: "button", hidden: true, on: { click: () => this.#enter() } });
    this.note = h("p", { class: "gt-empty", hidden: true });
    this.replaceChildren(this.grid, this.pill, this.note);
    this.grid.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.grid.addEventListener("scrollend", () => this.#settle());
    this.grid.addEventListener("wheel", (event) => this.#wheeled(event), { passive: true });
    this.grid.addEventListener("keydown", (event) => this.#pressed(event));
    this.pane.addEventListener("click", (event) => this.#clicked(event));
    source.onchange = () => this.refresh();
    this.#measure ??= new ResizeObserver(() => this.#resized());
    this.#measure.disconnect();
    this.#measure.observe(this.grid);
  }

  #measure = null;

  disconnectedCallback() {
    this.#measure?.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  get paused() {
    return this.#paused;
  }

  set paused(value) {
    this.#paused = value;
    this.refresh();
  }

  /** The index of the chosen row, or -1. */
  get current() {
    return this.#current;
  }

  /** Draws anew at the next frame, however often it is asked. */
  refresh() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** Chooses a row and shows it. */
  show(index, where = "centre") {
    this.#current = index;
    this.#view.resize(this.source.size, this.#room);
    this.#view.reveal(index, where);
    this.#place();
    this.refresh();
  }

  get #room() {
    return Math.max(ROW, this.grid.clientHeight - this.head.offsetHeight);
  }

  #scrolled() {
    if (this.grid.scrollTop !== this.#view.bar) {
      this.#view.scrolled(this.grid.scrollTop);
      this.refresh();
    }
  }

  #settle() {
    if (this.#view.scaled) this.#place();
  }

  #wheeled(event) {
    const stuck =
      event.deltaY < 0 ? this.grid.scrollTop <= 0 : this.grid.scrollTop >= this.#view.space - this.#view.height;
    if (!this.#view.scaled || !stuck || event.deltaMode !== 0) return;
    this.#view.nudge(event.deltaY);
    this.refresh();
  }

  /** Moves the scroll bar to where the rows are. */
  #place() {
    this.#stretch();
    this.#view.bar = this.#view.barAt;
    this.grid.scrollTop = this.#view.bar;
    this.#view.bar = this.grid.scrollTop;
  }

  #stretch() {
    const height = `${this.#view.space}px`;
    if (this.space.style.height !== height) this.space.style.height = height;
  }

  #resized() {
    const width = this.grid.clientWidth;
    const columns = this.columns.filter((column) => !column.from || width >= column.from);
    const key = columns.map((column) => column.key).join();
    if (key !== this.#layout) {
      this.#layout = key;
      this.visible = columns;
      this.grid.style.setProperty("--gt-columns", columns.map((column) => column.width).join(" "));
      this.grid.setAttribute("aria-colcount", String(columns.length));
      this.head.replaceChildren(
        ...columns.map((column) =>
          h("div", { role: "columnheader", class: column.numeric ? "gt-cell gt-number" : "gt-cell" }, column.title),
        ),
      );
      this.pane.replaceChildren();
      this.#pool = [];
      this.#shown = [];
    }
    this.refresh();
  }

  #layout = "";

  #draw() {
    if (!this.visible || !this.isConnected) return;
    const { source } = this;
    const live = source.pending > 0 && !this.#paused && this.#view.top < 1 && !document.hidden;
    if (live) this.#admit();
    const before = this.#view.count;
    this.#view.resize(source.size, this.#room);
    this.#stretch();
    const { first, rows, offset } = this.#view.window();
    if (source.size !== before) this.style.setProperty("--gt-rows", String(source.size));
    this.grid.setAttribute("aria-rowcount", source.endless ? "-1" : String(source.size + 1));
    while (this.#pool.length < rows) this.#pool.push(this.#row());
    if (this.pane.childElementCount !== rows)
      this.pane.replaceChildren(...this.#pool.slice(0, rows).map((slot) => slot.line));
    for (let i = 0; i < rows; i += 1) this.#fill(i, first + i);
    this.pane.style.setProperty("--gt-offset", `${-offset}px`);
    this.#point();
    if (rows) source.want(Math.max(0, first - rows), rows * 3);
    this.pill.hidden = source.pending === 0;
    if (source.pending) this.pill.textContent = t("table.new", { n: source.pending });
    this.note.hidden = source.size > 0 || source.loading === true;
    if (!this.note.hidden) this.note.textContent = this.empty;
  }

  #row() {
    const cells = this.visible.map((column) =>
      h("div", { role: "gridcell", class: column.numeric ? "gt-cell gt-number" : "gt-cell" }),
    );
    return { line: h("div", { class: "gt-row", role: "row" }, cells), cells };
  }

  #fill(slot, index) {
    const row = this.source.row(index);
    const { line, cells } = this.#pool[slot];
    const chosen = index === this.#current;
    const before = this.#shown[slot];
    if (before && before.index === index && before.row === row && before.chosen === chosen) return;
    this.#shown[slot] = { index, row, chosen };
    line.id = `${this.#name}-${index}`;
    line.setAttribute("aria-rowindex", String(index + 2));
    line.setAttribute("aria-selected", String(chosen));
    line.classList.toggle("gt-odd", index % 2 === 1);
    line.classList.toggle("gt-wait", !row);
    this.visible.forEach((column, i) => {
      if (row && column.draw) {
        cells[i].replaceChildren();
        column.draw(cells[i], row);
      } else cells[i].textContent = row ? (column.text ? column.text(row) : (row[column.key] ?? "")) : "";
    });
  }

  #name = `gt${(GmTable.made = (GmTable.made ?? 0) + 1)}`;

  /** Tells assistive technology which row is chosen, if it is there. */
  #point() {
    const id = `${this.#name}-${this.#current}`;
    if (this.#shown.some((shown, i) => shown?.index === this.#current && i < this.pane.childElementCount)) {
      this.grid.setAttribute("aria-activedescendant", id);
    } else this.grid.removeAttribute("aria-activedescendant");
  }

  #admit() {
    const count = this.source.admit();
    if (this.#current >= 0) this.#current += count;
  }

  #enter() {
    this.#admit();
    this.#view.resize(this.source.size, this.#room);
    this.#view.reveal(0, "start");
    this.#place();
    this.refresh();
    this.grid.focus();
  }

  #clicked(event) {
    const line = event.target.closest(".gt-row");
    const slot = this.#pool.findIndex((entry) => entry.line === line);
    if (slot < 0 || event.target.closest("a, button")) return;
    this.#choose(this.#shown[slot].index);
    this.#open();
  }

  #choose(index) {
    if (this.source.size === 0) return;
    this.show(Math.max(0, Math.min(this.source.size - 1, index)), "nearest");
  }

  #open() {
    const row = this.source.row(this.#current);
    if (row) this.onopen?.(row, this.#current);
  }

  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.grid) return;
    const page = Math.max(1, Math.floor(this.#view.height / ROW) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1, PageDown: page, PageUp: -page };
    if (event.key in steps) {
      this.#choose(this.#current < 0 ? this.#view.window().first : this.#current + steps[event.key]);
    } else if (event.key === "Home") this.#choose(0);
    else if (event.key === "End") this.#choose(this.source.size - 1);
    else if (event.key === "Enter") this.#open();
    else return;
    event.preventDefault();
  }
}

customElements.define("gm-table", GmTable);
