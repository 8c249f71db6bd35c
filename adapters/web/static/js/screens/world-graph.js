// Who stands how to whom in the game world, at any time.

import * as api from "../api.js";
import "../elements/gm-graph.js";
import { t } from "../i18n.js";
import { hueOf, inspects, word } from "../log.js";
import { href } from "../router.js";
import { page } from "../view.js";
import { timeSlider } from "../time-slider.js";

const MOST = 1000;

/** @param {import("../view.js").View} view */
export async function show(view) {
  const npc = view.query.get("npc");
  const graph = document.createElement("gm-graph");
  graph.configure({
    label: t("world.graph"),
    href: (node) => (node.kind === "npc" ? href("/world/npc/:npc", { npc: node.id }) : null),
  });
  const draw = async (position) => {
    const found = await api.get("/api/world/graph", { signal: view.signal, query: { npc, at: position, limit: MOST } });
    graph.data = {
      nodes: found.nodes.map((node) => ({ ...node, label: node.name })),
      edges: found.edges.map((edge) => ({ ...edge, label: word("npc.levels", edge.label), signed: true })),
      empty: t("world.noGraph"),
    };
    return found.at;
  };
  const [marks, present] = await Promise.all([
    marksOf(view, npc),
    api.get("/api/world/graph", { signal: view.signal, query: { npc, limit: 1 } }),
  ]);
  const range = { first: marks[0]?.position ?? 1, last: present.position, marks };
  const slider = await timeSlider(view, { label: t("world.graph"), key: "world/graph", range, draw });
  view.render(page({ title: t("world.graph"), lead: t("world.lead"), wide: true }, slider, graph));
  if (npc) requestAnimationFrame(() => graph.choose(npc));
}

/** What steps go to, for those who may read the log: the newest 1,000 events of the people. Without them a step is a position. */
async function marksOf(view, npc) {
  if (!inspects()) return [];
  const { items } = await api.get("/api/feed", {
    signal: view.signal,
    query: { ...(npc ? { stream: `npc/${npc}` } : { category: "npc" }), limit: 1000 },
  });
  return items.reverse().map((event) => ({ position: event.position, hue: hueOf("npc") }));
}
