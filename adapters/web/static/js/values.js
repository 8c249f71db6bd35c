// Field values as a person reads them, one way per `x-widget`.

import { h, icon, safeHtml } from "./dom.js";
import { t } from "./i18n.js";
import { modifierOf } from "./elements/widgets.js";
import { named } from "./names.js";
import { href } from "./router.js";

/** A link to an element by its id. @param {string} campaign @param {string} id @param {{name?: string, kind?: string}} [about] */
export function elementLink(campaign, id, about = named(id)) {
  return h(
    "a",
    { class: "ref", href: href("/c/:campaign/e/:element", { campaign, element: id }) },
    icon(about?.kind ?? "link"),
    about?.name ?? t("forms.unknownElement"),
  );
}

/**
 * A value as it is read.
 *
 * @param {any} property the property's schema
 * @param {any} value
 * @param {{campaign: string, html?: string}} about `html`: what the server made of a text
 * @returns {Node | string}
 */
export function shown(property, value, about) {
  const show = SHOWN[property["x-widget"]];
  return show ? show(value, about, property) : String(value);
}

const SHOWN = {
  markdown: (value, { campaign, html }) => {
    const element = h("div", { class: "prose" });
    if (html) safeHtml(element, html);
    else element.append(...value.split(/\n{2,}/).map((one) => h("p", null, mentions(one, campaign))));
    return element;
  },
  choice: (value, _, property) => (property["x-choices"] ?? []).find((one) => one.value === value)?.title ?? value,
  flag: (value) => t(value ? "forms.yes" : "forms.no"),
  tags: (value, { campaign }) =>
    h(
      "span",
      { class: "chips" },
      value.map((tag) => h("a", { class: "chip", href: href("/c/:campaign/elements", { campaign }, { tag }) }, tag)),
    ),
  lines: (value) =>
    h(
      "ul",
      { class: "bullets" },
      value.map((line) => h("li", null, line)),
    ),
  levels: (value) => value.join(", "),
  reference: (value, { campaign }) =>
    h(
      "span",
      { class: "refs" },
      [].concat(value).map((id) => elementLink(campaign, id)),
    ),
  relations: (value, { campaign }) =>
    h(
      "ul",
      { class: "relations" },
      value.map((one) =>
        h(
          "li",
          null,
          elementLink(campaign, one.to),
          one.label && h("span", null, one.label),
          one.weight
            ? h(
                "span",
                { class: `badge ${one.weight > 0 ? "badge--good" : "badge--bad"}` },
                `${one.weight > 0 ? "+" : ""}${one.weight}`,
              )
            : null,
        ),
      ),
    ),
  monsters: (value) =>
    h(
      "ul",
      { class: "bullets" },
      value.map((one) =>
        h(
          "li",
          null,
          `${one.count ?? 1} × ${one.name || one.key}`,
          one.challenge ? ` (${t("encounter.cr", { cr: one.challenge })})` : "",
        ),
      ),
    ),
  abilities: (value, _, property) =>
    h(
      "dl",
      { class: "ability-row" },
      Object.entries(property.properties)
        .filter(([name]) => value[name] != null)
        .map(([name, about]) =>
          h(
            "div",
            null,
            h("dt", { title: about.title }, about.title.slice(0, 3)),
            h("dd", null, h("b", null, String(value[name])), ` ${modifierOf(value[name])}`),
          ),
        ),
    ),
};

/** A text whose `[[id]]`s are links where their names are known. */
function mentions(text, campaign) {
  return text
    .split(/\[\[([0-9A-Za-z_-]{1,64})\]\]/)
    .map((part, index) => (index % 2 ? (named(part) ? elementLink(campaign, part) : "…") : part));
}

/** The ids a text mentions. @param {string} text */
export const mentioned = (text) => [...text.matchAll(/\[\[([0-9A-Za-z_-]{1,64})\]\]/g)].map((match) => match[1]);

/** A value as one line of plain text, for lists of changes. @param {any} value */
export function plain(value) {
  if (value == null) return "";
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value === "object")
    return (
      value.name ??
      named(value.to)?.name ??
      Object.entries(value)
        .map(([name, one]) => `${name} ${plain(one)}`)
        .join(", ")
    );
  return named(value)?.name ?? String(value);
}
