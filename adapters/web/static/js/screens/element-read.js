// An element as it is read: its fields by section, the game master's apart, and on request who set each.

import { blameLine } from "../blame.js";
import { h, icon } from "../dom.js";
import { sections } from "../elements/gm-form.js";
import { t } from "../i18n.js";
import { preference } from "../store.js";
import { shown } from "../values.js";

const blame = preference("blame", "off");
const LONG = new Set(["markdown", "lines", "relations", "monsters", "abilities"]);

/**
 * @param {{element: any, schema: any, campaign: any, master: boolean, edit: ((field: string) => void) | null}} about
 */
export function readView({ element, schema, campaign, master, edit }) {
  const root = h("div", { class: "reading" });
  const usual = (property) => (property["x-secret"] ? "gm" : "all");
  const secret = (name) => (element.field_visibility?.[name] ?? usual(schema.properties[name])) === "gm";
  const present = (name) => {
    const value = element.fields[name];
    return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && !value.length);
  };
  const groups = sections({ schema, without: ["name", "summary", "image_id", "type"] })
    .map(([section, title, names]) => ({ section, title, names: names.filter(present) }))
    .filter(({ names }) => names.length);

  const one = (name) => {
    const property = schema.properties[name];
    const hidden = master && secret(name);
    const long = LONG.has(property["x-widget"]);
    return h(
      "div",
      { class: ["fact", long && "fact--long", hidden && "fact--secret"].filter(Boolean).join(" ") },
      h(
        "dt",
        null,
        hidden && icon("seal", t("visibility.field.gm")),
        property.title,
        edit &&
          h(
            "button",
            {
              class: "button button--icon button--small fact-edit",
              type: "button",
              "aria-label": t("elements.editField", { field: property.title }),
              on: { click: () => edit(name) },
            },
            icon("edit"),
          ),
      ),
      h(
        "dd",
        null,
        shown(property, element.fields[name], { campaign: campaign.campaign_id, html: element.html?.[name] }),
        blame.get() === "on" && element.blame?.[name] && blameLine(element.blame[name], campaign.campaign_id),
      ),
    );
  };

  root.append(
    h(
      "div",
      { class: "reading-tools" },
      master && h("span", { class: "legend-secret" }, icon("seal"), t("elements.secretLegend")),
      h("span", { class: "grow" }),
      element.blame &&
        h(
          "button",
          {
            class: "chip",
            type: "button",
            "aria-pressed": String(blame.get() === "on"),
            on: {
              click: () => (
                blame.set(blame.get() === "on" ? "off" : "on"),
                root.replaceWith(readView({ element, schema, campaign, master, edit }))
              ),
            },
          },
          icon("history"),
          t("elements.whoSet"),
        ),
    ),
    ...groups.map(({ section, title, names }) =>
      h(
        "section",
        { class: `reading-section reading-section--${section}` },
        h("h2", null, title),
        h("dl", { class: "fact-list" }, names.map(one)),
      ),
    ),
  );
  if (!groups.length) root.append(h("p", { class: "faint" }, t(edit ? "elements.emptyMaster" : "elements.empty")));
  return root;
}
