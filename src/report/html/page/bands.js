// Lanes of stretches: what was so from when to when. A drawing gets a `pen`: where times are, where to draw, and
// where to say what is there.

/** More stretches than this in view are drawn by columns. */
const MOST_APART = 2000;

/** The stretches `[from, length, is]` that are in view. */
function inView(list, pen) {
  const first = lowerBound(list.length, (n) => list[n][0] + list[n][1], pen.from);
  const last = lowerBound(list.length, (n) => list[n][0], pen.to);
  return list.slice(first, last);
}

/** Paths of all stretches, one for each thing that they are. */
function bandPaths(list, pen, y, height) {
  const paths = new Map();
  const add = (is, part) => paths.set(is, (paths.get(is) ?? "") + part);
  const seen = inView(list, pen);
  if (seen.length <= MOST_APART) {
    for (const [from, length, is = 0] of seen) {
      const x = pen.x(Math.max(from, pen.from));
      add(is, box(x, y, pen.x(Math.min(from + length, pen.to)) - x, height));
    }
    return paths;
  }
  // Of what is too narrow to be told apart, each column shows how much there was of each.
  const columns = Math.ceil(pen.width);
  const cover = new Map();
  for (const [from, length, is = 0] of seen) {
    if (!cover.has(is)) {
      cover.set(is, new Float32Array(columns + 1));
    }
    const of = cover.get(is);
    const begin = pen.x(Math.max(from, pen.from)) - pen.left;
    const end = pen.x(Math.min(from + length, pen.to)) - pen.left;
    for (let column = Math.floor(begin); column <= Math.floor(end); column++) {
      of[column] += Math.min(end, column + 1) - Math.max(begin, column);
    }
  }
  const base = new Float32Array(columns + 1);
  for (const is of [...cover.keys()].sort((a, b) => a - b)) {
    const of = cover.get(is);
    for (let column = 0; column < columns; column++) {
      const high = Math.min(of[column], 1 - base[column]) * height;
      if (high > 0.2) {
        add(is, box(pen.left + column, round(y + height - base[column] * height - high), 1, round(high)));
        base[column] += high / height;
      }
    }
  }
  return paths;
}

/** A lane of stretches with a class for each thing they are; `label` and `say` tell about one. */
function drawBand(pen, list, { y, height, className, label, say }) {
  for (const [is, path] of bandPaths(list, pen, y, height)) {
    pen.add("path", { class: "band " + className(is), d: path });
  }
  const seen = inView(list, pen);
  if (seen.length > MOST_APART) {
    return;
  }
  for (const stretch of seen) {
    const [from, length, is] = stretch;
    const x = pen.x(Math.max(from, pen.from));
    const width = pen.x(Math.min(from + length, pen.to)) - x;
    const text = label && width > 24 ? shorten(label(is, length), width - 8) : "";
    if (text) {
      pen.text(x + width / 2, y + height / 2, text, "label in-" + className(is), "middle");
    }
    if (say) {
      pen.hit(x, x + width, y, y + height, () => ({
        at: `${clock(from)} – ${clock(from + length)}`,
        rows: [["for", span(length, 3)]],
        ...say(stretch),
      }));
    }
  }
}

/** Where the two beliefs differ: shaded over both, with how long between them. */
function drawWrong(pen, list, { y, height, labelY }) {
  const paths = bandPaths(list, pen, y, height);
  for (const path of paths.values()) {
    pen.add("path", { class: "wrong", d: path });
  }
  const seen = inView(list, pen);
  if (seen.length > MOST_APART) {
    return;
  }
  const shelf = new Shelf(1, pen.left);
  for (const [from, length] of seen) {
    const x = pen.x(Math.max(from, pen.from));
    const width = pen.x(Math.min(from + length, pen.to)) - x;
    const text = span(length);
    const room = textWidth(text) + 8;
    const begin = Math.max(pen.left, Math.min(x + width / 2 - room / 2, pen.right - room));
    if (shelf.place(begin, room - 6) === 0) {
      const fits = width >= room;
      pen.add("rect", { class: "plate", x: round(begin), y: labelY - 8, width: room, height: 16, rx: 3 });
      pen.text(begin + room / 2, labelY, text, fits ? "wrong-label" : "wrong-label small", "middle");
    }
    pen.hit(x, x + Math.max(width, 3), y, y + height, () => ({
      head: "Phone and server are wrong",
      at: `${clock(from)} – ${clock(from + length)}`,
      text: "They do not believe in the same connection, or in one that is dead.",
      rows: [["for", span(length, 3)]],
    }));
  }
}
