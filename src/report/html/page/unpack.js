// Numbers out of the text that src/report/html/pack.rs writes.

const DIGITS = new Uint8Array(128);
[..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].forEach((digit, place) => {
  DIGITS[digit.charCodeAt(0)] = place;
});

class Reader {
  constructor(text) {
    this.text = text;
    this.place = 0;
  }

  get done() {
    return this.place >= this.text.length;
  }

  next() {
    let digit = DIGITS[this.text.charCodeAt(this.place++)];
    const sign = digit & 1 ? -1 : 1;
    let size = (digit & 31) >> 1;
    let scale = 16;
    while (digit & 32) {
      digit = DIGITS[this.text.charCodeAt(this.place++)];
      size += (digit & 31) * scale;
      scale *= 32;
    }
    return sign * size;
  }
}

/** Rows of `width` numbers, each counted from the one above. */
function rows(text, width) {
  const reader = new Reader(text);
  const last = new Array(width).fill(0);
  const out = [];
  while (!reader.done) {
    for (let column = 0; column < width; column++) {
      last[column] += reader.next();
    }
    out.push(last.slice());
  }
  return out;
}

/** All events: times, kinds, whether each is a part of the story, owners, and fields from `first[n]` on. */
function unpackEvents(packed, kinds) {
  const { n, pack } = packed;
  const reader = new Reader(pack);
  const events = {
    n,
    at: new Float64Array(n),
    kind: new Uint16Array(n),
    story: new Uint8Array(n),
    owner: new Uint32Array(n),
    first: new Uint32Array(n + 1),
    values: [],
  };
  const last = kinds.map((kind) => new Array(kind.fields.length).fill(0));
  let at = 0;
  let owner = 0;
  for (let place = 0; place < n; place++) {
    events.at[place] = at += reader.next();
    const kind = reader.next();
    events.kind[place] = kind >> 1;
    events.story[place] = kind & 1;
    events.owner[place] = owner += reader.next();
    const fields = last[kind >> 1];
    for (let field = 0; field < fields.length; field++) {
      fields[field] += reader.next();
      events.values.push(fields[field]);
    }
    events.first[place + 1] = events.values.length;
  }
  return events;
}

/** The first place in a list that is sorted by `key` from which on it is `value` or more. */
function lowerBound(length, key, value) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(middle) < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
