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
 * @param {() => number | null} at the position looked at; `again` of what is returned looks anew
 */
export function memoriesPart(view, path, at) {
  const list = h("ol", { class: "memories" });
  const more = h(
    "button",
    { class: "button", type: "button", hidden: true, on: { click: () => load(false) } },
    t("npc.more"),
  );
  const problem = h("div");
  let cursor = null;
  let asked = 0;
  const load = async (fresh) => {
    const mine = (asked += 1);
    try {
      const found = await api.get(`${path}/memories`, {
        signal: view.signal,
        query: { about: search.value.trim(), cursor: fresh ? null : cursor, at: at(), limit: 30 },
      });
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
  const search = input({
    type: "search",
    placeholder: t("npc.about"),
    "aria-label": t("npc.about"),
    on: { input: later(() => load(true), 300) },
  });
  load(true);
  return Object.assign(h("div", { class: "stack stack--tight" }, search, problem, list, more), {
    again: later(() => load(true), 250),
  });
}

function memory(one) {
  const teller = one.told_by?.at(-1);
  const share = Math.max(0, Math.min(1, one.importance));
  return h(
    "li",
    { class: "memory" },
    h("p", null, one.content),
    h(
      "p",
      { class: "cluster small faint" },
      h("span", { class: "meter", vars: { "--share": share }, "aria-hidden": "true" }),
      h("span", null, t("npc.importanceOf", { value: number(share, { maximumFractionDigits: 2 }) })),
      teller &&
        h(
          "span",
          { class: "badge badge--warn" },
          t("npc.heard", { from: teller, share: number(one.reliability, { style: "percent" }) }),
        ),
      one.emotion && h("span", { class: "badge" }, word("npc.emotions", one.emotion)),
      h("span", null, ago(one.at)),
      h("span", null, t("npc.source"), " ", positionLink(one.position)),
      one.cites?.length > 0 &&
        h(
          "span",
          null,
          t("npc.cites"),
          " ",
          one.cites.slice(0, 6).map((position) => [positionLink(position), " "]),
        ),
    ),
  );
}
