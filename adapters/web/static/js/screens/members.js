// Who belongs to a campaign, as what; inviting, promoting, handing over.

import * as api from "../api.js";
import { reload } from "../campaign.js";
import { h, icon } from "../dom.js";
import { combo } from "../elements/gm-combo.js";
import { confirmed, openDialog } from "../elements/gm-dialog.js";
import { menuButton } from "../elements/gm-menu.js";
import { toast, toastProblem } from "../elements/gm-toast.js";
import { field, form, select } from "../field.js";
import { t, when } from "../i18n.js";
import { user } from "../session.js";
import { page, region } from "../view.js";

const GIVEN = ["player", "observer", "cogm"];

/** @param {import("../view.js").View} view */
export function show(view) {
  const { campaign, master } = view;
  const address = `/api/campaigns/${encodeURIComponent(campaign.campaign_id)}/members`;
  const me = user.get()?.account_id;
  const place = region(view, async () => {
    const answer = await api.get(address, { signal: view.signal });
    const items = answer.items ?? answer;
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
            h("th", null, t("members.name")),
            h("th", null, t("members.role")),
            h("th", null, t("members.since")),
            h("th", null, h("span", { class: "visually-hidden" }, t("elements.actions"))),
          ),
        ),
        h("tbody", null, items.map(row)),
      ),
    );
  });

  const done = async (text) => {
    toast(text);
    await reload(campaign.campaign_id).catch(() => {});
    place.again();
  };
  const act = (work) => work().catch(toastProblem);

  function row(one) {
    const name = one.display ?? one.name;
    const owner = one.role === "owner";
    const actions = () => [
      ...GIVEN.filter((role) => role !== one.role).map((role) => ({
        label: t("members.make", { role: t(`memberRoles.${role}`) }),
        icon: "person",
        run: () =>
          act(
            async () => (
              await api.patch(`${address}/${encodeURIComponent(one.account_id)}`, { role }),
              done(t("members.changed", { name }))
            ),
          ),
      })),
      ...(campaign.my_role === "owner"
        ? [{ label: t("members.handOver"), icon: "star", run: () => handOver(one, name) }]
        : []),
      { label: t("members.remove"), icon: "trash", danger: true, run: () => removeOne(one, name) },
    ];
    return h(
      "tr",
      null,
      h("td", null, h("b", null, name), one.account_id === me && h("span", { class: "badge" }, t("members.you"))),
      h("td", null, t(`memberRoles.${one.role}`)),
      h("td", { class: "faint" }, one.joined_at ? when(one.joined_at) : "–"),
      h(
        "td",
        { class: "num" },
        master && !owner
          ? menuButton({
              label: t("members.actions", { name }),
              icon: "more",
              class: "button button--icon button--small",
              items: actions,
            })
          : one.account_id === me &&
              !owner &&
              h(
                "button",
                { class: "button button--small", type: "button", on: { click: () => removeOne(one, name) } },
                t("members.leave"),
              ),
      ),
    );
  }

  async function removeOne(one, name) {
    const self = one.account_id === me;
    if (
      !(await confirmed({
        title: self ? t("members.leave") : t("members.remove"),
        text: self ? t("members.leaveText") : t("members.removeText", { name }),
        confirm: self ? t("members.leave") : t("members.remove"),
        danger: true,
      }))
    )
      return;
    act(async () => {
      await api.remove(`${address}/${encodeURIComponent(one.account_id)}`);
      if (self) location.hash = "#/campaigns";
      else done(t("members.removed", { name }));
    });
  }

  async function handOver(one, name) {
    if (
      !(await confirmed({
        title: t("members.handOver"),
        text: t("members.handOverText", { name }),
        confirm: t("members.handOver"),
      }))
    )
      return;
    act(async () => {
      await api.post(`/api/campaigns/${encodeURIComponent(campaign.campaign_id)}/owner`, {
        account_id: one.account_id,
      });
      await done(t("members.handedOver", { name }));
      view.reload();
    });
  }

  function invite() {
    let chosen = null;
    const say = h("p", { class: "hint" });
    const who = combo({
      label: t("members.who"),
      placeholder: t("members.findName"),
      search: async (q) =>
        ((answer) =>
          (answer.items ?? answer).map((one) => ({
            value: one,
            label: one.display ?? one.name,
            hint: one.name,
            icon: "person",
          })))(await api.get("/api/accounts/names", { query: { q } })),
      pick: (one) => {
        chosen = one.value;
        say.textContent = t("members.chosen", { name: one.label });
      },
    });
    const fields = {
      account_id: field(t("members.who"), who, { hint: t("members.whoHint") }),
      role: field(
        t("members.role"),
        select(
          GIVEN.map((role) => [role, t(`memberRoles.${role}`)]),
          { value: "player" },
        ),
      ),
    };
    const dialog = openDialog({
      title: t("members.invite"),
      body: form({
        fields,
        tail: say,
        submit: t("members.invite"),
        cancel: () => dialog.close(),
        send: async ({ role }) => {
          if (!chosen) return fields.account_id.complain(t("members.chooseOne"));
          await api.post(address, { account_id: chosen.account_id, role });
          dialog.close();
          done(t("members.invited", { name: chosen.display ?? chosen.name }));
        },
      }),
    });
  }

  view.render(
    page(
      {
        title: t("members.title"),
        lead: t(view.master ? "members.lead" : "members.leadPlayer"),
        actions: [
          master &&
            h(
              "button",
              { class: "button button--primary", type: "button", on: { click: invite } },
              icon("plus"),
              t("members.invite"),
            ),
        ],
      },
      place,
    ),
  );
}
