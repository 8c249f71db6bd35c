/** Lays graphs out beside the page: `{ids, edges, fixed, ask}` in, `{places, ask}` out. */
import { layout } from "./layout.js";

self.onmessage = ({ data }) => {
  self.postMessage({ places: layout(data.ids, data.edges, data.fixed), ask: data.ask });
};
