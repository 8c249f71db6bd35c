// Proving a recorded decision again, and putting its question to another model.

import * as api from "./api.js";
import { fill, h, icon } from "./dom.js";
import { sides } from "./elements/gm-diff.js";
import { select } from "./field.js";
import { number, t } from "./i18n.js";
import { clock, dollars, duration, json, positionLink, word } from "./log.js";
import { failure, note } from "./states.js";

/** A button that works until the answer is there, and shows it below itself. */
function deed(name, label, work) {
  const place = h("div", { role: "status" });
  const button = h(
    "button",
    {
      class: "button",
      type: "button",
      on: {
        click: async () => {
          if (button.getAttribute("aria-busy")) return;
          button.setAttribute("aria-busy", "true");
          fill(place);
          try {
            fill(place, await work());
          } catch (error) {
            fill(place, failure(error));
          }
          button.removeAttribute("aria-busy");
        },
      },
    },
    icon(name),
    label,
  );
  return { button, place };
}

/** Decides again from the record, without any model: does everything follow? */
export function replayPart(view, one) {
  const { button, place } = deed("refresh", t("decision.replay"), async () => {
    const found = await api.post(
      `/api/decisions/${encodeURIComponent(one.decision_id)}/replay`,
      {},
      { signal: view.signal },
    );
    if (found.faithful) return note("good", t("decision.follows"), h("p", { class: "faint small" }, tally(found)));
    return note(
      "bad",
      t("decision.differs", { n: found.differences.length + found.unreadable.length }),
      [...found.differences, ...found.unreadable].map(json),
    );
  });
  return h(
    "div",
    { class: "stack stack--tight" },
    h("p", { class: "faint" }, t("decision.replayLead")),
    h("div", null, button),
    place,
  );
}

const tally = ({ head: _head, position: _position, ...counts }) =>
  Object.entries(counts)
    .filter(([, n]) => typeof n === "number" && n > 0)
    .map(([name, n]) => `${name.replaceAll("_", " ")} ${number(n)}`)
    .join(" · ");

/** Puts the question to another model; both proposals side by side. */
export function rerunPart(view, one) {
  const provider = select([["", t("decision.sameProvider")]], {
    class: "select select--auto",
    value: "",
    "aria-label": t("decision.provider"),
  });
  const model = h("input", {
    class: "input input--auto",
    placeholder: one.model || t("decisions.model"),
    "aria-label": t("decision.otherModel"),
    autocomplete: "off",
    size: 16,
  });
  api.get("/api/providers", { signal: view.signal }).then(
    (answer) => {
      for (const { name, model: has, status } of answer.data.providers)
        provider.append(h("option", { value: name, disabled: !status }, has ? `${name} (${has})` : name));
    },
    () => {},
  );
  const { button, place } = deed("spark", t("decision.rerun"), async () => {
    const answer = await api.post(
      `/api/decisions/${encodeURIComponent(one.decision_id)}/rerun`,
      { provider: provider.value || null, model: model.value.trim() || null },
      { signal: view.signal },
    );
    return [
      beside(one, answer.rerun),
      h("p", { class: "faint small" }, t("decision.kept"), " ", positionLink(answer.stored)),
    ];
  });
  return h(
    "div",
    { class: "stack stack--tight gap-top" },
    h("p", { class: "faint" }, t("decision.rerunLead")),
    h("div", { class: "cluster" }, provider, model, button),
    place,
    one.reruns.length > 0 &&
      h(
        "details",
        null,
        h("summary", null, t("decision.reruns", { n: one.reruns.length })),
        [...one.reruns]
          .reverse()
          .map((rerun) => [
            h("p", { class: "faint small gap-top" }, clock(rerun.at), " ", positionLink(rerun.at_position)),
            beside(one, rerun),
          ]),
      ),
  );
}

/** The recorded proposal and another one, what differs marked word by word. */
function beside(one, rerun) {
  const names = [...new Set([...Object.keys(one.proposal ?? {}), ...Object.keys(rerun.proposal ?? {})])];
  const text = (value) => (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value));
  const line = (name, left, right) =>
    h("tr", null, h("th", { scope: "row" }, name), h("td", null, left), h("td", null, right));
  const compared = (name) => {
    const before = text(one.proposal?.[name]);
    const after = text(rerun.proposal?.[name]);
    const none = h("span", { class: "faint" }, "–");
    if (!before || !after) return line(name, before || none, after || none);
    if (before === after) return line(name, before, h("span", { class: "faint" }, t("decision.same")));
    return line(name, ...sides(before, after).map((side) => h("div", { class: "marked" }, side)));
  };
  const judged = one.verdicts.find((each) => each.verdict === "refused") ?? one.verdicts.at(-1);
  const verdict = (each) => [
    word("decisions.verdicts", each?.verdict ?? "none"),
    each?.message && h("p", { class: "faint" }, each.message),
  ];
  return h(
    "div",
    { class: "sheet-box" },
    h(
      "table",
      { class: "sheet sheet--beside" },
      h("caption", { class: "visually-hidden" }, t("decision.beside")),
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("td"),
          h("th", { scope: "col" }, t("decision.recorded")),
          h("th", { scope: "col" }, t("decision.rerunOf")),
        ),
      ),
      h(
        "tbody",
        null,
        line(t("decisions.model"), `${one.provider} ${one.model}`, `${rerun.provider ?? ""} ${rerun.model ?? ""}`),
        line(t("decisions.cost"), dollars(one.cost), dollars(rerun.cost)),
        line(t("decisions.latency"), duration(one.latency), duration(rerun.latency)),
        line(
          t("decisions.tokens"),
          `${number(one.usage?.input ?? 0)} + ${number(one.usage?.output ?? 0)}`,
          rerun.usage ? `${number(rerun.usage.input)} + ${number(rerun.usage.output)}` : "–",
        ),
        line(t("decisions.verdict"), verdict(judged), verdict(rerun)),
        (one.problem || rerun.problem) && line(t("decision.problem"), one.problem || "–", rerun.problem || "–"),
        names.map(compared),
      ),
    ),
  );
}
