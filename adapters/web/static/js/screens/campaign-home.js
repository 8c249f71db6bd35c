// A campaign's first page.

import { t } from "../i18n.js";
import { page } from "../view.js";

/** @param {import("../view.js").View} view */
export function show(view) {
  view.title(t("home.title"));
  view.render(page({ title: view.campaign.name, lead: view.campaign.description }));
}
