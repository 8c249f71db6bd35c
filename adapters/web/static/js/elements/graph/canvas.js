import { knee, named, outline } from "./scene.js";

/** Paints thousands of nodes on a canvas, in the colours that the style sheet gives. */
export class CanvasPainter {
  constructor() {
    this.view = document.createElement("canvas");
    this.view.className = "gg-canvas";
    this.view.setAttribute("aria-hidden", "true");
    this.paths = new Map();
  }

  draw(scene) {
    this.scene = scene;
  }

  look(camera, width, height) {
    if (!this.scene) return;
    const density = window.devicePixelRatio || 1;
    if (this.view.width !== Math.round(width * density) || this.view.height !== Math.round(height * density)) {
      this.view.width = Math.round(width * density);
      this.view.height = Math.round(height * density);
    }
    const style = getComputedStyle(this.view);
    const colour = (name) => style.getPropertyValue(name).trim();
    const pen = this.view.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.view.width, this.view.height);
    const scaled = density * camera.k;
    pen.setTransform(
      scaled,
      0,
      0,
      scaled,
      (width / 2 - camera.x * camera.k) * density,
      (height / 2 - camera.y * camera.k) * density,
    );
    this.#edges(pen, { good: colour("--gg-good"), bad: colour("--gg-bad"), plain: colour("--gg-plain") }, camera.k);
    this.#nodes(
      pen,
      Array.from({ length: 9 }, (_, i) => colour(`--hue-${i}`)),
      colour("--gg-paper"),
    );
    this.#names(pen, colour("--gg-text"), colour("--gg-paper"), camera.k, style.fontFamily);
  }

  #edges(pen, colours, k) {
    for (const edge of this.scene.edges) {
      pen.globalAlpha = edge.dim ? 0.08 : edge.lit ? 0.95 : 0.35;
      pen.strokeStyle = colours[edge.sense];
      pen.lineWidth = Math.max(edge.width, 0.7 / k);
      pen.setLineDash(edge.sense === "bad" ? [6, 4] : []);
      const [x, y] = knee(edge);
      pen.beginPath();
      pen.moveTo(edge.a.x, edge.a.y);
      pen.quadraticCurveTo(x, y, edge.b.x, edge.b.y);
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  #nodes(pen, hues, paper) {
    for (const node of [...this.scene.nodes].reverse()) {
      const key = `${node.shape}/${node.r.toFixed(1)}`;
      if (!this.paths.has(key)) this.paths.set(key, new Path2D(outline(node.shape, node.r)));
      pen.globalAlpha = node.dim ? 0.15 : 1;
      pen.save();
      pen.translate(node.x, node.y);
      pen.fillStyle = hues[node.hue];
      pen.strokeStyle = node.chosen ? hues[node.hue] : paper;
      pen.lineWidth = node.chosen ? 4 : 1.5;
      pen.stroke(this.paths.get(key));
      pen.fill(this.paths.get(key));
      pen.restore();
    }
  }

  #names(pen, text, paper, k, family) {
    const shown = named(this.scene.nodes, k);
    pen.font = `${11 / k}px ${family}`;
    pen.textAlign = "center";
    pen.textBaseline = "top";
    pen.lineWidth = 3 / k;
    pen.lineJoin = "round";
    this.scene.nodes.forEach((node) => {
      if (!shown.has(node.id)) return;
      pen.globalAlpha = 1;
      pen.strokeStyle = paper;
      pen.fillStyle = text;
      pen.strokeText(node.label, node.x, node.y + node.r + 3 / k);
      pen.fillText(node.label, node.x, node.y + node.r + 3 / k);
    });
  }

  focus() {
    // The canvas is one picture; the element says which node is chosen.
  }
}
