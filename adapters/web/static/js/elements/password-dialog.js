// Changing one's own password.

import * as api from "../api.js";
import { field, form, input } from "../field.js";
import { t } from "../i18n.js";
import { openDialog } from "./gm-dialog.js";
import { toast } from "./gm-toast.js";

/** Opens the dialog. */
export function openPasswordDialog() {
  const fields = {
    old: field(t("account.oldPassword"), input({ type: "password", autocomplete: "current-password", required: true })),
    new: field(t("account.newPassword"), input({ type: "password", autocomplete: "new-password", required: true }), {
      hint: t("account.passwordHint"),
    }),
  };
  const body = form({
    fields,
    submit: t("account.changePassword"),
    send: async (values) => {
      await api.post("/api/auth/password", values);
      dialog.close();
      toast(t("account.passwordChanged"));
    },
  });
  const dialog = openDialog({ title: t("account.changePassword"), body });
}
