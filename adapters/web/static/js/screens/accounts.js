// Accounts, for administrators.

import * as api from "../api.js";
import { h, icon } from "../dom.js";
import { openDialog } from "../elements/gm-dialog.js";
import { menuButton } from "../elements/gm-menu.js";
import { toast, toastProblem } from "../elements/gm-toast.js";
import { field, form, input, select } from "../field.js";
import { t, when } from "../i18n.js";
import { user } from "../session.js";
import { page, region } from "../view.js";

const ROLES = ["player", "gamemaster", "operator", "admin"];

/** @param {import("../view.js").View} view */
export function show(view) {
  const place = region(view, async () => {
    const { items } = await api.get("/api/accounts", { signal: view.signal, query: { limit: 200 } });
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
            ["name", "role", "email", "signedIn"].map((one) => h("th", null, t(`accounts.${one}`))),
            h("th", null, h("span", { class: "visually-hidden" }, t("elements.actions"))),
          ),
        ),
        h("tbody", null, items.map(row)),
      ),
    );
  });
  const change = async (one, values, text) => {
    try {
      await api.patch(`/api/accounts/${encodeURIComponent(one.account_id)}`, values, { version: one.version });
      toast(text);
      place.again();
    } catch (error) {
      toastProblem(error);
    }
  };

  function row(one) {
    const self = one.account_id === user.get()?.account_id;
    const items = () => [
      ...ROLES.filter((role) => role !== one.role && !self).map((role) => ({
        label: t("members.make", { role: t(`roles.${role}`) }),
        icon: "person",
        run: () => change(one, { role }, t("members.changed", { name: one.name })),
      })),
      { label: t("accounts.setPassword"), icon: "key", run: () => setPassword(one) },
      ...(self
        ? []
        : [
            {
              label: t(one.disabled ? "accounts.enable" : "accounts.disable"),
              icon: one.disabled ? "check" : "close",
              danger: !one.disabled,
              run: () =>
                change(
                  one,
                  { disabled: !one.disabled },
                  t(one.disabled ? "accounts.enabled" : "accounts.disabled", { name: one.name }),
                ),
            },
          ]),
    ];
    return h(
      "tr",
      null,
      h(
        "td",
        null,
        h("b", null, one.display ?? one.name),
        one.display && one.display !== one.name && h("span", { class: "faint" }, ` ${one.name}`),
        one.disabled && h("span", { class: "badge badge--bad" }, t("accounts.off")),
      ),
      h("td", null, t(`roles.${one.role}`)),
      h("td", { class: "faint" }, one.email ?? "–"),
      h("td", { class: "faint" }, one.signed_in_at ? when(one.signed_in_at) : "–"),
      h(
        "td",
        { class: "num" },
        menuButton({
          label: t("members.actions", { name: one.name }),
          icon: "more",
          class: "button button--icon button--small",
          items,
        }),
      ),
    );
  }

  const password = (props) => input({ type: "password", autocomplete: "new-password", ...props });
  function setPassword(one) {
    const dialog = openDialog({
      title: t("accounts.setPassword"),
      body: form({
        fields: {
          password: field(t("account.newPassword"), password({ required: true }), { hint: t("account.passwordHint") }),
        },
        submit: t("accounts.setPassword"),
        cancel: () => dialog.close(),
        send: async (values) => {
          await api.patch(`/api/accounts/${encodeURIComponent(one.account_id)}`, values, { version: one.version });
          dialog.close();
          place.again();
          toast(t("accounts.passwordSet", { name: one.name }));
        },
      }),
    });
  }

  function create() {
    const dialog = openDialog({
      title: t("accounts.create"),
      body: form({
        fields: {
          name: field(
            t("accounts.name"),
            input({ required: true, maxlength: 64, autocapitalize: "none", spellcheck: "false" }),
            { hint: t("accounts.nameHint") },
          ),
          display: field(t("accounts.display"), input({ maxlength: 64 }), { optional: true }),
          email: field(t("accounts.email"), input({ type: "email" }), { optional: true }),
          role: field(
            t("accounts.role"),
            select(
              ROLES.map((role) => [role, t(`roles.${role}`)]),
              { value: "player" },
            ),
            { hint: t("accounts.roleHint") },
          ),
          password: field(t("account.newPassword"), password(), { optional: true, hint: t("accounts.passwordMade") }),
        },
        submit: t("accounts.create"),
        cancel: () => dialog.close(),
        send: async (values) => {
          const made = await api.post(
            "/api/accounts",
            Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "")),
          );
          dialog.close();
          place.again();
          if (made.password) tellPassword(made);
          else toast(t("accounts.created", { name: made.name }));
        },
      }),
    });
  }

  /** A password that was made up is told this once. */
  function tellPassword(made) {
    const secret = h("code", { class: "told-password" }, made.password);
    openDialog({
      title: t("accounts.created", { name: made.name }),
      body: [
        h("p", null, t("accounts.tellPassword")),
        secret,
        h(
          "button",
          {
            class: "button",
            type: "button",
            on: {
              click: () =>
                navigator.clipboard?.writeText(made.password).then(() => toast(t("actions.copied")), toastProblem),
            },
          },
          icon("copy"),
          t("actions.copy"),
        ),
      ],
    });
  }

  view.render(
    page(
      {
        title: t("accounts.title"),
        lead: t("accounts.lead"),
        actions: [
          h(
            "button",
            { class: "button button--primary", type: "button", on: { click: create } },
            icon("plus"),
            t("accounts.create"),
          ),
        ],
      },
      place,
    ),
  );
}
