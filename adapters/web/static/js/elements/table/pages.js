/** How many rows are asked for at once. */
export const PAGE = 100;

const KEPT = 60;
const AT_ONCE = 2;
const MOST_HELD = 5000;
/** How long a page that could not be loaded is not asked for again. */
const REST = 3000;

/** Events as rows: those of one commit stand in one row, as `events`. @param {object[]} events ascending by position */
export function byCommit(events) {
  const rows = [];
  for (const event of events) {
    const last = rows.at(-1);
    if (last?.position === event.position) last.events.push(event);
    else rows.push({ ...event, events: [event] });
  }
  return rows;
}

/**
 * The rows of the whole log by index, newest first: row 0 is the head that was let in, `last - index` the position.
 *
 * Pages are kept by position, so that nothing is asked for again when new rows come in; the oldest used are forgotten.
 * What the reader has scrolled past is not asked for: the newest wish goes first, and at most two are under way.
 */
export class LogRows {
  #pages = new Map();
  #wished = [];
  #running = 0;
  #resting = new Set();
  #failed = false;

  /**
   * @param {(from: number, limit: number, signal: AbortSignal) => Promise<object[]>} load events, ascending by `position`
   * @param {{first: number, last: number}} span
   */
  constructor(load, span) {
    this.load = load;
    this.first = span.first;
    this.last = span.last;
    this.head = span.last;
    this.onchange = () => {};
    this.onproblem = () => {};
    this.ended = new AbortController();
  }

  get size() {
    return this.last >= this.first && this.last > 0 ? this.last - this.first + 1 : 0;
  }

  get pending() {
    return Math.max(0, this.head - this.last);
  }

  indexOf(position) {
    return Math.max(0, Math.min(this.size - 1, this.last - position));
  }

  row(index) {
    const position = this.last - index;
    const page = this.#pages.get(Math.floor(position / PAGE));
    if (!page) return undefined;
    return (
      page.get(position) ??
      (!page.loading && (page.complete || position < page.to) ? { position, gap: true } : undefined)
    );
  }

  want(first, count) {
    const low = Math.floor(Math.max(this.first, this.last - first - count) / PAGE);
    const high = Math.floor((this.last - Math.max(0, first)) / PAGE);
    this.#wished = [];
    for (let page = high; page >= low; page -= 1) {
      const kept = this.#pages.get(page);
      if (kept) {
        this.#pages.delete(page);
        this.#pages.set(page, kept);
      }
      const lacking = !kept || (!kept.complete && kept.to <= Math.min(this.last, page * PAGE + PAGE - 1));
      if (lacking && !kept?.loading && !this.#resting.has(page)) this.#wished.push(page);
    }
    this.#next();
  }

  /** What came by itself, without a gap since `catchUp`. @param {object[]} events ascending @param {number} head how far they go */
  receive(events, head) {
    const rows = byCommit(events);
    for (const row of rows) {
      const number = Math.floor(row.position / PAGE);
      if (row.position === number * PAGE && !this.#pages.has(number))
        this.#pages.set(number, Object.assign(new Map(), { to: row.position, complete: false }));
      const page = this.#pages.get(number);
      if (!page || page.complete || row.position < page.to) continue;
      page.set(row.position, row);
      page.to = row.position + 1;
      page.complete = page.to % PAGE === 0;
    }
    this.head = Math.max(this.head, head ?? 0, ...rows.map((row) => row.position));
    if (this.first === 0 || this.first > this.head) this.first = 1;
    this.onchange();
  }

  /** Something may have been missed up to `head`: pages that were not full are loaded again. */
  async catchUp(head = this.head) {
    for (const [number, page] of this.#pages) if (!page.complete) this.#pages.delete(number);
    this.#resting.clear();
    this.receive([], head);
  }

  admit() {
    const count = this.pending;
    this.last = this.head;
    return count;
  }

  end() {
    this.ended.abort();
  }

  async #next() {
    while (this.#running < AT_ONCE && this.#wished.length) {
      const page = this.#wished.shift();
      this.#running += 1;
      this.#fetch(page).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  /** The table wants what it lacks at every change: a server that is down would be asked without end. */
  #rest(number) {
    this.#resting.add(number);
    setTimeout(() => this.#resting.delete(number) && !this.ended.signal.aborted && this.onchange(), REST);
  }

  async #fetch(number) {
    const from = number * PAGE;
    // In its place from the start, so that what comes by itself meanwhile finds it.
    const page = this.#pages.get(number) ?? Object.assign(new Map(), { to: from, complete: false });
    page.loading = true;
    this.#pages.set(number, page);
    const head = this.head;
    try {
      const rows = byCommit(await this.load(Math.max(from, 1), from ? PAGE : PAGE - 1, this.ended.signal));
      for (const row of rows) if (row.position < from + PAGE && !page.has(row.position)) page.set(row.position, row);
      page.to = Math.max(page.to, Math.min(head + 1, from + PAGE), (rows.at(-1)?.position ?? 0) + 1);
      page.complete = page.to >= from + PAGE;
      if (this.#failed) this.onproblem(null);
      this.#failed = false;
    } catch (problem) {
      this.#pages.delete(number);
      if (this.ended.signal.aborted) return;
      this.#rest(number);
      this.#failed = true;
      this.onproblem(problem);
    } finally {
      page.loading = false;
    }
    for (const old of this.#pages.keys()) if (this.#pages.size > KEPT) this.#pages.delete(old);
    this.onchange();
  }
}

/**
 * Rows that a list hands out by cursor, newest first, as far as one scrolls.
 * What comes by itself is held back until it is let in, as above.
 */
export class CursorRows {
  #rows = [];
  #held = [];
  #cursor = null;
  #done = false;
  loading = false;

  /**
   * @param {(cursor: string|null, signal: AbortSignal) => Promise<{items: object[], next: string|null}>} load
   * @param {(newest: object, signal: AbortSignal) => Promise<object[]>} [since] what came after a row, ascending
   */
  constructor(load, since) {
    this.load = load;
    this.since = since;
    this.onchange = () => {};
    this.onproblem = () => {};
    this.ended = new AbortController();
  }

  get size() {
    return this.#rows.length;
  }

  get pending() {
    return this.#held.length;
  }

  get endless() {
    return !this.#done;
  }

  row(index) {
    return this.#rows[index];
  }

  /** The index of the first row that fits, or -1. */
  find(fits) {
    return this.#rows.findIndex(fits);
  }

  async want(first, count) {
    if (this.loading || this.#done || first + count < this.#rows.length) return;
    await this.more();
  }

  /** Loads one page more. */
  async more() {
    this.loading = true;
    try {
      const page = await this.load(this.#cursor, this.ended.signal);
      this.#rows.push(...page.items);
      this.#cursor = page.next;
      this.#done = !page.next;
    } catch (problem) {
      this.#done = true;
      if (!this.ended.signal.aborted) this.onproblem(problem);
    } finally {
      this.loading = false;
      this.onchange();
    }
  }

  /** What came by itself; what is known already is left out. @param {object[]} rows ascending */
  receive(rows) {
    const newest = this.#held[0] ?? this.#rows[0];
    const fresh = newest
      ? rows.filter(
          (row) => row.position > newest.position || (row.position === newest.position && row.index > newest.index),
        )
      : rows;
    this.#held = [...fresh].reverse().concat(this.#held).slice(0, MOST_HELD);
    this.onchange();
  }

  /** Something may have been missed. */
  async catchUp() {
    const newest = this.#held[0] ?? this.#rows[0];
    if (newest && this.since) this.receive(await this.since(newest, this.ended.signal));
  }

  admit() {
    const count = this.#held.length;
    this.#rows = this.#held.concat(this.#rows);
    this.#held = [];
    return count;
  }

  end() {
    this.ended.abort();
  }
}
