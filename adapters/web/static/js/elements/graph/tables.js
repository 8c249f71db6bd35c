import { fill, h } from "../../dom.js";
import { number, t } from "../../i18n.js";
import { sheet } from "../sheet.js";
import { kindName } from "./kinds.js";

/**
 * The same as the picture, in two tables: who is tied to whom, and everybody.
 *
 * @param {Element} place
 * @param {ReturnType<typeof import("./scene.js").scene>} scene
 * @param {(node: any) => string | null} href where a node leads
 * @param {string} empty what to say without nodes
 */
export function tables(place, scene, href, empty) {
  const link = (node) => (href(node) ? h("a", { href: href(node) }, node.label) : node.label);
  fill(
    place,
    h("h3", null, t("graph.edges")),
    sheet({
      label: t("graph.edges"),
      columns: [
        { title: t("graph.from"), value: (edge) => edge.a.label, cell: (edge) => link(edge.a) },
        { title: t("graph.relation"), value: (edge) => edge.label || kindName(edge.kind) },
        { title: t("graph.to"), value: (edge) => edge.b.label, cell: (edge) => link(edge.b) },
        {
          title: t("graph.weight"),
          numeric: true,
          value: (edge) => edge.weight ?? null,
          cell: (edge) => (edge.weight == null ? "–" : number(edge.weight, { maximumFractionDigits: 2 })),
        },
      ],
      rows: scene.edges,
      empty: t("graph.noEdges"),
    }),
    h("h3", null, t("graph.nodes")),
    sheet({
      label: t("graph.nodes"),
      columns: [
        { title: t("graph.name"), value: (node) => node.label, cell: link },
        { title: t("graph.kind"), value: (node) => kindName(node.kind) },
        { title: t("graph.ties"), numeric: true, value: (node) => node.ties, cell: (node) => number(node.ties) },
      ],
      rows: scene.nodes,
      empty: empty,
    }),
  );
}
