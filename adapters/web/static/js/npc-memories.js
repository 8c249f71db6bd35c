// What an NPC remembers, each memory with where it comes from.

import * as api from "./api.js";
import { fill, h, later } from "./dom.js";
import { input } from "./field.js";
import { ago, number, t } from "./i18n.js";
import { positionLink, word } from "./log.js";
import { failure } from "./states.js";

const PAGE = 30;

/**
 * @param {import("./view.js").View} view
 * @param {string} path of the NPC
 * @param {() => number | null} at the position looked at
 * @returns what is to be shown; its `again` looks anew, its `fresh(position)` reads what was added up to a position and answers
 *   with what puts it on top, null when there is nothing, or when something is searched for
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
  let lists = 0;
  let newest = null;
  const begin = (found) => {
    fill(list, found.items.map(memory));
    newest = found.items[0] ?? null;
    follows(found);
  };
  const follows = ({ next }) => {
    cursor = next;
    more.hidden = !next;
  };
  const load = async (anew) => {
    const mine = (asked += 1);
    if (anew) lists += 1;
    try {
      const found = await api.get(`${path}/memories`, {
        signal: view.signal,
        query: { about: search.value.trim(), cursor: anew ? null : cursor, at: at(), limit: PAGE },
      });
      if (mine !== asked) return;
      fill(problem);
      if (anew) begin(found);
      else {
        list.append(...found.items.map(memory));
        follows(found);
      }
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
  const fresh = async (position) => {
    if (search.value.trim()) return null;
    const [mine, query] = [lists, { limit: PAGE }];
    const found = await api.get(`${path}/memories`, { signal: view.signal, atLeast: position, query });
    if (!found.items.length || (newest && !isLater(found.items[0], newest))) return null;
    return () => {
      // Another list has come meanwhile.
      if (mine !== lists || at() !== null) return;
      const added = found.items.filter((one) => !newest || isLater(one, newest));
      // They may be the first, or more than a page: a list of their own.
      if (added.length === found.items.length) begin(found);
      else list.prepend(...added.map(memory));
      newest = found.items[0];
    };
  };
  load(true);
  return Object.assign(h("div", { class: "stack stack--tight" }, search, problem, list, more), {
    again: later(() => load(true), 250),
    fresh,
  });
}

const isLater = (one, other) =>
  one.position > other.position || (one.position === other.position && one.index > other.index);

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
