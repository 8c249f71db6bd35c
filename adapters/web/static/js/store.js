// Values that several parts of the page watch, and choices that outlive it.

/**
 * A value with watchers.
 *
 * @template T
 * @param {T} initial
 */
export function store(initial) {
  let value = initial;
  /** @type {Set<(value: T) => void>} */
  const watchers = new Set();
  return {
    /** @returns {T} */
    get: () => value,
    /** @param {T} next */
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const watcher of [...watchers]) watcher(value);
    },
    /** Calls `watcher` now and at every change, until `signal` aborts. @param {(value: T) => void} watcher @param {AbortSignal} [signal] */
    watch(watcher, signal) {
      watchers.add(watcher);
      signal?.addEventListener("abort", () => watchers.delete(watcher));
      watcher(value);
      return () => watchers.delete(watcher);
    },
  };
}

/** A choice kept in this browser; where storage is forbidden it lasts as long as the page. @param {string} name @param {string} fallback */
export function preference(name, fallback) {
  const key = `lorestream.${name}`;
  let initial = fallback;
  try {
    initial = localStorage.getItem(key) ?? fallback;
  } catch {
    // Storage may be forbidden.
  }
  const kept = store(initial);
  return {
    ...kept,
    /** @param {string} next */
    set(next) {
      kept.set(next);
      try {
        localStorage.setItem(key, next);
      } catch {
        // See above.
      }
    },
  };
}
