// Commits a read model could not digest, grouped by what went wrong: try again, or give them up with a reason.

import * as api from "../api.js";
import { h, icon, uid } from "../dom.js";
import { openDialog } from "../elements/gm-dialog.js";
import { toast, toastProblem } from "../elements/gm-toast.js";
import { field, form, textarea } from "../field.js";
import { ago, t } from "../i18n.js";
import { positionLink, streamLink, word } from "../log.js";
import { empty } from "../states.js";
import { page, region } from "../view.js";

/** @param {import("../view.js").View} view */
export function show(view) {
  const place = region(view, async () => {
    const { items } = await api.get("/api/dead-letters", { signal: view.signal, query: { limit: 200 } });
    if (!items.length) return empty({ icon: "check", title: t("dead.none"), text: t("dead.noneText") });
    return h("div", { class: "stack" }, grouped(items).map((group) => card(view, group, place.again)));
  });
  view.render(page({ title: t("dead.title"), lead: t("dead.lead"), wide: true }, place));
}

/** Letters that failed alike: same projection, same status, same error but for numbers and names in quotes. */
function grouped(letters) {
  const groups = new Map();
  for (const letter of letters) {
    const error = letter.error ?? letter.reason ?? "";
    const print = [letter.projection, letter.status, error.replace(/\d+/g, "#").replace(/(['"]).*?\1/g, "…")].join("\n");
    const group = groups.get(print) ?? { projection: letter.projection, status: letter.status, error, letters: [] };
    group.letters.push(letter);
    groups.set(print, group);
  }
  const rank = { poison: 0, blocked: 1, discarded: 2 };
  return [...groups.values()].sort((a, b) => (rank[a.status] ?? 3) - (rank[b.status] ?? 3) || b.letters.length - a.letters.length);
}

function card(view, group, again) {
  const tones = { poison: "bad", blocked: "warn", discarded: "" };
  const title = uid("dead");
  const open = group.status === "poison";
  return h(
    "section",
    { class: "panel", "aria-labelledby": title },
    h("header", null, h("h2", { id: title }, group.projection, " ", h("span", { class: `badge badge--${tones[group.status]}` }, word("dead.statuses", group.status))), h("span", { class: "faint" }, t("dead.count", { n: group.letters.length }))),
    h(
      "div",
      { class: "panel-body stack" },
      group.error && h("pre", { class: "said", tabindex: "0" }, group.error),
      h("details", { open: open && group.letters.length < 20 }, h("summary", null, t("dead.commits", { n: group.letters.length })), h("ul", { class: "rows" }, group.letters.map((letter) => row(view, letter, again)))),
    ),
  );
}

function row(view, letter, again) {
  const alive = letter.status === "poison";
  return h(
    "li",
    { class: "row row--wrap" },
    positionLink(letter.position),
    h("span", { class: "grow" }, streamLink(letter.stream, letter.position)),
    h("span", { class: "faint" }, t("dead.attempts", { n: letter.attempts })),
    h("span", { class: "faint" }, ago(letter.last_seen)),
    letter.reason && h("span", { class: "faint" }, letter.reason),
    alive && h("button", { class: "button button--small", type: "button", on: { click: (event) => replay(event.currentTarget, letter, again) } }, icon("refresh"), t("dead.replay")),
    alive && h("button", { class: "button button--small button--danger", type: "button", on: { click: () => discard(letter, again) } }, icon("trash"), t("dead.discard")),
  );
}

const path = (letter, deed) => `/api/dead-letters/${encodeURIComponent(letter.id)}/${deed}`;

async function replay(button, letter, again) {
  button.disabled = true;
  try {
    const done = await api.post(path(letter, "replay"));
    if (done.failed_at) toast(t("dead.still", { error: done.error ?? "", position: done.failed_at }), { tone: "bad" });
    else toast(t("dead.applied", { n: done.applied }));
  } catch (error) {
    toastProblem(error);
  }
  again();
}

function discard(letter, again) {
  const dialog = openDialog({
    title: t("dead.discardTitle", { position: letter.position }),
    body: form({
      lead: h("p", null, t("dead.discardText")),
      fields: { reason: field(t("dead.reason"), textarea({ rows: 2, required: true, maxlength: 500 })) },
      submit: t("dead.discard"),
      cancel: () => dialog.close(),
      send: async (values) => {
        await api.post(path(letter, "discard"), values);
        dialog.close();
        toast(t("dead.discarded"));
        again();
      },
    }),
  });
}
