// About this program: version, licences and whose words the reference data are.

import * as api from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { page, region } from "../view.js";

/** @param {import("../view.js").View} view */
export function show(view) {
  view.render(
    page(
      { title: t("about.title"), lead: t("about.lead") },
      region(view, async () => {
        const found = await api.get("/api/refdata", { signal: view.signal });
        return h("pre", { class: "mono" }, JSON.stringify(found, null, 2));
      }),
    ),
  );
}
