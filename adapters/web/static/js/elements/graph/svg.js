import { fill, s } from "../../dom.js";
import { knee, named, outline } from "./scene.js";

/** Paints up to about 300 nodes as SVG: each can be focused and read out. */
export class SvgPainter {
  constructor() {
    this.edges = s("g");
    this.nodes = s("g");
    this.world = s("g", null, this.edges, this.nodes);
    const arrow = s("marker", {
      id: "gg-arrow",
      viewBox: "0 0 8 8",
      refX: 7,
      refY: 4,
      markerWidth: 8,
      markerHeight: 8,
      markerUnits: "userSpaceOnUse",
      orient: "auto",
    });
    arrow.append(s("path", { d: "M0 1L7 4L0 7Z", fill: "context-stroke" }));
    this.view = s("svg", { class: "gg-svg" }, s("defs", null, arrow), this.world);
  }

  draw(scene) {
    this.scene = scene;
    const focused = document.activeElement?.closest?.(".gg-node")?.dataset.id;
    fill(this.edges, scene.edges.map(line));
    this.items = new Map(scene.nodes.map((node) => [node.id, item(node)]));
    fill(this.nodes, [...this.items.values()].reverse());
    const stop = scene.nodes.find((node) => node.chosen) ?? scene.nodes[0];
    if (stop) this.items.get(stop.id).setAttribute("tabindex", "0");
    if (focused) this.focus(focused);
    this.k = 0;
  }

  look(camera, width, height) {
    this.world.setAttribute(
      "transform",
      `translate(${width / 2 - camera.x * camera.k} ${height / 2 - camera.y * camera.k}) scale(${camera.k})`,
    );
    this.world.style.setProperty("--gg-k", String(camera.k));
    if (!this.scene || this.k === camera.k) return;
    this.k = camera.k;
    const shown = named(this.scene.nodes, camera.k);
    for (const [id, item] of this.items) item.classList.toggle("gg-nameless", !shown.has(id));
  }

  focus(id) {
    const element = this.items.get(id);
    if (!element) return;
    for (const other of this.nodes.querySelectorAll('[tabindex="0"]')) other.setAttribute("tabindex", "-1");
    element.setAttribute("tabindex", "0");
    element.focus({ preventScroll: true });
  }
}

function line(edge) {
  const [kx, ky] = knee(edge);
  const { a, b } = edge;
  const length = Math.hypot(b.x - kx, b.y - ky) || 1;
  const end = [b.x - ((b.x - kx) / length) * (b.r + 2), b.y - ((b.y - ky) / length) * (b.r + 2)];
  const path = s("path", {
    class: `gg-edge gg-${edge.sense}${edge.dim ? " gg-dim" : ""}${edge.lit ? " gg-lit" : ""}`,
    d: `M${a.x} ${a.y}Q${kx.toFixed(1)} ${ky.toFixed(1)} ${end[0].toFixed(1)} ${end[1].toFixed(1)}`,
    "stroke-width": edge.width.toFixed(1),
    "marker-end": "url(#gg-arrow)",
  });
  path.append(s("title", null, `${a.label} → ${b.label}: ${edge.label || edge.kind}`));
  return path;
}

function item(node) {
  const group = s("g", {
    class: `gg-node hue-${node.hue}${node.dim ? " gg-dim" : ""}${node.chosen ? " gg-chosen" : ""}`,
    transform: `translate(${node.x} ${node.y})`,
    role: "button",
    tabindex: "-1",
    "aria-label": node.said,
    "aria-pressed": String(node.chosen),
    "data-id": node.id,
  });
  group.append(
    s("path", { class: "gg-shape", d: outline(node.shape, node.r) }),
    s("text", { class: "gg-name", dy: node.r, "aria-hidden": "true" }, node.label),
  );
  return group;
}
