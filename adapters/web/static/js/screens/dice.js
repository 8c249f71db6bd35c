// Rolling dice: the seed is drawn by the server and kept in the log, so anybody can roll again.

import { actorName } from "../activity.js";
import * as api from "../api.js";
import { canProve, rollAgain } from "../dice-proof.js";
import { fill, h, icon } from "../dom.js";
import { field, form, input, select } from "../field.js";
import { ago, t, when } from "../i18n.js";
import { subscribe } from "../socket.js";
import { empty } from "../states.js";
import { page, region } from "../view.js";

const QUICK = ["d20", "d4", "d6", "d8", "d10", "d12", "d%", "2d6", "4d6kh3"];

/** @param {import("../view.js").View} view */
export function show(view) {
  const { campaign, master } = view;
  const watches = campaign.my_role === "observer";
  const address = `/api/campaigns/${encodeURIComponent(campaign.campaign_id)}/dice`;
  const expression = input({ value: "d20", required: true, maxlength: 100, spellcheck: "false" });
  const list = h("ol", { class: "rolls" });
  const result = h("div", { class: "roll-result", "aria-live": "polite" });
  const fields = {
    expression: field(t("dice.expression"), expression, { hint: t("dice.expressionHint") }),
    mode: field(
      t("dice.mode"),
      select(["normal", "advantage", "disadvantage"].map((one) => [one, t(`dice.modes.${one}`)])),
    ),
    label: field(t("dice.label"), input({ maxlength: 120 }), { optional: true }),
    ...(master
      ? {
          visibility: field(
            t("visibility.whoSees"),
            select([
              ["all", t("dice.open")],
              ["gm", t("dice.behind")],
            ]),
          ),
        }
      : {}),
  };
  /** Positions of the rolls that are shown: news of others come in above, and what is open stays open. */
  const known = new Set();
  const add = (rolls) => {
    for (const roll of rolls) if (!known.has(roll.position)) list.prepend(item(roll, address));
    for (const roll of rolls) known.add(roll.position);
  };
  const news = async () => {
    if (!list.isConnected) return place.again();
    const { items } = await api.get(address, { signal: view.signal, query: { limit: 20 } });
    add([...items].reverse());
  };
  const box = form({
    fields,
    lead: h(
      "div",
      { class: "chips" },
      QUICK.map((one) =>
        h(
          "button",
          { class: "chip", type: "button", on: { click: () => ((expression.value = one), box.requestSubmit()) } },
          one,
        ),
      ),
    ),
    submit: t("dice.roll"),
    icon: "dice",
    send: async (values) => {
      const rolled = await api.post(address, values);
      fill(
        result,
        h("p", { class: "roll-total" }, String(rolled.total)),
        h("p", { class: "faint" }, rolled.expression, " · ", facesText(rolled)),
      );
      if (list.isConnected) add([{ at: new Date().toISOString(), ...rolled }]);
      else place.again();
    },
  });
  const place = region(view, async () => {
    const { items } = await api.get(address, { signal: view.signal, query: { limit: 50 } });
    known.clear();
    fill(list);
    add([...items].reverse());
    if (items.length) return list;
    return empty({ icon: "dice", title: t("dice.none"), text: watches ? "" : t("dice.noneText") });
  });
  subscribe(
    `campaign:${campaign.campaign_id}`,
    (message) =>
      (message.type === "lagging" || message.items?.some((one) => one.category === "dice")) && news().catch(() => {}),
    { signal: view.signal },
  );
  view.render(
    page(
      { title: t("dice.title"), lead: t("dice.lead") },
      h(
        "div",
        { class: "beside beside--dice" },
        h(
          "section",
          { class: "panel" },
          h(
            "div",
            { class: "panel-body stack" },
            result,
            watches ? h("p", { class: "faint" }, t("dice.observer")) : box,
          ),
        ),
        h("section", null, place),
      ),
    ),
  );
}

/** Where the browser may not compute hashes, the server rolls again. */
async function provenThere(address, roll) {
  const { verdicts } = await api.get(`${address}/${roll.position}`);
  const bad = verdicts.find((one) => !one.ok);
  return [!bad, bad ? bad.message : t("dice.provenThere", { total: roll.total })];
}

const facesText = (roll) => (roll.faces ?? []).map((term) => `[${term.join(", ")}]`).join(" ");

function item(roll, address) {
  const proof = h("p", { class: "roll-proof small", hidden: true, role: "status" });
  const prove = async () => {
    proof.hidden = false;
    if (!canProve()) return tell(...(await provenThere(address, roll)));
    const again = await rollAgain(roll);
    const same = again.total === roll.total && JSON.stringify(again.faces) === JSON.stringify(roll.faces);
    tell(same, t(same ? "dice.proven" : "dice.disproven", { total: again.total }));
  };
  function tell(same, text) {
    fill(
      proof,
      icon(same ? "check" : "alert"),
      text,
      " ",
      h("span", { class: "mono" }, t("dice.seed", { seed: roll.seed })),
    );
    proof.classList.toggle("good", same);
    proof.classList.toggle("bad", !same);
  }
  return h(
    "li",
    { class: "roll" },
    h("b", { class: "roll-number" }, String(roll.total)),
    h(
      "div",
      { class: "grow" },
      h(
        "p",
        null,
        h("span", { class: "row-title" }, roll.label || roll.expression),
        " ",
        roll.mode !== "normal" && roll.mode ? h("span", { class: "badge" }, t(`dice.modes.${roll.mode}`)) : null,
        roll.visibility === "gm" && h("span", { class: "badge badge--secret" }, icon("seal"), t("dice.behind")),
      ),
      h("p", { class: "row-text" }, roll.label ? `${roll.expression} · ` : "", facesText(roll)),
      proof,
    ),
    h(
      "span",
      { class: "activity-by" },
      actorName(roll.name ?? roll.by),
      roll.at && h("time", { datetime: roll.at, title: when(roll.at) }, ago(roll.at)),
    ),
    h(
      "button",
      {
        class: "button button--small",
        type: "button",
        "aria-label": t("dice.proveOne", { total: roll.total }),
        on: { click: prove },
      },
      t("dice.prove"),
    ),
  );
}
