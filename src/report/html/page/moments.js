// Lanes of moments: steps, wakes, kills, what happened to the path.

/** Those of `[at, …]` that are in view. */
function momentsInView(list, pen) {
  const first = lowerBound(list.length, (n) => list[n][0], pen.from);
  const last = lowerBound(list.length, (n) => list[n][0], pen.to + 1);
  return list.slice(first, last);
}

/** Moments that share a column. */
function byColumn(list, pen, width) {
  const groups = [];
  for (const moment of momentsInView(list, pen)) {
    const column = Math.floor(pen.x(moment[0]) / width);
    const last = groups.at(-1);
    if (last?.column === column) {
      last.moments.push(moment);
    } else {
      groups.push({ column, moments: [moment] });
    }
  }
  return groups;
}

/** Labelled moments in rows that do not touch; what has no room keeps its mark. */
function drawLabelled(pen, list, { y, rows: count, className, label, event }) {
  const shelf = new Shelf(count, -Infinity);
  const base = y + count * 16;
  let marks = "";
  let stems = "";
  for (const { moments } of byColumn(list, pen, 4)) {
    const [first] = moments;
    const x = pen.x(first[0]);
    const texts = [...new Set(moments.map(label))];
    const text = texts.length > 2 ? `${texts[0]} + ${moments.length - 1} more` : texts.join(", ");
    const width = textWidth(text) + 8;
    const flip = x + width > pen.right;
    const row = shelf.place(flip ? x - width : x, width);
    const top = y + Math.max(row, 0) * 16;
    if (row >= 0) {
      pen.text(flip ? x - 4 : x + 4, top + 8, text, "label " + className, flip ? "end" : "start");
      stems += `M${round(x)} ${top + 2}V${base}`;
    }
    marks += `M${round(x - 4)} ${base}h8l-4 7z`;
    pen.hit(x - 5, x + 5, y, base + 8, () => pen.tell(event, moments.map(([at]) => at)), first[0], event);
  }
  pen.add("path", { class: "wake-stem " + className, d: stems });
  pen.add("path", { class: "mark " + className, d: marks });
}

/** Wakes as high as their count within the window of the limit; a line where the limit is. */
function drawWakes(pen, list, { y, height, limit, most, words }) {
  const base = y + height;
  const scale = (height - 6) / most;
  const groups = byColumn(list, pen, 2);
  const reasons = new Map();
  for (const { moments } of groups) {
    const peak = moments.reduce((a, b) => (b[2] > a[2] ? b : a));
    const [at, reason, recent] = peak;
    const x = round(pen.x(at));
    const top = round(base - recent * scale);
    const over = limit && recent > limit[0] ? "over" : words[reason];
    reasons.set(over, (reasons.get(over) ?? "") + `M${x} ${base}V${top}`);
    pen.hit(x - 3, x + 3, y, base, () => pen.tell("wake", moments.map((moment) => moment[0])), at, "wake");
  }
  pen.add("path", { class: "axis-line", d: `M${pen.left} ${base}H${pen.right}` });
  for (const [name, path] of reasons) {
    pen.add("path", { class: "wake wake-" + name, d: path });
  }
  if (limit) {
    const top = round(base - limit[0] * scale);
    pen.add("path", { class: "limit", d: `M${pen.left} ${top}H${pen.right}` });
    pen.text(pen.right - 2, top + 8, `limit ${limit[0]} in ${span(limit[1])}`, "limit-label", "end");
  }
}

/** An end of the app: a cross with code and rule. */
function drawKills(pen, list, { y, words }) {
  const groups = byColumn(list, pen, 5);
  let taken = pen.left;
  let crosses = "";
  let lines = "";
  for (const [n, { moments }] of groups.entries()) {
    const [at, code, rule] = moments[0];
    const x = pen.x(at);
    const [left, right] = [round(x - 5), round(x + 5)];
    crosses += `M${left} ${y + 4}L${right} ${y + 14}M${left} ${y + 14}L${right} ${y + 4}`;
    lines += `M${round(x)} ${pen.top}V${pen.bottom}`;
    const more = moments.length > 1 ? ` + ${moments.length - 1} more` : "";
    // Behind its cross, or else before it, where no other is; the code alone where there is room for no more.
    const next = n + 1 < groups.length ? pen.x(groups[n + 1].moments[0][0]) - 8 : pen.right;
    const texts = [`${words[code]} ${words[rule]}${more}`, `${words[code]}${more}`];
    const behind = texts.find((text) => x + 10 + textWidth(text) <= next);
    const before = texts.find((text) => x - 10 - textWidth(text) >= taken);
    taken = x + 8;
    if (behind === texts[0] || (behind && before !== texts[0])) {
      pen.text(x + 9, y + 9, behind, "kill-label");
      taken = x + 10 + textWidth(behind);
    } else if (before) {
      pen.text(x - 9, y + 9, before, "kill-label", "end");
    }
    pen.hit(x - 6, x + 6, y, y + 18, () => pen.tell("kill", moments.map((moment) => moment[0])), at, "kill");
  }
  pen.add("path", { class: "kill-line", d: lines });
  pen.add("path", { class: "cross", d: crosses });
}
