// What an NPC remembers, each memory with where it comes from.

import * as api from "./api.js";
import { fill, h, later } from "./dom.js";
import { input } from "./field.js";
import { ago, number, t } from "./i18n.js";
import { positionLink, word } from "./log.js";
import { failure } from "./states.js";

/**
 * @param {import("./view.js").View} view
 * @param {string} path of the NPC
 * @param {() => number | null} at the position looked at
 */
export function memoriesPart(view, path, at) {
  const list = h("ol", { class: "memories" });
  const more = h("button", { class: "button", type: "button", hidden: true, on: { click: () => load(false) } }, t("npc.more"));
  const problem = h("div");
  let cursor = null;
  let asked = 0;
  const load = async (fresh) => {
    const mine = (asked += 1);
    try {
      const found = await api.get(`${path}/memories`, { signal: view.signal, query: { about: search.value.trim(), cursor: fresh ? null : cursor, at: at(), limit: 30 } });
      if (mine !== asked) return;
      fill(problem);
      if (fresh) fill(list);
      list.append(...found.items.map(memory));
      cursor = found.next;
      more.hidden = !cursor;
      if (!list.children.length) list.append(h("li", { class: "faint" }, t("npc.noMemories")));
    } catch (error) {
      if (!view.signal.aborted) fill(problem, failure(error));
    }
  };
  const search = input({ type: "search", placeholder: t("npc.about"), "aria-label": t("npc.about"), on: { input: later(() => load(true), 300) } });
  load(true);
  return h("div", { class: "stack stack--tight" }, search, problem, list, more);
}

function memory(one) {
  const heard = one.told_by ?? one.hearsay_from ?? (one.hearsay === true ? t("npc.somebody") : null);
  const importance = Math.max(0, Math.min(1, one.importance ?? 0));
  return h(
    "li",
    { class: "memory" },
    h("p", null, one.text ?? one.content ?? one.summary),
    h(
      "p",
      { class: "cluster small faint" },
      h("span", { class: "meter", vars: { "--share": importance }, title: t("npc.importance"), "aria-hidden": "true" }),
      h("span", null, t("npc.importanceOf", { value: number(importance, { maximumFractionDigits: 2 }) })),
      heard && h("span", { class: "badge badge--warn" }, t("npc.heard", { from: heard })),
      one.kind && h("span", { class: "badge" }, word("npc.kinds", one.kind)),
      h("span", null, ago(one.at)),
      h("span", null, t("npc.source"), " ", positionLink(one.position ?? one.source_position)),
    ),
  );
}
