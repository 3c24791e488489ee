// The lanes of one device over one axis.

/** No view is narrower than this, in microseconds. */
const NARROWEST = 200;
/** Narrower than this there is no room for names beside the lanes. */
const GUTTER_FROM = 640;

class Chart {
  constructor(data, events, vocabulary, onView) {
    Object.assign(this, { data, events, vocabulary, onView });
    this.end = data.duration;
    this.view = { from: 0, to: data.duration };
    this.drawing = svg("svg", { class: "chart", tabindex: 0, role: "group", "aria-roledescription": "timeline" });
    this.overview = svg("svg", { class: "overview", "aria-hidden": "true" });
    this.hits = [];
    this.selected = null;
    this.choose(data.devices[0]);
  }

  /** Draws another device from now on. */
  choose(device) {
    this.device = {
      number: device.device,
      states: rows(device.states, 3),
      client: rows(device.client, 2),
      server: rows(device.server, 2),
      wrong: rows(device.wrong, 2),
      reach: rows(device.reach, 3),
      network: rows(device.network, 3),
      troubles: rows(device.troubles, 3),
      marks: rows(device.marks, 2),
      steps: rows(device.steps, 2),
      wakes: rows(device.wakes, 3),
      kills: rows(device.kills, 3),
      flights: rows(device.flights, 7).map(flight),
    };
    this.draw();
  }

  /** The lanes from the top down; those in which nothing happened are left out. */
  lanes() {
    const { device, data, vocabulary } = this;
    const { words, limit } = data;
    const lanes = [];
    const lane = (name, height, draw, parts = []) => lanes.push({ name, height, draw, parts });
    if (device.steps.length) {
      const label = ([, number]) => data.steps[number - 1] ?? `step ${number}`;
      lane("steps", 40, (pen, y) => drawLabelled(pen, device.steps, { y, rows: 2, className: "step", label, event: "step" }));
    }
    lane("app", 24, (pen, y) =>
      drawBand(pen, device.states, {
        y,
        height: 24,
        className: (is) => vocabulary.states[is],
        label: (is) => vocabulary.states[is].replace("-", " "),
        say: ([, , is]) => ({ head: `app ${vocabulary.states[is].replace("-", " ")}` }),
      }),
    );
    if (device.kills.length) {
      lane("ended", 18, (pen, y) => drawKills(pen, device.kills, { y, words }));
    }
    if (device.wakes.length) {
      const peak = Math.max(limit ? limit[0] : 1, ...device.wakes.map((wake) => wake[2]).slice(0, 1e5));
      lane("wakes", 58, (pen, y) => drawWakes(pen, device.wakes, { y, height: 58, limit, most: peak, words }));
    }
    lane("connected", 58, (pen, y) => this.drawBeliefs(pen, y), [["phone believes", 8], ["server believes", 50]]);
    lane("reachable", 12, (pen, y) =>
      drawBand(pen, device.reach, {
        y,
        height: 12,
        className: (is) => (words[is] === "reachable" ? "reached" : "unreached"),
        say: ([, , is]) => ({
          head: words[is] === "reachable" ? "A push sent now is received" : "A push sent now is not received",
          text: this.meaning("reachable", "why", words[is]),
        }),
      }),
    );
    if (device.flights.length) {
      lane("pushes", 82, (pen, y) => drawPushes(pen, device.flights, { levels: [y + 22, y + 50, y + 76], words }), [
        ["push at server", 22],
        ["at the phone", 50],
        ["shown to user", 76],
      ]);
    }
    if (device.network.length) {
      lane("interface", 18, (pen, y) =>
        drawBand(pen, device.network, {
          y,
          height: 18,
          className: (is) => "net-" + words[is],
          label: (is) => words[is],
          say: ([, , is]) => ({ head: `interface ${words[is]}` }),
        }),
      );
    }
    this.addFaults(lane);
    return lanes;
  }

  /** A lane for each thing that was broken for a while, and one for each that happened to the path. */
  addFaults(lane) {
    const { device, data } = this;
    const { words } = data;
    for (const is of new Set(device.troubles.map((trouble) => trouble[2]))) {
      const list = device.troubles.filter((trouble) => trouble[2] === is);
      lane(words[is], 18, (pen, y) =>
        drawBand(pen, list, {
          y,
          height: 18,
          className: () => "trouble",
          label: (_, length) => `${words[is]} ${span(length)}`,
          say: () => ({ head: words[is] }),
        }),
      );
    }
    for (const is of new Set(device.marks.map((mark) => mark[1]))) {
      const list = device.marks.filter((mark) => mark[1] === is);
      const says = ([at]) => {
        const place = this.find(at, words[is]);
        const fields = place < 0 ? [] : fieldsOf(this.events, place, this.vocabulary, words);
        const cause = fields.find((field) => field.name !== "connection");
        return cause?.name === "idle" ? `idle ${cause.text}` : (cause?.text ?? words[is]);
      };
      const className = words[is] === "phase" ? "step" : "fault";
      lane(words[is].replace("-", " "), 24, (pen, y) =>
        drawLabelled(pen, list, { y, rows: 1, className, label: says, event: words[is] }),
      );
    }
  }

  drawBeliefs(pen, y) {
    const { device } = this;
    drawWrong(pen, device.wrong, { y, height: 58, labelY: y + 29 });
    for (const [name, list, top] of [
      ["phone", device.client, y],
      ["server", device.server, y + 42],
    ]) {
      pen.add("path", { class: "axis-line", d: `M${pen.left} ${top + 16}H${pen.right}` });
      drawBand(pen, list, {
        y: top,
        height: 16,
        className: () => "belief-" + name,
        label: () => "connected",
        say: () => ({ head: `The ${name} believes that it is connected` }),
      });
    }
  }

  draw() {
    const box = this.drawing.getBoundingClientRect();
    if (box.width === 0) {
      return;
    }
    const roomy = box.width >= GUTTER_FROM;
    const left = roomy ? 112 : 2;
    const lanes = this.lanes();
    const titled = roomy ? 0 : 16;
    const height = 30 + lanes.reduce((sum, lane) => sum + lane.height + titled + 10, 0);
    const layer = svg("g");
    this.hits = [];
    const pen = this.pen(layer, { left, right: Math.floor(box.width) - 6, top: 24, bottom: height - 4 });
    drawAxis(pen);
    let y = 28;
    for (const lane of lanes) {
      y += titled;
      this.drawNames(layer, lane, y, roomy);
      lane.draw(pen, y);
      y += lane.height + 10;
    }
    const clip = svg("clipPath", { id: "plot-clip" }, svg("rect", { x: left - 1, y: 0, width: pen.width + 6, height }));
    this.cursor = svg("g", { class: "cursor" });
    this.drawing.replaceChildren(clip, layer, this.cursor);
    this.drawing.setAttribute("height", height);
    this.drawing.setAttribute("viewBox", `0 0 ${Math.floor(box.width)} ${height}`);
    const { from, to } = this.view;
    this.drawing.dataset.from = from;
    this.drawing.dataset.to = to;
    const label = `Lanes of device ${this.device.number}, from ${clock(from)} to ${clock(to)}. Plus and minus zoom, arrows move, 0 shows the whole run.`;
    this.drawing.setAttribute("aria-label", label);
    this.current = pen;
    this.drawSelected(pen);
    this.drawOverview();
  }

  drawNames(layer, lane, y, roomy) {
    const name = lane.name;
    if (!roomy) {
      const parts = lane.parts.map(([part]) => part).join(" / ");
      layer.append(svg("text", { x: 2, y: y - 5, class: "lane-name" }, parts ? `${name}: ${parts}` : name));
      return;
    }
    if (lane.parts.length === 0) {
      layer.append(svg("text", { x: 0, y: y + lane.height / 2 + 4, class: "lane-name" }, name));
      return;
    }
    for (const [part, at] of lane.parts) {
      layer.append(svg("text", { x: 0, y: y + at + 4, class: "lane-name" }, part));
    }
  }

  /** What drawings of lanes draw with. */
  pen(layer, { left, right, top, bottom }) {
    const { from, to } = this.view;
    const width = right - left;
    const plot = svg("g", { "clip-path": "url(#plot-clip)" });
    layer.append(plot);
    return {
      from,
      to,
      left,
      right,
      top,
      bottom,
      width,
      end: this.end,
      x: (at) => left + ((at - from) / (to - from)) * width,
      time: (x) => from + ((x - left) / width) * (to - from),
      add: (name, attributes) => plot.append(svg(name, attributes)),
      text: (x, y, text, className, anchor = "start") =>
        plot.append(svg("text", { x: round(x), y: y + 4, class: className, "text-anchor": anchor }, text)),
      hit: (x0, x1, y0, y1, say, at, event) => this.hits.push({ x0, x1, y0, y1, say, at, event }),
      tell: (event, times) => this.tell(event, times),
    };
  }

  /** What is said of events of one kind that share a place. */
  tell(name, times) {
    const place = this.find(times[0], name);
    const head = times.length > 1 ? `${times.length} × ${name}` : name;
    const at = times.length > 1 ? `${clock(times[0])} – ${clock(times.at(-1))}` : clock(times[0]);
    if (place < 0) {
      return { head, at };
    }
    const kind = this.vocabulary.kinds[this.events.kind[place]];
    const fields = fieldsOf(this.events, place, this.vocabulary, this.data.words);
    const step = name === "step" ? fields.find((field) => field.name === "step") : null;
    const text = step ? this.data.steps[step.text - 1] : kind.doc;
    return { head, at, text, rows: fields.map((field) => [field.name, field.text, field.means]) };
  }

  /** The place of the event of this name at this time on this device; -1 when it is not listed. */
  find(at, name) {
    const { events, vocabulary } = this;
    for (let place = lowerBound(events.n, (n) => events.at[n], at); events.at[place] === at; place++) {
      const ours = events.owner[place] === 0 || events.owner[place] === this.device.number;
      if (ours && vocabulary.kinds[events.kind[place]].name === name) {
        return place;
      }
    }
    return -1;
  }

  meaning(kind, field, word) {
    const known = this.vocabulary.kinds.find((one) => one.name === kind);
    return known?.fields.find((one) => one.name === field)?.means?.[word] ?? word;
  }

  /** Shows the time from here to there, as far as the run has it. */
  show(from, to) {
    const length = Math.min(Math.max(to - from, NARROWEST), this.end);
    const begin = Math.max(0, Math.min((from + to - length) / 2, this.end - length));
    this.view = { from: Math.round(begin), to: Math.round(begin + length) };
    this.redraw();
    this.onView(this.view);
  }

  /** Once for all changes of a frame. */
  redraw() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.draw();
    });
  }

  /** Makes the view `factor` times as long; `at` stays where it is. */
  zoom(factor, at = (this.view.from + this.view.to) / 2) {
    const { from, to } = this.view;
    const length = Math.max((to - from) * factor, NARROWEST);
    const begin = at - ((at - from) / (to - from)) * length;
    this.show(begin, begin + length);
  }

  /** Moves the view by a part of its length. */
  pan(part) {
    const { from, to } = this.view;
    const by = Math.max(-from, Math.min((to - from) * part, this.end - to));
    this.show(from + by, to + by);
  }

  whole() {
    this.show(0, this.end);
  }

  /** Marks a time; moves the view there if it is outside. */
  select(at) {
    this.selected = at;
    const { from, to } = this.view;
    if (at < from || at > to) {
      const half = (to - from) / 2;
      this.show(at - half, at + half);
    } else {
      this.redraw();
    }
  }

  drawSelected(pen) {
    const at = this.selected;
    if (at === null || at < pen.from || at > pen.to) {
      return;
    }
    const x = round(pen.x(at));
    this.drawing.append(
      svg("path", { class: "selected", d: `M${x} ${pen.top}V${pen.bottom}` }),
      svg("path", { class: "selected-head", d: `M${x - 6} ${pen.top - 8}h12l-6 9z` }),
    );
  }

  /** The line under the pointer, with its time. */
  point(x) {
    const pen = this.current;
    if (!pen || x === null || x < pen.left || x > pen.right) {
      this.cursor?.replaceChildren();
      return;
    }
    const text = clock(pen.time(x));
    const half = textWidth(text) / 2 + 5;
    const middle = round(Math.max(pen.left + half, Math.min(x, pen.right - half)));
    this.cursor.replaceChildren(
      svg("path", { d: `M${round(x)} 20V${pen.bottom}` }),
      svg("rect", { x: middle - half, y: 1, width: 2 * half, height: 18, rx: 3 }),
      svg("text", { x: middle, y: 14, "text-anchor": "middle" }, text),
    );
  }

  /** What is drawn at a place: of several things the smallest. */
  hit(x, y) {
    const near = (hit) => x >= hit.x0 - 3 && x <= hit.x1 + 3 && y >= hit.y0 - 2 && y <= hit.y1 + 2;
    const size = (hit) => (hit.x1 - hit.x0) * (hit.y1 - hit.y0);
    return this.hits.filter(near).reduce((a, b) => (a && size(a) <= size(b) ? a : b), null);
  }

  /** The whole run in small, with what is in view. */
  drawOverview() {
    const width = Math.floor(this.overview.getBoundingClientRect().width);
    if (width === 0) {
      return;
    }
    const layer = svg("g");
    const pen = { from: 0, to: this.end, left: 0, right: width, width, x: (at) => (at / this.end) * width };
    for (const [is, path] of bandPaths(this.device.states, pen, 4, 12)) {
      layer.append(svg("path", { class: "band " + this.vocabulary.states[is], d: path }));
    }
    for (const path of bandPaths(this.device.wrong, pen, 17, 6).values()) {
      layer.append(svg("path", { class: "wrong", d: path }));
    }
    const { from, to } = this.view;
    const [x, end] = [pen.x(from), Math.max(pen.x(to), pen.x(from) + 3)];
    layer.append(
      svg("path", { class: "outside", d: box(0, 0, x, 26) + box(end, 0, width - end, 26) }),
      svg("rect", { class: "window", x: round(x) + 0.5, y: 0.5, width: Math.max(round(end - x) - 1, 2), height: 25, rx: 2 }),
    );
    this.overview.replaceChildren(layer);
  }
}
