/**
 * Where rows stand in a scroller that is not tall enough for them.
 *
 * Chromium ends every scroll height at 33,554,428 px, about 1.19 million rows of 28 px. Up to `TALLEST` a pixel scrolled is a
 * pixel moved. Above it the scroll bar covers all rows in proportion, while small steps (wheel, touch) still move pixel by
 * pixel: the bar is put right once the scrolling ends (`settle`). Rows are drawn in a pane that stands still, so no row ever
 * has a coordinate beyond what layout can express.
 */
export const TALLEST = 30_000_000;

/** @param {number} value @param {number} low @param {number} high */
const between = (value, low, high) => Math.max(low, Math.min(high, value));

export class Viewport {
  /** @param {number} rowHeight in pixels */
  constructor(rowHeight) {
    this.rowHeight = rowHeight;
    this.count = 0;
    this.height = 0;
    /** Pixels above the first visible one, of all rows at full height. */
    this.top = 0;
    /** What the scroller's `scrollTop` was when last seen or set. */
    this.bar = 0;
  }

  /** The rows' height if nothing limited it. */
  get total() {
    return this.count * this.rowHeight;
  }

  /** The height that the scroller's content is given. */
  get space() {
    return Math.min(this.total, TALLEST);
  }

  /** The largest value of `top`. */
  get end() {
    return Math.max(0, this.total - this.height);
  }

  get scaled() {
    return this.total > TALLEST;
  }

  /** The `scrollTop` that stands for `top`. */
  get barAt() {
    const reach = this.space - this.height;
    return this.end && reach > 0 ? Math.round((this.top / this.end) * reach) : 0;
  }

  /** Takes another number of rows or another visible height; what is visible stays where it is. */
  resize(count, height) {
    this.count = count;
    this.height = height;
    this.top = between(this.top, 0, this.end);
  }

  /** The scroller moved to `scrollTop`, by hand or by us. */
  scrolled(scrollTop) {
    const step = scrollTop - this.bar;
    this.bar = scrollTop;
    if (!this.scaled) {
      this.top = between(scrollTop, 0, this.end);
    } else if (step !== 0) {
      const reach = this.space - this.height;
      const near = Math.abs(step) <= this.height;
      this.top = between(near ? this.top + step : (scrollTop / reach) * this.end, 0, this.end);
      if (scrollTop <= 0 && step < -this.height) this.top = 0;
      if (scrollTop >= reach - 1 && step > this.height) this.top = this.end;
    }
  }

  /** Moves by pixels, for wheels at the end of a bar that has no pixel left for the last rows. */
  nudge(pixels) {
    this.top = between(this.top + pixels, 0, this.end);
  }

  /** Shows row `index`; `where` is "start", "centre" or "nearest" (moves only if it is hidden). */
  reveal(index, where = "nearest") {
    const at = between(index, 0, Math.max(0, this.count - 1)) * this.rowHeight;
    const spare = this.height - this.rowHeight;
    if (where === "start") this.top = at;
    else if (where === "centre") this.top = at - spare / 2;
    else if (at < this.top) this.top = at;
    else if (at > this.top + spare) this.top = at - spare;
    this.top = between(this.top, 0, this.end);
  }

  /** First row (at least partly visible), how many to draw, and how many pixels of the first are hidden. */
  window() {
    const first = Math.min(Math.floor(this.top / this.rowHeight), Math.max(0, this.count - 1));
    const rows = Math.min(this.count - first, Math.ceil(this.height / this.rowHeight) + 1);
    return { first, rows: Math.max(0, rows), offset: this.top - first * this.rowHeight };
  }
}
