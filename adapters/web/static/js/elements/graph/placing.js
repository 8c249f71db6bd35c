import { layout } from "./layout.js";

/** Finds places for nodes in a worker; those that have one keep it. */
export class Placing {
  /** @type {Record<string, [number, number]>} */
  places = {};
  #asked = 0;
  /** @type {Worker | null} */
  #worker = null;

  /**
   * Calls `placed` once all nodes have places: at once where none is missing.
   *
   * @param {string[]} ids
   * @param {{from: string, to: string, weight?: number}[]} edges
   * @param {Record<string, [number, number]>} fixed places that are kept
   * @param {() => void} placed
   */
  find(ids, edges, fixed, placed) {
    if (ids.every((id) => fixed[id])) return placed();
    const ask = (this.#asked += 1);
    const done = (answer) => {
      if (answer.ask !== this.#asked) return;
      this.places = { ...fixed, ...answer.places };
      placed();
    };
    const here = () => done({ places: layout(ids, edges, fixed), ask });
    try {
      this.#worker ??= new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
      this.#worker.onmessage = ({ data }) => done(data);
      this.#worker.onerror = here;
      this.#worker.postMessage({ ids, edges, fixed, ask });
    } catch {
      here();
    }
  }

  end() {
    this.#worker?.terminate();
    this.#worker = null;
  }
}
