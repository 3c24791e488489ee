// Wheel, drag, pinch and keys on the lanes.

function gestures(chart, tip, onPick) {
  const { drawing, overview } = chart;
  const pointers = new Map();
  let drag = null;
  let shade = null;

  const place = (event) => {
    const { left, top } = drawing.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };

  drawing.addEventListener(
    "wheel",
    (event) => {
      const { from, to } = chart.view;
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      const whole = from <= 0 && to >= chart.end;
      // The page scrolls on where there is nothing to zoom out of.
      if (!sideways && event.deltaY > 0 && whole) {
        return;
      }
      event.preventDefault();
      const by = event.deltaMode === 1 ? 30 : 1;
      if (sideways) {
        chart.pan(((event.deltaX || event.deltaY) * by) / 1000);
      } else {
        chart.zoom(Math.exp(Math.max(-240, Math.min(event.deltaY * by, 240)) / 400), chart.current.time(place(event).x));
      }
    },
    { passive: false },
  );

  drawing.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) {
      return;
    }
    pointers.set(event.pointerId, place(event).x);
    const { from, to } = chart.view;
    const moves = event.pointerType === "touch" || event.shiftKey;
    drag = { x: place(event).x, moved: false, moves, from, to };
    if (pointers.size === 2) {
      drag.moved = true;
      drag.pinch = [...pointers.values()];
    }
  });

  drawing.addEventListener("pointermove", (event) => {
    const { x, y } = place(event);
    if (!pointers.has(event.pointerId)) {
      hover(x, y, event);
      return;
    }
    pointers.set(event.pointerId, x);
    if (!drag.moved && Math.abs(x - drag.x) > 4) {
      drag.moved = true;
      drawing.setPointerCapture(event.pointerId);
      tip.hide();
    }
    if (!drag.moved) {
      return;
    }
    if (drag.pinch) {
      pinch();
    } else if (drag.moves) {
      const by = ((drag.x - x) / chart.current.width) * (drag.to - drag.from);
      const within = Math.max(-drag.from, Math.min(by, chart.end - drag.to));
      chart.show(drag.from + within, drag.to + within);
    } else {
      select(x);
    }
  });

  const end = (event) => {
    if (!pointers.delete(event.pointerId) || !drag) {
      return;
    }
    const { x, y } = place(event);
    const done = drag;
    if (pointers.size === 0) {
      drag = null;
    }
    shade?.remove();
    shade = null;
    if (event.type === "pointercancel") {
      return;
    }
    if (!done.moved) {
      pick(x, y, event);
    } else if (!done.pinch && !done.moves && Math.abs(x - done.x) > 4) {
      const times = [chart.current.time(done.x), chart.current.time(x)].sort((a, b) => a - b);
      chart.show(Math.max(0, times[0]), Math.min(chart.end, times[1]));
    }
  };
  drawing.addEventListener("pointerup", end);
  drawing.addEventListener("pointercancel", end);
  drawing.addEventListener("pointerleave", () => {
    chart.point(null);
    tip.hide();
  });
  drawing.addEventListener("dblclick", () => chart.whole());

  function hover(x, y, event) {
    chart.point(x);
    const hit = chart.hit(x, y);
    if (hit) {
      tip.show(hit.say(), event.clientX, event.clientY);
    } else {
      tip.hide();
    }
  }

  function pick(x, y, event) {
    const hit = chart.hit(x, y);
    if (!hit) {
      tip.hide();
      return;
    }
    tip.show(hit.say(), event.clientX, event.clientY);
    if (hit.event) {
      onPick(hit.at, hit.event);
    }
  }

  /** The range that is being drawn with the pointer. */
  function select(x) {
    const pen = chart.current;
    const [from, to] = [drag.x, x].map((at) => Math.max(pen.left, Math.min(at, pen.right))).sort((a, b) => a - b);
    shade ??= drawing.appendChild(svg("rect", { class: "shade", y: pen.top, height: pen.bottom - pen.top }));
    shade.setAttribute("x", from);
    shade.setAttribute("width", to - from);
    chart.point(x);
  }

  /** Two fingers keep the times that they took hold of. */
  function pinch() {
    const now = [...pointers.values()];
    if (now.length < 2) {
      return;
    }
    const { left, width } = chart.current;
    const time = (x) => drag.from + ((x - left) / width) * (drag.to - drag.from);
    const held = drag.pinch.map(time);
    const apart = now[1] - now[0];
    if (Math.abs(apart) < 10) {
      return;
    }
    const each = Math.abs((held[1] - held[0]) / apart);
    const from = held[0] - (now[0] - left) * each;
    chart.show(Math.max(0, from), Math.min(chart.end, from + width * each));
  }

  drawing.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const act = {
      "+": () => chart.zoom(0.5),
      "=": () => chart.zoom(0.5),
      "-": () => chart.zoom(2),
      0: () => chart.whole(),
      ArrowLeft: () => chart.pan(-0.2),
      ArrowRight: () => chart.pan(0.2),
      Home: () => chart.show(0, chart.view.to - chart.view.from),
      End: () => chart.show(chart.end - (chart.view.to - chart.view.from), chart.end),
    }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  overview.addEventListener("pointerdown", (event) => {
    overview.setPointerCapture(event.pointerId);
    follow(event);
  });
  overview.addEventListener("pointermove", (event) => {
    if (overview.hasPointerCapture(event.pointerId)) {
      follow(event);
    }
  });

  /** The view goes where the pointer is. */
  function follow(event) {
    const { left, width } = overview.getBoundingClientRect();
    const half = (chart.view.to - chart.view.from) / 2;
    const at = ((event.clientX - left) / width) * chart.end;
    const middle = Math.max(half, Math.min(at, chart.end - half));
    chart.show(middle - half, middle + half);
  }
}
