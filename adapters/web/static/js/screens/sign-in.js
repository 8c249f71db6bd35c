// Signing in.

import { Problem } from "../api.js";
import { h, icon } from "../dom.js";
import { field, form, input } from "../field.js";
import { t } from "../i18n.js";
import { signIn } from "../session.js";

/** @param {import("../view.js").View} view */
export function show(view) {
  const name = input({ autocomplete: "username", required: true, autocapitalize: "none", spellcheck: "false" });
  const password = input({ type: "password", autocomplete: "current-password", required: true });
  view.render(
    h(
      "div",
      { class: "sign-in" },
      h("div", { class: "sign-in-head" }, icon("mark"), h("h1", null, "Lorestream"), h("p", null, t("signIn.lead"))),
      form({
        fields: { name: field(t("signIn.name"), name), password: field(t("signIn.password"), password) },
        submit: t("signIn.submit"),
        send: async (values) => {
          try {
            await signIn(values.name, values.password);
          } catch (error) {
            throw error.status === 401 ? new Problem(401, { told: t("signIn.wrong") }) : error;
          }
        },
      }),
      h("p", { class: "hint" }, t("signIn.first"), " ", h("code", null, "lorestream user add")),
    ),
  );
  name.focus();
}
