// Time to places, and ticks at times that people count in.

const STEPS = [1, 2, 5]
  .flatMap((n) => [1, 10, 100, 1e3, 1e4, 1e5].map((of) => n * of))
  .concat([1, 2, 5, 10, 15, 30].map((n) => n * SECOND))
  .concat([1, 2, 5, 10, 15, 30].map((n) => n * MINUTE))
  .concat([1, 2, 3, 4, 6, 12].map((n) => n * HOUR))
  .concat([1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY))
  .sort((a, b) => a - b);

/** What is said of a tick, where ticks are `step` apart. */
function tickText(at, step) {
  if (at === 0) {
    return "0";
  }
  if (step >= SECOND) {
    return span(at, 4);
  }
  const below = at % SECOND;
  const whole = at - below;
  const digits = step >= 1e5 ? 1 : step >= 1e4 ? 2 : step >= 1e3 ? 3 : step >= 100 ? 4 : step >= 10 ? 5 : 6;
  const rest = (below / SECOND).toFixed(digits).slice(1);
  const seconds = (whole % MINUTE) / SECOND;
  const before = whole >= MINUTE ? span(whole - (whole % MINUTE), 3) + " " : "";
  return `${before}${seconds}${rest} s`;
}

/** The distance between ticks of a view: the smallest that leaves room for what is said of them. */
function tickStep(from, to, width) {
  const fits = (step) => {
    const count = (to - from) / step;
    if (count > width / 30) {
      return false;
    }
    let widest = 0;
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
      widest = Math.max(widest, textWidth(tickText(at, step)));
    }
    return count * (widest + 22) <= width;
  };
  return STEPS.find(fits) ?? to - from;
}

function drawAxis(pen) {
  const step = tickStep(pen.from, pen.to, pen.width);
  let lines = "";
  let taken = -Infinity;
  for (let at = Math.ceil(pen.from / step) * step; at <= pen.to; at += step) {
    const x = round(pen.x(at));
    lines += `M${x} 20V${pen.bottom}`;
    const text = tickText(at, step);
    const half = textWidth(text) / 2;
    const anchor = x - half < pen.left ? "start" : x + half > pen.right ? "end" : "middle";
    const begin = anchor === "start" ? x : anchor === "end" ? x - 2 * half : x - half;
    if (begin > taken + 8) {
      pen.text(x, 10, text, "tick", anchor);
      taken = begin + 2 * half;
    }
  }
  pen.add("path", { class: "grid", d: lines });
}
