import { tOr } from "../../i18n.js";

/** What a kind of node or edge is called. @param {string} kind */
export const kindName = (kind) => tOr(`graph.kinds.${kind}`, tOr(`kinds.${kind}`, kind.replaceAll("_", " ")));
