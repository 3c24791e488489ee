// The list of events. Only the rows that can be seen are elements.

const ROW = 24;

class List {
  constructor({ events, data, vocabulary, onPick }) {
    Object.assign(this, { events, data, vocabulary, onPick });
    this.rows = [];
    this.selected = -1;
    this.filter = { text: "", lanes: new Set(vocabulary.lanes.keys()), story: events.n > 400, view: false };
    this.view = { from: 0, to: data.duration };
    this.device = 0;
    this.element = this.build();
    this.narrow();
  }

  build() {
    const { vocabulary, filter, events } = this;
    const change = (act) => (event) => {
      act(event.target);
      this.narrow();
    };
    const box = (text, checked, act) => {
      const input = html("input", { type: "checkbox", checked });
      input.addEventListener("change", change(act));
      return html("label", { class: "chip" }, input, text);
    };
    const search = html("input", {
      type: "search",
      placeholder: "Filter events: kill, push=…",
      "aria-label": "Filter events by text",
      autocomplete: "off",
      spellcheck: "false",
    });
    search.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => {
        filter.text = search.value.trim().toLowerCase();
        this.narrow();
      }, 120);
    });
    const lanes = vocabulary.lanes.map((name, lane) =>
      box(name, true, ({ checked }) => (checked ? filter.lanes.add(lane) : filter.lanes.delete(lane))),
    );
    const story = box("story only", filter.story, ({ checked }) => (filter.story = checked));
    const view = box("in view", filter.view, ({ checked }) => (filter.view = checked));
    this.count = html("output", { "aria-live": "polite", class: "count" });
    this.body = html("div", { class: "rows" });
    this.scroll = html(
      "div",
      { class: "scroll", tabindex: 0, role: "listbox", "aria-label": "Events" },
      this.body,
    );
    this.scroll.addEventListener("scroll", () => this.draw());
    this.scroll.addEventListener("keydown", (event) => this.key(event));
    this.scroll.addEventListener("click", (event) => {
      const row = event.target.closest("[data-row]");
      if (row) {
        this.pick(Number(row.dataset.row));
      }
    });
    const missing = this.data.events.of - events.n;
    const rest = this.data.events.routine ? "routine" : "routine, and what comes last";
    return html(
      "div",
      { class: "events" },
      html("div", { class: "filter" }, search, html("div", { class: "chips" }, story, view, ...lanes), this.count),
      missing > 0
        ? html("p", { class: "faint" }, `${missing.toLocaleString("en")} more events are not listed: ${rest}.`)
        : null,
      this.scroll,
    );
  }

  /** Finds again what is to be listed. */
  narrow() {
    const { events, filter, vocabulary, data } = this;
    const wanted = (n) => {
      const kind = vocabulary.kinds[events.kind[n]];
      const ours = this.device === 0 || events.owner[n] === 0 || events.owner[n] === this.device;
      if (!ours || !filter.lanes.has(kind.lane) || (filter.story && !events.story[n])) {
        return false;
      }
      if (filter.view && (events.at[n] < this.view.from || events.at[n] > this.view.to)) {
        return false;
      }
      if (!filter.text) {
        return true;
      }
      const text = `${kind.name} ${describe(events, n, vocabulary, data.words)}`;
      return text.toLowerCase().includes(filter.text);
    };
    this.rows = [];
    for (let n = 0; n < events.n; n++) {
      if (wanted(n)) {
        this.rows.push(n);
      }
    }
    const [shown, all] = [this.rows.length, events.n].map((n) => n.toLocaleString("en"));
    this.count.textContent = shown === all ? `${all} events` : `${shown} of ${all} events`;
    this.measure();
    this.draw();
  }

  /** As high as its rows, up to what fits a screen. */
  measure() {
    const height = Math.max(this.rows.length, 1) * ROW;
    this.body.style.height = height + "px";
    this.scroll.style.height = `min(${height + 16}px, 440px, 70vh)`;
  }

  draw() {
    const height = this.scroll.clientHeight || 400;
    const first = Math.max(0, Math.floor(this.scroll.scrollTop / ROW) - 6);
    const last = Math.min(this.rows.length, first + Math.ceil(height / ROW) + 12);
    const rows = [];
    for (let row = first; row < last; row++) {
      rows.push(this.row(row));
    }
    if (this.rows.length === 0) {
      rows.push(html("p", { class: "empty" }, "No event is like that."));
    }
    this.body.replaceChildren(...rows);
  }

  row(row) {
    const { events, vocabulary, data } = this;
    const n = this.rows[row];
    const kind = vocabulary.kinds[events.kind[n]];
    const lane = vocabulary.lanes[kind.lane];
    const element = html(
      "div",
      {
        role: "option",
        id: `event-${n}`,
        class: "row" + (events.story[n] ? " story" : ""),
        "aria-selected": String(n === this.selected),
        "aria-setsize": this.rows.length,
        "aria-posinset": row + 1,
        "data-row": row,
        title: kind.doc,
      },
      html("time", {}, clock(events.at[n])),
      html("i", { class: "lane-" + lane }, lane),
      html("b", {}, kind.name),
      html("span", {}, describe(events, n, vocabulary, data.words)),
    );
    element.style.top = row * ROW + "px";
    return element;
  }

  pick(row) {
    this.mark(this.rows[row]);
    this.onPick(this.events.at[this.selected]);
  }

  /** Marks an event and scrolls to it; shows it even where the filter leaves it out. */
  mark(n) {
    this.selected = n;
    const place = lowerBound(this.rows.length, (row) => this.rows[row], n);
    if (this.rows[place] !== n) {
      this.rows.splice(place, 0, n);
      this.measure();
    }
    const { scrollTop, clientHeight } = this.scroll;
    const top = place * ROW;
    if (top < scrollTop || top + ROW > scrollTop + clientHeight) {
      this.scroll.scrollTop = top - clientHeight / 2 + ROW;
    }
    this.scroll.setAttribute("aria-activedescendant", `event-${n}`);
    this.draw();
  }

  key(event) {
    const at = this.rows.indexOf(this.selected);
    const page = Math.floor(this.scroll.clientHeight / ROW);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: this.rows.length - 1,
    }[event.key];
    if (to !== undefined && this.rows.length) {
      event.preventDefault();
      this.pick(Math.max(0, Math.min(to, this.rows.length - 1)));
    }
  }

  /** Only what is of this device and of what all share; 0 for all. */
  of(device) {
    this.device = device;
    this.narrow();
  }

  inView(view) {
    this.view = view;
    if (this.filter.view) {
      this.narrow();
    }
  }
}
