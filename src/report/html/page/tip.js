// The note beside the pointer.

class Tip {
  constructor() {
    this.element = html("div", { class: "tip", role: "tooltip", hidden: true });
    document.body.append(this.element);
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.hide());
  }

  /** Shows lines beside a point: `{ head, at, text, rows: [[name, value, meaning]] }`. */
  show({ head, at, text, rows = [] }, x, y) {
    const list = rows.map(([name, value, means]) =>
      html("div", {}, html("dt", {}, name), html("dd", {}, value, means ? html("small", {}, means) : null)),
    );
    this.element.replaceChildren(
      html("p", { class: "tip-head" }, html("b", {}, head), at ? html("time", {}, at) : null),
      ...(text ? [html("p", {}, text)] : []),
      ...(list.length ? [html("dl", {}, ...list)] : []),
    );
    this.element.hidden = false;
    const { width, height } = this.element.getBoundingClientRect();
    const left = x + 16 + width > innerWidth ? x - width - 16 : x + 16;
    const top = y + 16 + height > innerHeight ? y - height - 12 : y + 16;
    this.element.style.left = Math.max(4, Math.min(left, innerWidth - width - 4)) + "px";
    this.element.style.top = Math.max(4, top) + "px";
  }

  hide() {
    this.element.hidden = true;
  }
}
