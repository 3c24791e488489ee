// The way of each push, from the server at the top to the user at the bottom.

/** More pushes than this in view have no names. */
const MOST_NAMED = 300;

/** `[push, accepted, sent, received, notified, dropped, fate]`: later times after acceptance, and one more. */
function flight([push, accepted, sent, received, notified, dropped, fate]) {
  const later = (after) => (after > 0 ? accepted + after - 1 : null);
  const times = [sent, received, notified, dropped].map(later);
  return { push, accepted, sent: times[0], received: times[1], notified: times[2], dropped: times[3], fate };
}

/** When its way was over, if it was. */
const overAt = (one) => one.notified ?? one.received ?? one.dropped;

/** What is drawn of a push: the line of its way, its stations, and a cross where it ended badly. */
function way(one, pen, [server, phone, user]) {
  const x = (at) => round(Math.max(pen.left - 20, Math.min(pen.x(at), pen.right + 20)));
  const begin = x(one.accepted);
  const dots = { accepted: `M${begin} ${server}h0`, phone: "", user: "" };
  if (one.received !== null) {
    const leaves = x(one.sent ?? one.accepted);
    let line = `M${begin} ${server}H${leaves}L${x(one.received)} ${phone}`;
    dots.phone = `M${x(one.received)} ${phone}h0`;
    if (one.notified !== null) {
      line += `L${x(one.notified)} ${user}`;
      dots.user = `M${x(one.notified)} ${user}h0`;
    }
    return { line, lost: "", cross: "", dots };
  }
  const end = x(one.dropped ?? pen.end);
  const [half, stays] = [(server + phone) / 2, one.sent === null];
  // Written and never read: it falls, and does not land.
  const line = stays ? `M${begin} ${server}H${end}` : `M${begin} ${server}H${x(one.sent)}V${half}H${end}`;
  const at = one.dropped === null && !stays ? x(one.sent) : end;
  const y = stays ? server : half;
  const cross = `M${at - 4} ${y - 4}l8 8M${at - 4} ${y + 4}l8 -8`;
  return { line: "", lost: line, cross, dots };
}

function fateOf(one, words) {
  if (one.received !== null) {
    return null;
  }
  if (one.dropped !== null) {
    return words[one.fate];
  }
  return one.sent === null ? "never sent" : "never read";
}

function sayFlight(one, words) {
  const after = (at) => (at === null ? "never" : `${clock(at)}, after ${span(at - one.accepted, 3)}`);
  const rows = [
    ["sent", after(one.sent)],
    ["received", after(one.received)],
    ["notified", after(one.notified)],
  ];
  if (one.dropped !== null) {
    rows.push(["given up", `${after(one.dropped)}: ${words[one.fate]}`]);
  }
  const fate = fateOf(one, words);
  return {
    head: `push ${words[one.push]}`,
    at: clock(one.accepted),
    text: fate ? `Lost: ${fate}.` : undefined,
    rows,
  };
}

/** All pushes that are under way in view; `levels` are the heights of server, phone and user. */
function drawPushes(pen, flights, { levels, words }) {
  const seen = flights.filter((one) => one.accepted <= pen.to && (overAt(one) ?? pen.end) >= pen.from);
  for (const [name, y] of [
    ["server", levels[0]],
    ["phone", levels[1]],
    ["user", levels[2]],
  ]) {
    pen.add("path", { class: "level level-" + name, d: `M${pen.left} ${y}H${pen.right}` });
  }
  const paths = { line: "", lost: "", cross: "", accepted: "", phone: "", user: "" };
  const shelf = new Shelf(1, -Infinity);
  for (const one of seen) {
    const { line, lost, cross, dots } = way(one, pen, levels);
    paths.line += line;
    paths.lost += lost;
    paths.cross += cross;
    for (const name of ["accepted", "phone", "user"]) {
      paths[name] += dots[name];
    }
    const x = Math.max(pen.left, pen.x(one.accepted));
    const fate = fateOf(one, words);
    const end = Math.max(x + 6, Math.min(pen.right, pen.x(overAt(one) ?? one.sent ?? pen.end)));
    if (seen.length <= MOST_NAMED) {
      const text = fate ? `${words[one.push]}: ${fate}` : words[one.push];
      const width = textWidth(text) + 4;
      const flip = x + width > pen.right;
      if (shelf.place(flip ? x - width : x, width) === 0) {
        pen.text(x, levels[0] - 11, text, fate ? "push-label lost" : "push-label", flip ? "end" : "start");
      }
    }
    pen.hit(x - 4, end + 4, levels[0] - 8, levels[2] + 5, () => sayFlight(one, words), one.accepted, "server.push-accepted");
  }
  pen.add("path", { class: "way lost", d: paths.lost });
  pen.add("path", { class: "way", d: paths.line });
  pen.add("path", { class: "station accepted", d: paths.accepted });
  pen.add("path", { class: "station read", d: paths.phone });
  pen.add("path", { class: "station shown", d: paths.user });
  pen.add("path", { class: "cross", d: paths.cross });
}
