/** What of a plane is looked at: `x`, `y` in the middle of the picture, `k` pixels for one unit. */
export class Camera {
  x = 0;
  y = 0;
  k = 1;

  /** Shows all of some places, with a margin. @param {[number, number][]} places */
  fit(places, width, height) {
    if (!places.length || !width || !height) return;
    const xs = places.map((place) => place[0]);
    const ys = places.map((place) => place[1]);
    const box = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    this.x = (box[0] + box[1]) / 2;
    this.y = (box[2] + box[3]) / 2;
    const margin = Math.min(70, width / 6);
    const wide = (width - 2 * margin) / Math.max(1, box[1] - box[0]);
    const high = (height - 2 * margin) / Math.max(1, box[3] - box[2]);
    this.k = Math.max(0.05, Math.min(1.6, wide, high));
  }

  /** Comes nearer or goes away; what is at a pixel stays there. */
  zoom(factor, px, py, width, height) {
    const k = Math.max(0.05, Math.min(6, this.k * factor));
    const [x, y] = this.place(px, py, width, height);
    this.k = k;
    this.x = x - (px - width / 2) / k;
    this.y = y - (py - height / 2) / k;
  }

  pan(dx, dy) {
    this.x -= dx / this.k;
    this.y -= dy / this.k;
  }

  /** The place at a pixel. */
  place(px, py, width, height) {
    return [this.x + (px - width / 2) / this.k, this.y + (py - height / 2) / this.k];
  }
}
