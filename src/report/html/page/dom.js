// Elements. Text goes in as text only, so that nothing in a scenario becomes markup.

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const html = (name, attributes = {}, ...children) =>
  fill(document.createElement(name), attributes, children);

const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

const round = (n) => Math.round(n * 100) / 100;

/** A rectangle as a part of a path. */
const box = (x, y, width, height) => `M${round(x)} ${y}h${round(width)}v${height}h${-round(width)}z`;

/** How wide a text is about, at the size at which lanes are labelled. */
const textWidth = (text) => text.length * 6.3;

function shorten(text, width) {
  const most = Math.floor(width / 6.3);
  if (text.length <= most) {
    return text;
  }
  return most < 4 ? "" : text.slice(0, most - 1) + "…";
}

/** Rows of labels that do not touch: the first row with room from `x` on for `width`, and nothing below it there that a
 * line down would cross; or -1. */
class Shelf {
  constructor(count, from) {
    this.ends = new Array(count).fill(from);
  }

  place(x, width) {
    const row = this.ends.findIndex((_, n) => this.ends.slice(n).every((end) => end <= x));
    if (row >= 0) {
      this.ends[row] = x + width + 6;
    }
    return row;
  }
}
