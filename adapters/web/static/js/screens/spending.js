// What models cost a campaign, whose questions they were, and the limit its owner sets.

import * as api from "../api.js";
import { campaign as campaignOf } from "../campaign.js";
import { h, icon } from "../dom.js";
import { confirmed, openDialog } from "../elements/gm-dialog.js";
import { meter } from "../elements/gm-meter.js";
import { toast, toastProblem } from "../elements/gm-toast.js";
import { field, form, input, select } from "../field.js";
import { ago, money, number, t, tOr, when } from "../i18n.js";
import { user } from "../session.js";
import { empty } from "../states.js";
import { page, region } from "../view.js";

/** @param {import("../view.js").View} view */
export function show(view) {
  const address = `/api/campaigns/${encodeURIComponent(view.campaign.campaign_id)}/spending`;
  const owns = view.campaign.my_role === "owner" || user.get()?.role === "admin";
  const place = region(view, async () => {
    const found = await api.get(address, { signal: view.signal });
    return h(
      "div",
      { class: "stack" },
      limitPanel(found, owns && !view.campaign.archived, change),
      h(
        "p",
        null,
        t("spending.sums", { day: money(found.day.spent), month: money(found.month.spent), all: money(found.cost) }),
      ),
      table(found),
    );
  });

  async function change(limit) {
    if (limit) await api.put(`${address}/limit`, limit);
    else await api.remove(`${address}/limit`);
    toast(t(limit ? "spending.limited" : "spending.lifted"));
    place.again();
  }
  view.render(page({ title: t("spending.title"), lead: t("spending.lead") }, place));
}

/** What is left, as far as there is a limit. @param {any} limit */
export const limitLine = (limit) =>
  limit.used_up
    ? t("spending.usedUp", { when: when(limit.resets_at) })
    : t(`spending.left.${limit.period}`, { left: money(limit.left), amount: money(limit.amount) });

function limitPanel(found, owns, change) {
  const { limit } = found;
  const act = (work) => work().catch(toastProblem);
  const edit = () => openLimit(limit, change);
  const lift = () =>
    act(async () => {
      const sure = await confirmed({
        title: t("spending.lift"),
        text: t("spending.liftText"),
        confirm: t("spending.lift"),
      });
      if (sure) await change(null);
    });
  const button = (label, run, primary = false) =>
    h("button", { class: primary ? "button button--primary" : "button", type: "button", on: { click: run } }, label);
  return h(
    "section",
    { class: "panel", "aria-label": t("spending.limit") },
    h("header", null, h("h2", null, t("spending.limit"))),
    h(
      "div",
      { class: "panel-body stack" },
      limit
        ? [
            meter({
              label: t("spending.limit"),
              // A limit of nothing is used up, too.
              value: limit.used_up ? limit.amount || 1 : limit.spent + limit.reserved,
              max: limit.amount || 1,
              text: limitLine(limit),
              tone: limit.used_up ? "bad" : limit.left < limit.amount / 10 ? "warn" : "accent",
            }),
            h("p", null, h("b", null, limitLine(limit))),
            h(
              "dl",
              { class: "facts" },
              fact(t("spending.spent"), money(limit.spent)),
              limit.reserved > 0 && fact(t("spending.reserved"), money(limit.reserved)),
              fact(t("spending.resets"), when(limit.resets_at)),
              fact(t("spending.setBy"), [nameOf(limit.set_by), ", ", ago(limit.set_at)]),
            ),
            limit.used_up && h("p", { class: "note note--warn" }, icon("alert"), t("spending.tablesNow")),
          ]
        : h("p", { class: "faint" }, t("spending.none")),
      h("p", { class: "hint" }, t("spending.hint")),
      owns &&
        h(
          "div",
          { class: "form-foot" },
          limit && button(t("spending.lift"), lift),
          button(t(limit ? "spending.change" : "spending.set"), edit, !limit),
        ),
    ),
  );
}

const fact = (term, text) => [h("dt", null, term), h("dd", null, text)];

/** What a member is called here. @param {string} account */
const nameOf = (account) =>
  campaignOf.get()?.members?.find((one) => one.account_id === account)?.name ?? t("spending.somebody");

function openLimit(limit, change) {
  const dialog = openDialog({
    title: t("spending.limit"),
    body: form({
      fields: {
        amount: field(
          t("spending.amount"),
          input({
            type: "number",
            min: 0,
            max: 100000,
            step: "any",
            inputmode: "decimal",
            required: true,
            value: limit ? String(limit.amount) : "5",
          }),
          { hint: t("spending.amountHint") },
        ),
        period: field(
          t("spending.period"),
          select(
            ["month", "day"].map((one) => [one, t(`spending.periods.${one}`)]),
            { value: limit?.period ?? "month" },
          ),
        ),
      },
      submit: t("actions.save"),
      cancel: () => dialog.close(),
      send: async (values) => {
        await change({ amount: Number(values.amount), period: values.period });
        dialog.close();
      },
    }),
  });
}

function table(found) {
  if (!found.by.length) return empty({ icon: "spark", title: t("spending.nothing"), text: t("spending.nothingText") });
  const head = ["who", "what", "questions", "tokens", "cost", "last"];
  return h(
    "div",
    { class: "table-wrap" },
    h(
      "table",
      { class: "table" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          head.map((one, place) => h("th", { class: place > 1 && place < 5 ? "num" : null }, t(`spending.${one}`))),
        ),
      ),
      h(
        "tbody",
        null,
        [...found.by]
          .sort((a, b) => b.cost - a.cost)
          .map((one) =>
            h(
              "tr",
              null,
              h("td", null, nameOf(one.account_id)),
              h("td", null, tOr(`spending.purposes.${one.purpose}`, one.purpose)),
              h("td", { class: "num" }, number(one.decisions)),
              h("td", { class: "num" }, number(one.tokens)),
              h("td", { class: "num" }, money(one.cost)),
              h("td", null, h("time", { datetime: one.last_at, title: when(one.last_at) }, ago(one.last_at))),
            ),
          ),
      ),
    ),
  );
}
