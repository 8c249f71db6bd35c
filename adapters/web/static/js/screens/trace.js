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
  const found = await api.get(`/api/trace/${encodeURIComponent(correlation)}`, { signal: view.signal }).catch(absent);
  if (!found) {
    return view.render(
      page(
        { title: t("trace.title") },
        empty({
          icon: "graph",
          title: t("trace.none"),
          text: t("trace.noneText"),
          action: h("a", { class: "button", href: "#/feed" }, t("feed.title")),
        }),
      ),
    );
  }
  const commits = all(found.roots).sort((a, b) => a.position - b.position);
  const [first, last] = [commits[0], commits.at(-1)];
  const began = Date.parse(first.at);
  const tree = document.createElement("gm-tree");
  tree.data = { label: t("trace.title"), roots: found.roots.map((commit) => leaf(commit, began, here)) };
  view.render(
    page(
      {
        title: t("trace.title"),
        over: h("span", { class: "mono" }, correlation),
        lead: t("trace.lead", { n: found.commits, span: duration((Date.parse(last.at) - began) * 1000) }),
        wide: true,
      },
      h(
        "div",
        { class: "columns columns--wide" },
        section(t("trace.tree"), tree),
        h(
          "div",
          { class: "stack" },
          section(
            t("trace.about"),
            facts([
              [t("trace.began"), clock(first.at)],
              [t("trace.by"), first.actor],
              [t("trace.first"), positionLink(first.position)],
              [t("trace.last"), positionLink(last.position)],
              [
                t("trace.streams"),
                [...new Set(commits.map((commit) => commit.stream))]
                  .slice(0, 12)
                  .map((stream) => h("div", null, streamLink(stream))),
              ],
            ]),
          ),
          section(
            t("why.title"),
            region(view, () => whyTree(view, here ?? last.position)),
          ),
        ),
      ),
    ),
  );
}

/** A request nobody knows is an ordinary answer. */
function absent(problem) {
  if (problem.status === 404) return null;
  throw problem;
}

const all = (commits) => commits.flatMap((commit) => [commit, ...all(commit.children)]);

function leaf(commit, began, here) {
  const way = href("/event/:position", { position: commit.position });
  const { type, summary } = commit.events[0];
  return {
    line: [
      eventType(type, commit.events.length - 1),
      h("span", { class: "faint num" }, `+${duration((Date.parse(commit.at) - began) * 1000)}`),
      h("a", { href: way, class: "num" }, number(commit.position)),
      h("span", { class: "faint" }, commit.stream),
      summary && h("span", { class: "gx-rest" }, summary),
    ],
    href: way,
    here: commit.position === here,
    children: commit.children.map((child) => leaf(child, began, here)),
  };
}
