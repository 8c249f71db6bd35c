// A picker of the campaign's elements: what is chosen stands as chips, more is found by name.

import { fill, h, icon } from "../dom.js";
import { t, tOr } from "../i18n.js";
import { learn, named, search } from "../names.js";
import { combo } from "./gm-combo.js";

/** Suggestions for a combo from a campaign's elements. @param {string} campaign @param {string[]} kinds @param {(id: string) => boolean} [without] */
export const elementSuggestions =
  (campaign, kinds, without = () => false) =>
  async (text) =>
    (await search(campaign, text, kinds))
      .filter((one) => !without(one.id))
      .map((one) => ({ value: one.id, label: one.name, hint: tOr(`kinds.${one.kind}`, one.kind), icon: one.kind }));

/** `<gm-reference>`: set `about`; read `value` (an id or null, or a list of ids). */
class GmReference extends HTMLElement {
  /** @param {{campaign: string, label: string, kinds: string[], many: boolean, value: any, changed?: () => void}} about */
  set about(about) {
    this.how = about;
    /** @type {string[]} */
    this.ids = [].concat(about.value ?? []).filter(Boolean);
    this.chips = h("div", { class: "chips" });
    this.combo = combo({
      label: about.label,
      placeholder: t("forms.findElement"),
      search: elementSuggestions(about.campaign, about.kinds, (id) => this.ids.includes(id)),
      pick: (one) => this.change(about.many ? [...this.ids, one.value] : [one.value]),
    });
    fill(this, this.chips, this.combo);
    this.draw();
    const strangers = this.ids.filter((id) => !named(id));
    if (strangers.length) learn(strangers).then(() => this.draw());
  }

  get value() {
    return this.how.many ? [...this.ids] : (this.ids[0] ?? null);
  }

  change(ids) {
    this.ids = ids;
    this.draw();
    this.how.changed?.();
  }

  draw() {
    this.chips.hidden = this.ids.length === 0;
    fill(
      this.chips,
      this.ids.map((id) => {
        const one = named(id);
        const name = one?.name ?? t("forms.unknownElement");
        return h(
          "span",
          { class: "chip" },
          icon(one?.kind ?? "link"),
          name,
          h(
            "button",
            {
              class: "chip-remove",
              type: "button",
              "aria-label": t("forms.removeOne", { name }),
              on: { click: () => (this.change(this.ids.filter((other) => other !== id)), this.combo.input.focus()) },
            },
            icon("close"),
          ),
        );
      }),
    );
  }
}
customElements.define("gm-reference", GmReference);

/** @param {{campaign: string, label: string, kinds: string[], many: boolean, value: any, changed?: () => void}} about */
export function referencePicker(about) {
  return /** @type {GmReference} */ (h("gm-reference", { about }));
}
