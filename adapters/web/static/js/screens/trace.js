// What one request set in motion: its commits as a tree of causes and effects.

import * as api from "../api.js";
import { h } from "../dom.js";
import "../elements/gm-tree.js";
import { number, t } from "../i18n.js";
import { clock, duration, eventType, facts, positionLink, section, streamLink } from "../log.js";
import { href } from "../router.js";
import { empty } from "../states.js";
import { page, region } from "../view.js";
import { whyTree } from "../why.js";

/** @param {import("../view.js").View} view */
export async function show(view) {
  const correlation = view.params.correlation;
  const here = Number(view.query.get("at")) || null;
  const found = await api.get(`/api/trace/${encodeURIComponent(correlation)}`, { signal: view.signal });
  const rows = found.items ?? found;
  if (!rows.length) {
    return view.render(page({ title: t("trace.title") }, empty({ icon: "graph", title: t("trace.none"), text: t("trace.noneText"), action: h("a", { class: "button", href: "#/feed" }, t("feed.title")) })));
  }
  const { roots, commits } = grown(rows, here);
  const began = Date.parse(rows[0].at);
  const tree = document.createElement("gm-tree");
  tree.data = { label: t("trace.title"), roots: roots.map((commit) => leaf(commit, began)) };
  const last = rows.at(-1);
  view.render(
    page(
      { title: t("trace.title"), over: h("span", { class: "mono" }, correlation), lead: t("trace.lead", { n: commits, span: duration((Date.parse(last.at) - began) * 1000) }), wide: true },
      h(
        "div",
        { class: "columns columns--wide" },
        section(t("trace.tree"), tree),
        h(
          "div",
          { class: "stack" },
          section(t("trace.about"), facts([
            [t("trace.began"), clock(rows[0].at)],
            [t("trace.by"), rows[0].actor],
            [t("trace.first"), positionLink(rows[0].position)],
            [t("trace.last"), positionLink(last.position)],
            [t("trace.streams"), [...new Set(rows.map((row) => row.stream))].slice(0, 12).map((stream) => h("div", null, streamLink(stream)))],
          ])),
          section(t("why.title"), region(view, () => whyTree(view, here ?? last.position))),
        ),
      ),
    ),
  );
}

/** Commits under the commits that caused them, in order of the log; what has no cause here is a root. */
function grown(rows, here) {
  const commits = new Map();
  for (const row of rows) {
    const known = commits.get(row.commit_id);
    if (known) known.events.push(row);
    else commits.set(row.commit_id, { ...row, events: [row], children: [], here: row.position === here });
  }
  const roots = [];
  for (const commit of commits.values()) (commits.get(commit.causation_id)?.children ?? roots).push(commit);
  return { roots, commits: commits.size };
}

function leaf(commit, began) {
  return {
    line: [
      eventType(commit.type, commit.events.length - 1),
      h("span", { class: "faint num" }, `+${duration((Date.parse(commit.at) - began) * 1000)}`),
      h("a", { href: href("/event/:position", { position: commit.position }), class: "num" }, number(commit.position)),
      h("span", { class: "faint" }, commit.stream),
      commit.summary && h("span", { class: "gx-rest" }, commit.summary),
    ],
    href: href("/event/:position", { position: commit.position }),
    here: commit.here,
    children: commit.children.map((child) => leaf(child, began)),
  };
}
