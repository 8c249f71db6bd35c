// The encounter builder: a party, monsters, and what the budget says of them while one chooses.

import * as api from "../api.js";
import { reload } from "../campaign.js";
import { fill, h, icon, later } from "../dom.js";
import { verdictList } from "../elements/draft-card.js";
import { meter } from "../elements/gm-meter.js";
import { monsterRows } from "../elements/gm-rows.js";
import { toast, toastProblem } from "../elements/gm-toast.js";
import { field, input, select } from "../field.js";
import { number, t } from "../i18n.js";
import { go, href } from "../router.js";
import { empty, failure } from "../states.js";
import { page } from "../view.js";

const DIFFICULTIES = ["low", "moderate", "high"];

/** @param {import("../view.js").View} view */
export async function show(view) {
  const { campaign } = view;
  const characters = await api
    .get(`/api/campaigns/${encodeURIComponent(campaign.campaign_id)}/characters`, { signal: view.signal })
    .then(
      (answer) => answer.items,
      () => [],
    );
  const party = characters.map((one) => (one.fields ?? one).level).filter(Boolean);
  const start = party.length ? party : Array(4).fill(campaign.level ?? 1);
  const levels = input({ value: start.join(", "), inputmode: "numeric", on: { input: () => assess() } });
  const difficulty = select(
    DIFFICULTIES.map((one) => [one, t(`encounter.difficulty.${one}`)]),
    { value: "moderate", on: { change: () => assess() } },
  );
  const name = input({ placeholder: t("encounter.namePlaceholder"), maxlength: 120 });
  const monsters = monsterRows([], {
    label: t("encounter.monsters"),
    changed: () => assess(),
    ruleset: campaign.ruleset,
  });
  const verdict = h("div", { "aria-live": "polite" });
  const offers = h("div", { class: "stack stack--tight" });
  const save = h(
    "button",
    { class: "button button--primary", type: "button", disabled: true, on: { click: keep } },
    icon("check"),
    t("encounter.save"),
  );
  const levelField = field(t("encounter.levels"), levels, { hint: t("encounter.levelsHint") });
  let asked = 0;
  let last = null;

  const readLevels = () =>
    levels.value
      .split(/[\s,;]+/)
      .filter(Boolean)
      .map(Number);
  const request = () => ({
    campaign_id: campaign.campaign_id,
    levels: readLevels(),
    difficulty: difficulty.value,
    monsters: monsters.read().map(({ key, name: named, count }) => ({ ...(key ? { key } : { name: named }), count })),
  });

  const assess = later(async () => {
    const chosen = monsters.read();
    levelField.complain("");
    save.disabled = !chosen.length;
    if (!chosen.length)
      return fill(verdict, empty({ icon: "encounter", title: t("encounter.none"), text: t("encounter.noneText") }));
    const mine = (asked += 1);
    try {
      const found = await api.post("/api/encounters/assess", request(), { signal: view.signal });
      if (mine !== asked) return;
      last = found;
      fill(verdict, judged(found));
    } catch (error) {
      if (mine !== asked || view.signal.aborted) return;
      last = null;
      if (String(error.field ?? "").startsWith("levels")) levelField.complain(error.message);
      fill(verdict, failure(error));
    }
  }, 150);

  async function suggest() {
    fill(offers, h("p", { class: "hint" }, t("generate.working")));
    try {
      const answer = await api.post(
        "/api/encounters/suggest",
        { campaign_id: campaign.campaign_id, levels: readLevels(), difficulty: difficulty.value },
        { signal: view.signal },
      );
      const found = answer.suggestions;
      fill(offers, found.length ? found.map(offer) : h("p", { class: "faint" }, t("encounter.noSuggestion")));
    } catch (error) {
      if (!view.signal.aborted) fill(offers, failure(error, suggest));
    }
  }

  const offer = (one) =>
    h(
      "button",
      {
        class: "offer",
        type: "button",
        on: {
          click: () => (
            monsters.set(
              one.monsters.map((monster) => ({
                ...monster,
                challenge: monster.challenge ?? monster.challenge_rating ?? "",
              })),
            ),
            assess()
          ),
        },
      },
      h(
        "span",
        { class: "grow" },
        one.monsters.map((monster) => `${monster.count} × ${monster.name ?? monster.key}`).join(", "),
      ),
      h("span", { class: "faint small" }, t("encounter.xp", { n: one.spent ?? one.xp ?? 0 })),
    );

  async function keep() {
    const chosen = monsters.read();
    save.setAttribute("aria-busy", "true");
    try {
      const title =
        name.value.trim() ||
        chosen
          .map((one) => `${one.count} × ${one.name || one.key}`)
          .join(", ")
          .slice(0, 120);
      const made = await api.post("/api/elements", {
        campaign_id: campaign.campaign_id,
        kind: "encounter",
        fields: { name: title, monsters: chosen, party_levels: readLevels(), difficulty: difficulty.value },
        visibility: "gm",
      });
      toast(t("encounter.saved"));
      reload(campaign.campaign_id).catch(() => {});
      go(href("/c/:campaign/e/:element", { campaign: campaign.campaign_id, element: made.element_id }));
    } catch (error) {
      toastProblem(error);
    } finally {
      save.removeAttribute("aria-busy");
    }
  }

  view.title(t("encounter.title"));
  view.render(
    page(
      { wide: true, title: t("encounter.title"), lead: t("encounter.lead"), actions: [save] },
      h(
        "div",
        { class: "beside beside--wide" },
        h(
          "div",
          { class: "stack" },
          h(
            "div",
            { class: "field-row" },
            field(t("encounter.name"), name, { optional: true }),
            levelField,
            field(t("encounter.wanted"), difficulty),
          ),
          h(
            "section",
            { class: "panel" },
            h("header", null, h("h2", null, t("encounter.monsters"))),
            h("div", { class: "panel-body" }, monsters.element),
          ),
          h(
            "section",
            { class: "panel" },
            h(
              "header",
              null,
              h("h2", null, t("encounter.suggestions")),
              h(
                "button",
                { class: "button button--small", type: "button", on: { click: suggest } },
                icon("spark"),
                t("encounter.suggest"),
              ),
            ),
            h(
              "div",
              { class: "panel-body" },
              offers,
              offers.childElementCount ? null : h("p", { class: "hint" }, t("encounter.suggestHint")),
            ),
          ),
        ),
        h(
          "section",
          { class: "panel panel--sticky" },
          h("header", null, h("h2", null, t("encounter.budget"))),
          h("div", { class: "panel-body" }, verdict),
        ),
      ),
    ),
  );
  assess();
}

/** What was found about an encounter: how much of the budget it takes, and why. @param {any} found */
function judged(found) {
  const budgets = found.budgets ?? {};
  const high = budgets.high ?? found.budget ?? 1;
  const spent = found.spent ?? found.experience ?? found.xp ?? 0;
  const tone =
    found.difficulty === "low" || spent <= (budgets.low ?? 0)
      ? "good"
      : spent > high
        ? "bad"
        : spent > (budgets.moderate ?? high)
          ? "warn"
          : "accent";
  const grade =
    spent > high
      ? "beyond"
      : spent > (budgets.moderate ?? high)
        ? "high"
        : spent > (budgets.low ?? 0)
          ? "moderate"
          : "low";
  return h(
    "div",
    { class: "stack" },
    h(
      "p",
      { class: "budget-head" },
      h("b", { class: "budget-grade" }, t(`encounter.grade.${grade}`)),
      h(
        "span",
        { class: "faint" },
        t("encounter.spent", { spent: number(spent), budget: number(found.budget ?? high) }),
      ),
    ),
    meter({
      label: t("encounter.budget"),
      value: spent,
      max: Math.max(high * 1.25, spent),
      tone,
      text: t("encounter.spent", { spent: number(spent), budget: number(found.budget ?? high) }),
      marks: DIFFICULTIES.filter((one) => budgets[one]).map((one) => ({
        at: budgets[one],
        label: t(`encounter.difficulty.${one}`),
        value: number(budgets[one]),
      })),
    }),
    verdictList(found.verdicts ?? []),
    (found.monsters ?? []).length > 0 &&
      h(
        "table",
        { class: "table table--plain" },
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", null, t("encounter.monster")),
            h("th", { class: "num" }, t("encounter.count")),
            h("th", { class: "num" }, t("encounter.challenge")),
            h("th", { class: "num" }, t("encounter.xpHead")),
          ),
        ),
        h(
          "tbody",
          null,
          found.monsters.map((one) =>
            h(
              "tr",
              null,
              h("td", null, one.name ?? one.key),
              h("td", { class: "num" }, String(one.count)),
              h("td", { class: "num" }, String(one.challenge ?? one.challenge_rating ?? "")),
              h("td", { class: "num" }, number(one.experience ?? one.xp ?? 0)),
            ),
          ),
        ),
      ),
    (found.sources ?? (found.source ? [found.source] : [])).map((one) =>
      h("p", { class: "faint small" }, one.attribution ?? one),
    ),
  );
}
