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
    return h(
      "div",
      { class: "stack" },
      grouped(items).map((group) => card(group, place.again)),
    );
  });
  view.render(page({ title: t("dead.title"), lead: t("dead.lead"), wide: true }, place));
}

/** Letters that failed alike, whichever read model they are of: same status, same error but for numbers and what is quoted. */
function grouped(letters) {
  const groups = new Map();
  for (const letter of letters) {
    const error = letter.error ?? letter.reason ?? "";
    const print = [letter.status, error.replace(/\d+/g, "#").replace(/(['"]).*?\1/g, "…")].join("\n");
    const group = groups.get(print) ?? { status: letter.status, error, letters: [] };
    group.letters.push(letter);
    groups.set(print, group);
  }
  const rank = { poison: 0, blocked: 1, discarded: 2 };
  return [...groups.values()].sort((a, b) => rank[a.status] - rank[b.status] || b.letters.length - a.letters.length);
}

const TONES = { poison: "badge badge--bad", blocked: "badge badge--warn", discarded: "badge" };

function card(group, again) {
  const title = uid("dead");
  const { status, letters } = group;
  return h(
    "section",
    { class: "panel", "aria-labelledby": title },
    h(
      "header",
      null,
      h(
        "h2",
        { id: title },
        h("span", { class: TONES[status] }, word("dead.statuses", status)),
        " ",
        t("dead.of", { n: letters.length, models: new Set(letters.map((letter) => letter.projection)).size }),
      ),
      status === "poison" &&
        letters.length > 1 &&
        h(
          "button",
          {
            class: "button button--small",
            type: "button",
            on: { click: (event) => replayAll(event.currentTarget, letters, again) },
          },
          icon("refresh"),
          t("dead.replayAll"),
        ),
    ),
    h(
      "div",
      { class: "panel-body stack" },
      status === "blocked"
        ? h("p", { class: "faint" }, t("dead.waiting"))
        : h("pre", { class: "said", tabindex: "0" }, group.error),
      h(
        "details",
        { open: status === "poison" && letters.length <= 20 },
        h("summary", null, t("dead.commits", { n: letters.length })),
        h(
          "ul",
          { class: "rows" },
          letters.map((letter) => row(letter, again)),
        ),
      ),
    ),
  );
}

function row(letter, again) {
  const alive = letter.status === "poison";
  return h(
    "li",
    { class: "row row--wrap" },
    h("b", null, letter.projection),
    positionLink(letter.position),
    h("span", { class: "grow" }, streamLink(letter.stream, letter.position)),
    h("span", { class: "faint" }, t("dead.attempts", { n: letter.attempts })),
    h("span", { class: "faint" }, ago(letter.last_seen)),
    letter.reason && h("span", { class: "faint" }, letter.reason),
    alive &&
      h(
        "button",
        {
          class: "button button--small",
          type: "button",
          on: { click: (event) => replay(event.currentTarget, letter, again) },
        },
        icon("refresh"),
        t("dead.replay"),
      ),
    alive &&
      h(
        "button",
        { class: "button button--small button--danger", type: "button", on: { click: () => discard(letter, again) } },
        icon("trash"),
        t("dead.discard"),
      ),
  );
}

async function replayAll(button, letters, again) {
  button.disabled = true;
  let applied = 0;
  let failed = 0;
  for (const letter of letters) {
    const done = await api.post(path(letter, "replay")).catch(() => ({ applied: 0, failed_at: letter.position }));
    applied += done.applied;
    failed += done.failed_at ? 1 : 0;
  }
  toast(t("dead.appliedOf", { n: applied, failed }), { tone: failed ? "bad" : "good" });
  again();
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
