// One scenario's page: its lanes, its list of events, and the buttons that lead from one to the other.

const LEGEND = [
  ["active", "active"],
  ["inactive", "inactive"],
  ["background", "background"],
  ["suspended", "suspended"],
  ["belief-phone", "phone believes"],
  ["belief-server", "server believes"],
  ["wrong-swatch", "they differ, or it is dead"],
  ["reached", "a push would be received"],
  ["unreached", "it would not"],
  ["trouble", "broken"],
];

function button(text, label, act) {
  const element = html("button", { type: "button", "aria-label": label, title: label }, text);
  element.addEventListener("click", act);
  return element;
}

class Scenario {
  constructor(article, data, vocabulary, tip) {
    this.article = article;
    this.data = data;
    this.events = unpackEvents(data.events, vocabulary.kinds);
    this.range = html("output", { class: "range", "aria-live": "polite" });
    this.chart = new Chart(data, this.events, vocabulary, (view) => this.moved(view));
    this.list = new List({
      events: this.events,
      data,
      vocabulary,
      onPick: (at) => this.chart.select(at),
    });
    gestures(this.chart, tip, (at, event) => this.pick(at, event));
    const legend = LEGEND.map(([name, text]) => html("li", {}, html("i", { class: "swatch " + name }), text));
    article
      .querySelector(".lanes")
      .replaceChildren(
        this.toolbar(),
        this.chart.drawing,
        this.chart.overview,
        html("ul", { class: "legend" }, ...legend),
        html("h3", {}, "Events"),
        this.list.element,
      );
    article.addEventListener("click", (event) => this.look(event.target.closest("[data-at]")));
    new ResizeObserver(() => this.chart.redraw()).observe(this.chart.drawing.parentElement);
    this.moved(this.chart.view);
    this.chart.draw();
    if (data.devices.length > 1) {
      this.list.of(this.chart.device.number);
    }
  }

  toolbar() {
    const { chart } = this;
    const bar = html(
      "div",
      { class: "toolbar", role: "toolbar", "aria-label": "Zoom" },
      button("−", "Zoom out", () => chart.zoom(2)),
      button("+", "Zoom in", () => chart.zoom(0.5)),
      button("←", "Earlier", () => chart.pan(-0.5)),
      button("→", "Later", () => chart.pan(0.5)),
      button("Whole run", "Show the whole run", () => chart.whole()),
      this.range,
    );
    if (this.data.devices.length > 1) {
      bar.prepend(this.selector());
    }
    const help = "Drag to zoom into a range, wheel to zoom, shift and drag to move; keys + − 0 ← →.";
    bar.append(html("span", { class: "help faint" }, help));
    return bar;
  }

  selector() {
    const options = this.data.devices.map(({ device }) =>
      html("option", { value: device }, `device ${device} of ${this.data.of}`),
    );
    this.select = html("select", { "aria-label": "Device" }, ...options);
    this.select.addEventListener("change", () => this.choose(Number(this.select.value)));
    return this.select;
  }

  /** Draws another device. */
  choose(number) {
    const device = this.data.devices.find((one) => one.device === number);
    if (!device || number === this.chart.device.number) {
      return;
    }
    this.select.value = String(number);
    this.chart.choose(device);
    this.list.of(number);
  }

  moved(view) {
    const { from, to } = view;
    const text = `${clock(from)} – ${clock(to)} (${span(to - from, 3)})`;
    this.range.textContent = text;
    this.list?.inView(view);
  }

  /** Marks an event in the list. */
  pick(at, name) {
    const place = this.chart.find(at, name);
    if (place >= 0) {
      this.list.mark(place);
      this.chart.select(at);
    }
  }

  /** Shows the moment that a button or a line of evidence speaks of. */
  look(element) {
    if (!element) {
      return;
    }
    const { at, device, from, to, event, moment } = element.dataset;
    this.choose(Number(device));
    const time = Number(moment ?? at);
    const [first, last] = from === undefined ? [time, time] : [Number(from), Number(to)];
    const { view, end } = this.chart;
    // Around it as much as makes the lanes readable; what is in view already is not zoomed out of.
    const least = from === undefined ? view.to - view.from : Math.max(end / 30, 2e6);
    const length = Math.max((last - first) * 1.2, least);
    const middle = from === undefined ? time : (first + last) / 2;
    this.chart.selected = Number(at);
    if (from !== undefined || time < view.from || time > view.to) {
      this.chart.show(Math.max(0, middle - length / 2), Math.min(end, middle + length / 2));
    }
    if (event) {
      this.pick(time, event);
    }
    this.chart.redraw();
    if (element.matches("button")) {
      this.chart.drawing.scrollIntoView({ block: "nearest" });
      this.chart.drawing.focus({ preventScroll: true });
    }
  }
}
