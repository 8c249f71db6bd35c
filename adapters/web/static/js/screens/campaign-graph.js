// How the places, people and quests of a campaign hang together, at any time.

import * as api from "../api.js";
import "../elements/gm-graph.js";
import { t } from "../i18n.js";
import { href } from "../router.js";
import { page } from "../view.js";
import { campaignMarks } from "../campaign-marks.js";
import { timeSlider } from "../time-slider.js";

const MOST = 2000;

/** @param {import("../view.js").View} view */
export async function show(view) {
  const { campaign } = view.params;
  const at = () => slider?.position ?? null;
  let slider = null;
  const graph = document.createElement("gm-graph");
  graph.configure({
    label: t("graph.title"),
    href: (node) =>
      node.kind === "character" ? null : href("/c/:campaign/e/:element", { campaign, element: node.id }, { at: at() }),
  });
  const draw = async (position) => {
    const found = await api.get(`/api/campaigns/${encodeURIComponent(campaign)}/graph`, {
      signal: view.signal,
      query: { at: position, limit: MOST },
    });
    graph.data = {
      nodes: found.nodes.map((node) => ({ ...node, label: node.name })),
      edges: found.edges.map((edge) => ({ ...edge, weight: edge.weight || null })),
      empty: t(position === null ? "graph.noneYet" : "graph.noneThen"),
    };
    return found.at ?? range.timeOf(position);
  };
  const range = await campaignMarks(view);
  slider = await timeSlider(view, { label: t("graph.throughTime"), key: `campaign/${campaign}`, range, draw });
  view.render(page({ title: t("graph.title"), lead: t("graph.lead"), wide: true }, slider, graph));
}
