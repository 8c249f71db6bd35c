// One question to a language model: what stood in it, what came back, what was done about it, and what another would say.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { filtersOf, neighbours } from "../decision-list.js";
import { number, t } from "../i18n.js";
import {
  clock,
  decisionLink,
  dollars,
  duration,
  facts,
  json,
  npcLink,
  positionLink,
  section,
  streamLink,
  traceLink,
} from "../log.js";
import { href } from "../router.js";
import { page, region } from "../view.js";
import { whyTree } from "../why.js";
import { replayPart, rerunPart } from "../decision-audit.js";
import { routeBadge, verdictBadge } from "./decisions.js";

/** @param {import("../view.js").View} view */
export async function show(view) {
  const filters = filtersOf(view.query);
  const one = await api.get(`/api/decisions/${encodeURIComponent(view.params.decision)}`, { signal: view.signal });
  const verdict = one.verdicts.some((each) => each.verdict === "refused")
    ? "refused"
    : (one.verdicts[0]?.verdict ?? "none");
  view.title(t("decision.at", { position: one.position }));
  view.render(
    page(
      {
        title: t("decision.title", { purpose: one.purpose.replaceAll("_", " ") }),
        over: [
          h("a", { href: href("/decisions", {}, filters) }, t("decisions.title")),
          routeBadge(one.route),
          verdictBadge(verdict, one.code),
        ],
        lead: h("span", { class: "mono" }, one.decision_id),
        actions: [steps(view, filters, one.decision_id)],
        wide: true,
      },
      h(
        "div",
        { class: "columns columns--wide" },
        h("div", { class: "stack" }, question(one), details(one)),
        h(
          "div",
          { class: "stack" },
          about(one),
          answer(one),
          verdicts(one),
          section(t("decision.audit"), replayPart(view, one), rerunPart(view, one)),
          section(
            t("why.title"),
            region(view, () => whyTree(view, one.decision_id)),
          ),
        ),
      ),
    ),
  );
}

function steps(view, filters, id) {
  const place = h("div", { class: "buttons" });
  const step = (row, name, word) =>
    row
      ? h(
          "a",
          {
            class: "button",
            href: href("/decisions/:decision", { decision: row.decision_id }, filters),
            title: t(word),
            "aria-label": t(word),
          },
          icon(name),
        )
      : h("button", { class: "button", type: "button", disabled: true, "aria-label": t(word) }, icon(name));
  const draw = ([newer, older]) =>
    fill(place, step(newer, "left", "decision.newer"), step(older, "right", "decision.older"));
  draw([null, null]);
  neighbours(filters, id).then(
    (both) => view.signal.aborted || draw(both),
    () => {},
  );
  return place;
}

function about(one) {
  const { usage, prompt } = one;
  return section(
    t("decision.about"),
    facts([
      [t("event.time"), [clock(one.at), " ", positionLink(one.position)]],
      [t("decisions.npc"), one.npc_id && npcLink(one.npc_id)],
      [t("decisions.player"), one.player_id],
      [t("decision.request"), one.request_id && streamLink(`request/${one.request_id}`)],
      [t("event.correlation"), traceLink(one.correlation_id)],
      [t("decisions.model"), one.model && `${one.model} (${one.provider})`],
      [t("decision.prompt"), `${prompt.template} v${prompt.version} ${prompt.hash.slice(0, 12)}`],
      [t("decisions.cost"), dollars(one.cost)],
      [t("decisions.latency"), duration(one.latency)],
      [t("decision.finish"), one.finish],
      [t("decision.problem"), one.problem],
      [t("decision.others"), one.others?.length > 0 && one.others.map((id) => h("div", null, decisionLink(id)))],
    ]),
    usage && tokens(usage),
  );
}

/** Tokens paid for, as shares of a bar. */
function tokens(usage) {
  const parts = [
    ["input", Math.max(0, usage.input - usage.cached), 1],
    ["cached", usage.cached, 8],
    ["output", Math.max(0, usage.output - usage.reasoning), 2],
    ["reasoning", usage.reasoning, 4],
  ].filter(([, n]) => n > 0);
  const all = parts.reduce((sum, [, n]) => sum + n, 0);
  return h(
    "div",
    { class: "tokens" },
    h(
      "div",
      { class: "tokens-bar", "aria-hidden": "true" },
      parts.map(([, n, hue]) => h("span", { class: `hue-${hue}`, vars: { "--share": n / all } })),
    ),
    h(
      "ul",
      { class: "tokens-keys" },
      parts.map(([name, n, hue]) =>
        h(
          "li",
          { class: `hue-${hue}` },
          h("span", { class: "event-dot", "aria-hidden": "true" }),
          t(`decision.usage.${name}`),
          h("b", null, number(n)),
        ),
      ),
    ),
  );
}

/** The messages part by part, each with its estimated share of the prompt. */
function question(one) {
  const all = one.messages.reduce((sum, message) => sum + message.tokens, 0) || 1;
  return section(
    [t("decision.question"), " ", h("span", { class: "faint small" }, t("decision.aboutTokens", { n: all }))],
    one.messages.map((message, i) =>
      h(
        "details",
        { class: "message", open: i === one.messages.length - 1 },
        h(
          "summary",
          null,
          h("b", null, t("decision.message", { number: i + 1, role: message.role })),
          h("span", { class: "meter", vars: { "--share": message.tokens / all }, "aria-hidden": "true" }),
          h(
            "span",
            { class: "num faint" },
            `${number(message.tokens)} (${number(message.tokens / all, { style: "percent" })})`,
          ),
        ),
        blocks(message.content),
      ),
    ),
    !one.messages.length && h("p", { class: "faint" }, t("decision.noQuestion")),
  );
}

/** A message's text; its data blocks stand apart from the instructions. */
function blocks(content) {
  const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
  const parts = text.split(/^(BEGIN DATA [\s\S]*?^END DATA .*)$/m);
  return parts
    .filter((part) => part.trim())
    .map((part) => {
      const match = /^BEGIN DATA (\S+) .*\n([\s\S]*)\nEND DATA .*$/.exec(part);
      if (!match) return h("pre", { class: "said" }, part.trim());
      return h("figure", { class: "block" }, h("figcaption", null, match[1]), dataOf(match[2]));
    });
}

function dataOf(text) {
  try {
    return json(JSON.parse(text));
  } catch {
    return h("pre", { class: "said" }, text);
  }
}

function answer(one) {
  return section(
    t("decision.answer"),
    one.proposal ? proposal(one.proposal) : h("p", { class: "faint" }, t("decision.noProposal")),
    one.answer &&
      h("details", null, h("summary", null, t("decision.raw")), h("pre", { class: "said", tabindex: "0" }, one.answer)),
  );
}

/** What a model proposed, field by field. */
export function proposal(fields) {
  return facts(
    Object.entries(fields).map(([name, value]) => [
      name.replaceAll("_", " "),
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

function verdicts(one) {
  return section(
    t("decision.verdicts"),
    one.verdicts.length
      ? h(
          "ul",
          { class: "stack stack--tight" },
          one.verdicts.map((each) =>
            h(
              "li",
              { class: "cluster" },
              verdictBadge(each.verdict, each.code),
              h("span", { class: "mono" }, each.command),
              each.position && positionLink(each.position),
              each.message && h("span", { class: "faint" }, each.message),
            ),
          ),
        )
      : h("p", { class: "faint" }, t("decision.noVerdicts")),
    one.memories.length > 0 && [
      h("h3", { class: "gap-top" }, t("decision.memories")),
      h(
        "p",
        { class: "cluster" },
        one.memories.map((position) => positionLink(position)),
      ),
    ],
  );
}

function details(one) {
  const attempts = one.attempts.map((each) =>
    h(
      "li",
      { class: "cluster" },
      h("span", { class: each.outcome === "answered" ? "badge badge--good" : "badge badge--bad" }, each.outcome),
      h("span", null, `${each.provider} ${each.model}`),
      h("span", { class: "num faint" }, duration(each.latency)),
      (each.status || each.error) && h("span", { class: "faint" }, `${each.status ?? ""} ${each.error}`),
    ),
  );
  const folded = [
    ["decision.inputs", one.inputs],
    ["decision.parameters", one.parameters],
    ["decision.schema", one.schema],
  ];
  return section(
    t("decision.details"),
    attempts.length > 0 && h("ul", { class: "stack stack--tight" }, attempts),
    folded
      .filter(([, value]) => value && Object.keys(value).length)
      .map(([name, value]) => h("details", null, h("summary", null, t(name)), json(value))),
  );
}
