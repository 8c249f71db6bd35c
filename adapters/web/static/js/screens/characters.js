// The characters of the players.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { confirmed, openDialog } from "../elements/gm-dialog.js";
import { schemaForm } from "../elements/gm-form.js";
import { toast, toastProblem } from "../elements/gm-toast.js";
import { field, select } from "../field.js";
import { t } from "../i18n.js";
import { learn } from "../names.js";
import { schemaOf } from "../schemas.js";
import { user } from "../session.js";
import { portrait } from "../character-portrait.js";
import { empty, explain, failure } from "../states.js";
import { shown } from "../values.js";
import { page, region } from "../view.js";

const SHOWN = ["description", "equipment", "location_id", "notes"];

/** @param {import("../view.js").View} view */
export function show(view) {
  const { campaign, master } = view;
  const address = `/api/campaigns/${encodeURIComponent(campaign.campaign_id)}/characters`;
  const me = user.get()?.account_id;
  const mayAdd = master || campaign.my_role === "player";
  const create = () =>
    mayAdd &&
    h(
      "button",
      { class: "button button--primary", type: "button", on: { click: () => edit(null) } },
      icon("plus"),
      t("characters.create"),
    );
  let schema = null;
  const place = region(view, async () => {
    const [answer, read] = await Promise.all([api.get(address, { signal: view.signal }), schemaOf("character")]);
    schema = read;
    await learn(
      answer.items.map((one) => fieldsOf(one).location_id),
      view.signal,
    );
    if (!answer.items.length)
      return empty({ icon: "shield", title: t("characters.none"), text: t("characters.noneText"), action: create() });
    return h("div", { class: "cards cards--wide" }, answer.items.map(card));
  });
  const fieldsOf = (one) => one.fields ?? one;

  function card(one) {
    const fields = fieldsOf(one);
    const player = (campaign.members ?? []).find((member) => member.account_id === one.player);
    const mine = master || one.player === me;
    const stats = [
      [
        "hit_points",
        fields.current_hit_points != null && fields.hit_points != null
          ? `${fields.current_hit_points} / ${fields.hit_points}`
          : fields.hit_points,
      ],
      ["armor_class", fields.armor_class],
      ["level", fields.level],
    ].filter(([, value]) => value != null);
    const property = (name) => schema.properties[name];
    return h(
      "article",
      { class: "card character" },
      h(
        "header",
        { class: "spread" },
        portrait(view, one, `${address}/${encodeURIComponent(one.character_id)}`, {
          changing: mine && !campaign.archived,
          done: place.again,
        }),
        h("h2", { class: "grow" }, fields.name),
        mine &&
          h(
            "button",
            {
              class: "button button--small",
              type: "button",
              "aria-label": t("characters.editOne", { name: fields.name }),
              on: { click: () => edit(one) },
            },
            icon("edit"),
            t("elements.edit"),
          ),
      ),
      h("p", { class: "faint" }, [fields.species, fields.class, fields.background].filter(Boolean).join(" · ")),
      stats.length > 0 &&
        h(
          "div",
          { class: "figures" },
          stats.map(([name, value]) =>
            h("div", { class: "stat" }, h("b", null, String(value)), h("span", null, property(name)?.title ?? name)),
          ),
        ),
      fields.abilities && shown(property("abilities"), fields.abilities, { campaign: campaign.campaign_id }),
      SHOWN.filter((name) => fields[name]?.length && property(name)).map((name) =>
        h(
          "div",
          null,
          h("h3", { class: "small-head" }, property(name).title),
          shown(property(name), fields[name], { campaign: campaign.campaign_id, html: one.html?.[name] }),
        ),
      ),
      h(
        "p",
        { class: "card-foot" },
        icon("person"),
        player ? t("characters.playedBy", { name: player.display ?? player.name }) : t("characters.unplayed"),
      ),
    );
  }

  async function edit(one) {
    schema ??= await schemaOf("character");
    const trouble = h("div", { role: "alert" });
    const body = schemaForm({
      schema,
      values: one ? fieldsOf(one) : { level: campaign.level },
      campaign: campaign.campaign_id,
      without: ["image_id"],
    });
    const players = (campaign.members ?? []).filter((member) => member.role === "player");
    const player = select(
      [["", t("characters.unplayed")], ...players.map((member) => [member.account_id, member.display ?? member.name])],
      { value: one ? one.player : campaign.my_role === "player" ? me : "" },
    );
    const save = h(
      "button",
      { class: "button button--primary", type: "button", on: { click: send } },
      t("actions.save"),
    );
    const dialog = openDialog({
      title: one ? t("characters.editOne", { name: fieldsOf(one).name }) : t("characters.create"),
      wide: true,
      body: [master && h("div", { class: "form-intro" }, field(t("characters.player"), player)), body, trouble],
      actions: [
        one &&
          master &&
          h("button", { class: "button button--danger", type: "button", on: { click: drop } }, t("characters.remove")),
        h("span", { class: "grow" }),
        h("button", { class: "button", type: "button", on: { click: () => dialog.close() } }, t("actions.cancel")),
        save,
      ],
    });
    dialog.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && send());

    async function send() {
      fill(trouble);
      if (!body.check() || save.getAttribute("aria-busy")) return;
      save.setAttribute("aria-busy", "true");
      const who = master ? { player: player.value } : {};
      try {
        if (one)
          await api.patch(
            `${address}/${encodeURIComponent(one.character_id)}`,
            { fields: body.changes(), ...who },
            { version: one.version },
          );
        else await api.post(address, { fields: body.filled(), ...(player.value && master ? who : {}) });
        dialog.close();
        toast(t("characters.saved"));
        place.again();
      } catch (error) {
        if (!body.complain(error, explain(error))) fill(trouble, failure(error));
      } finally {
        save.removeAttribute("aria-busy");
      }
    }

    async function drop() {
      if (
        !(await confirmed({
          title: t("characters.remove"),
          text: t("characters.removeText", { name: fieldsOf(one).name }),
          confirm: t("characters.remove"),
          danger: true,
        }))
      )
        return;
      try {
        await api.remove(`${address}/${encodeURIComponent(one.character_id)}`, { version: one.version });
        dialog.close();
        toast(t("characters.removed"));
        place.again();
      } catch (error) {
        toastProblem(error);
      }
    }
  }

  view.render(page({ title: t("characters.title"), lead: t("characters.lead"), actions: [create()] }, place));
}
