import { fill, h, icon } from "../../dom.js";
import { number, t } from "../../i18n.js";
import { kindName } from "./kinds.js";

/**
 * The chosen node with its ties, the strongest first.
 *
 * @param {Element} place
 * @param {any} node
 * @param {ReturnType<typeof import("./scene.js").scene>} scene
 * @param {(node: any) => string | null} href where a node leads
 * @param {(id: string | null) => void} choose
 */
export function about(place, node, scene, href, choose) {
  const ties = scene.edges.filter((edge) => edge.from === node.id || edge.to === node.id);
  ties.sort((a, b) => Math.abs(b.weight ?? 0) - Math.abs(a.weight ?? 0));
  const way = href(node);
  const tie = (edge) => {
    const out = edge.from === node.id;
    const other = out ? edge.b : edge.a;
    return h(
      "li",
      { class: `gg-tie gg-${edge.sense}` },
      h("span", { class: "faint" }, `${out ? "→" : "←"} ${edge.label || kindName(edge.kind)}`),
      h("button", { type: "button", class: "link", on: { click: () => choose(other.id) } }, other.label),
      edge.weight == null
        ? null
        : h(
            "span",
            { class: "num faint" },
            number(edge.weight, { maximumFractionDigits: 2, signDisplay: edge.signed ? "exceptZero" : "auto" }),
          ),
    );
  };
  fill(
    place,
    h(
      "div",
      { class: "gg-about" },
      h("h3", null, way ? h("a", { href: way }, node.label) : node.label),
      h(
        "button",
        {
          type: "button",
          class: "button button--icon",
          "aria-label": t("graph.close"),
          on: { click: () => choose(null) },
        },
        icon("close"),
      ),
    ),
    h("p", { class: "faint" }, node.said.replace(`${node.label}, `, "")),
    h("ul", { class: "gg-ties" }, ties.slice(0, 40).map(tie)),
  );
}
