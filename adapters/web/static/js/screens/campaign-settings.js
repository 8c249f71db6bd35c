// Changing a campaign itself: its description, its state, its end.

import * as api from "../api.js";
import { reload } from "../campaign.js";
import { confirmed, openDialog } from "../elements/gm-dialog.js";
import { menuButton } from "../elements/gm-menu.js";
import { toast, toastProblem } from "../elements/gm-toast.js";
import { form } from "../field.js";
import { t } from "../i18n.js";
import { go, href } from "../router.js";
import { campaignFields } from "./campaigns.js";

/** The menu of a campaign, for who leads it. @param {import("../view.js").View} view */
export function campaignMenu(view) {
  const { campaign, master } = view;
  if (!master) return null;
  const address = `/api/campaigns/${encodeURIComponent(campaign.campaign_id)}`;
  const change = async (values) => {
    await api.patch(address, values, { version: campaign.etag ?? campaign.version });
    await reload(campaign.campaign_id);
    view.reload();
  };
  const status = (next) => ({
    label: t(`campaigns.make.${next}`),
    icon: { active: "play", paused: "pause", completed: "check" }[next],
    run: () => change({ status: next }).catch(toastProblem),
  });
  return menuButton({
    label: t("campaigns.settings"),
    icon: "more",
    class: "button button--icon",
    items: () =>
      [
        { label: t("campaigns.edit"), icon: "edit", run: () => edit(campaign, change) },
        ...["active", "paused", "completed"].filter((one) => one !== campaign.status).map(status),
        {
          label: t("spending.title"),
          icon: "decision",
          run: () => go(href("/c/:campaign/spending", { campaign: campaign.campaign_id })),
        },
        campaign.my_role === "owner" && {
          label: t("campaigns.archive"),
          icon: "trash",
          danger: true,
          run: () => archive(view, address),
        },
      ].filter(Boolean),
  });
}

function edit(campaign, change) {
  const dialog = openDialog({
    title: t("campaigns.edit"),
    body: form({
      fields: campaignFields(campaign),
      submit: t("actions.save"),
      cancel: () => dialog.close(),
      send: async (values) => {
        await change(values);
        dialog.close();
        toast(t("actions.saved"));
      },
    }),
  });
}

async function archive(view, address) {
  const sure = await confirmed({
    title: t("campaigns.archive"),
    text: t("campaigns.archiveText", { name: view.campaign.name }),
    confirm: t("campaigns.archive"),
    danger: true,
  });
  if (!sure) return;
  try {
    await api.remove(address, { version: view.campaign.etag ?? view.campaign.version });
    toast(t("campaigns.archived"));
    go("/campaigns");
  } catch (error) {
    toastProblem(error);
  }
}
