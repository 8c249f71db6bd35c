// One draft of a proposal: what it says, what code found out about it, and what to do with it.

import { fill, h, icon } from "../dom.js";
import { money, number, t, tOr } from "../i18n.js";
import { href } from "../router.js";
import { may } from "../session.js";
import { shown } from "../values.js";
import { schemaForm, sections } from "./gm-form.js";

/** Which element kind a proposal becomes. @param {string} kind */
export const elementKind = (kind) => (kind === "description" ? "note" : kind);

/** Where a draft came from, what it cost. @param {any} draft */
export function routeBadge(draft) {
  const model = draft.route === "model" || draft.route === "fallback";
  const link = draft.decision_id && may(["operator"]) && href("/decisions/:decision", { decision: draft.decision_id });
  return h(
    "span",
    { class: "cluster draft-route" },
    h(
      link ? "a" : "span",
      { class: model ? "badge badge--accent" : "badge", href: link || null, title: draft.model ?? null },
      icon(model ? "spark" : "dice"),
      tOr(`routes.${draft.route}`, draft.route ?? ""),
    ),
    draft.model && h("span", { class: "faint small" }, draft.model),
    draft.cost != null && h("span", { class: "faint small" }, draft.cost ? money(draft.cost) : t("routes.free")),
    draft.tokens ? h("span", { class: "faint small" }, t("routes.tokens", { n: draft.tokens })) : null,
  );
}

/** What the checks found. @param {any[]} verdicts @param {(field: string) => string} titleOf */
export function verdictList(verdicts, titleOf = (field) => field) {
  const bad = (verdicts ?? []).filter((one) => !one.ok);
  const good = (verdicts ?? []).length - bad.length;
  return h(
    "div",
    { class: "verdicts" },
    bad.map((one) =>
      h(
        "p",
        { class: `verdict verdict--${one.severity ?? "error"}` },
        icon("alert"),
        h(
          "span",
          null,
          one.field && h("b", null, `${titleOf(one.field)}: `),
          one.message,
          one.source && h("span", { class: "faint" }, ` (${one.source})`),
        ),
      ),
    ),
    good > 0 &&
      h(
        "details",
        { class: "verdict-good" },
        h("summary", null, icon("check"), t("proposals.passed", { n: good })),
        h(
          "ul",
          null,
          verdicts
            .filter((one) => one.ok)
            .map((one) =>
              h("li", null, one.message || one.rule, one.source && h("span", { class: "faint" }, ` (${one.source})`)),
            ),
        ),
      ),
    !bad.length && !good && h("p", { class: "faint small" }, t("proposals.unchecked")),
  );
}

/**
 * @param {{proposal: any, draft: any, schema: any, campaign: any, accept: ((choice: {draft: number, fields?: string[], edits?: any}) => Promise<void>) | null}} about
 *   without `accept` the draft is only shown
 */
export function draftCard({ proposal, draft, schema, campaign, accept }) {
  const chosen = new Set(Object.keys(draft.fields ?? {}));
  const card = h("article", {
    class: proposal.accepted_draft === draft.draft ? "draft draft--accepted" : "draft",
    "aria-label": t("proposals.draft", { n: draft.draft + 1 }),
  });
  const titleOf = (name) => schema.properties[name]?.title ?? name;
  let editor = null;

  const head = () =>
    h(
      "header",
      { class: "draft-head" },
      h(
        "p",
        { class: "spread" },
        h("span", { class: "faint small" }, t("proposals.draft", { n: draft.draft + 1 })),
        proposal.accepted_draft === draft.draft &&
          h("span", { class: "badge badge--good" }, icon("check"), t("proposals.status.accepted")),
      ),
      h("h2", null, draft.fields?.name ?? t("proposals.nameless")),
      draft.fields?.summary && h("p", { class: "lead" }, draft.fields.summary),
      routeBadge(draft),
    );

  function read() {
    editor = null;
    const names = sections({ schema, only: Object.keys(draft.fields ?? {}) }).flatMap(([, , members]) => members);
    const row = (name) => {
      const property = schema.properties[name];
      const secret = property["x-secret"];
      const box =
        accept &&
        name !== "name" &&
        h("input", {
          type: "checkbox",
          checked: chosen.has(name),
          "aria-label": t("proposals.takeField", { field: property.title }),
          on: { change: (event) => (event.target.checked ? chosen.add(name) : chosen.delete(name), tell()) },
        });
      return h(
        "div",
        { class: secret ? "draft-field draft-field--secret" : "draft-field" },
        h(
          "div",
          { class: "draft-label" },
          box || h("span", { class: "draft-box" }),
          secret && icon("seal", t("visibility.field.gm")),
          h("span", null, property.title),
        ),
        h(
          "div",
          { class: "draft-value" },
          shown(property, draft.fields[name], { campaign: campaign.campaign_id, html: draft.html?.[name] }),
        ),
      );
    };
    const take = h(
      "button",
      { class: "button button--primary", type: "button", on: { click: () => send(take) } },
      icon("check"),
    );
    const say = h("span");
    take.append(say);
    const tell = () =>
      fill(
        say,
        chosen.size === names.length ? t("proposals.acceptAll") : t("proposals.acceptSome", { n: chosen.size }),
      );
    tell();
    fill(
      card,
      head(),
      draft.problem && h("p", { class: names.length ? "note note--warn" : "note note--bad" }, draft.problem),
      verdictList(draft.verdicts, titleOf),
      h(
        "div",
        { class: "draft-fields" },
        names.filter((name) => name !== "name" && name !== "summary").map(row),
        names.includes("summary") && accept ? row("summary") : null,
      ),
      accept &&
        names.length > 0 &&
        h(
          "footer",
          { class: "draft-foot" },
          take,
          h("button", { class: "button", type: "button", on: { click: edit } }, icon("edit"), t("proposals.editFirst")),
        ),
    );
  }

  function edit() {
    editor = schemaForm({ schema, values: draft.fields, campaign: campaign.campaign_id, without: ["image_id"] });
    const take = h(
      "button",
      { class: "button button--primary", type: "button", on: { click: () => send(take) } },
      icon("check"),
      t("proposals.acceptEdited"),
    );
    fill(
      card,
      head(),
      editor,
      h(
        "footer",
        { class: "draft-foot" },
        take,
        h("button", { class: "button", type: "button", on: { click: read } }, t("actions.cancel")),
      ),
    );
    /** @type {HTMLElement | null} */ (editor.querySelector("input"))?.focus();
  }

  async function send(button) {
    if (button.getAttribute("aria-busy") || (editor && !editor.check())) return;
    button.setAttribute("aria-busy", "true");
    const choice = { draft: draft.draft };
    if (editor) {
      choice.edits = editor.changes();
      choice.fields = Object.keys({ ...draft.fields, ...choice.edits }).filter((name) => choice.edits[name] !== null);
      for (const name of Object.keys(choice.edits)) if (choice.edits[name] === null) delete choice.edits[name];
    } else if (chosen.size < Object.keys(draft.fields).length) choice.fields = [...chosen];
    try {
      await accept?.(choice);
    } catch (error) {
      const { explain, failure } = await import("../states.js");
      if (!editor?.complain(error, explain(error))) button.closest("footer")?.before(failure(error));
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  read();
  return card;
}

/** A sum of costs and tokens in words. @param {any} proposal */
export const costLine = (proposal) =>
  [
    proposal.cost ? money(proposal.cost) : t("routes.free"),
    proposal.tokens ? t("routes.tokens", { n: proposal.tokens }) : null,
    t("proposals.draftsCount", { n: proposal.drafts?.length ?? number(0) }),
  ]
    .filter(Boolean)
    .join(" · ");
