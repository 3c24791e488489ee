// Times and events as people read them.

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const pad = (n, width) => String(n).padStart(width, "0");

/** `hh:mm:ss.mmm` since the beginning, with microseconds where there are any. */
function clock(us) {
  const micros = Math.round(us);
  const ms = Math.floor(micros / 1000);
  const rest = micros % 1000;
  const time = [Math.floor(ms / 3.6e6), Math.floor(ms / 6e4) % 60, Math.floor(ms / 1000) % 60];
  const text = time.map((part) => pad(part, 2)).join(":") + "." + pad(ms % 1000, 3);
  return rest ? text + pad(rest, 3) : text;
}

/** A length of time in its largest units: `9 m 52 s`, `1.25 s`, `40 ms`; `parts` of them at most. */
function span(us, parts = 2) {
  if (us >= Number.MAX_SAFE_INTEGER) {
    return "for ever";
  }
  if (us < 1000) {
    return us === 0 ? "0 s" : Math.round(us) + " µs";
  }
  if (us < SECOND) {
    return trim(us / 1000) + " ms";
  }
  if (us < MINUTE) {
    return trim(us / SECOND) + " s";
  }
  const out = [];
  let left = us;
  for (const [unit, name] of [
    [DAY, "d"],
    [HOUR, "h"],
    [MINUTE, "m"],
    [SECOND, "s"],
  ]) {
    const count = Math.floor(left / unit);
    left -= count * unit;
    if (count > 0) {
      out.push(count + " " + name);
    } else if (out.length > 0) {
      break;
    }
  }
  return out.slice(0, parts).join(" ");
}

function trim(n) {
  return String(Number(n.toFixed(n < 10 ? 2 : n < 100 ? 1 : 0)));
}

/** A field of an event as text; nothing for what says nothing. */
function fieldText(field, value, words) {
  switch (field.shape) {
    case "f":
      return value ? "true" : "false";
    case "s":
      return span(value, 3).replaceAll(" ", "");
    case "w":
      return words[value] ?? "?";
    default:
      return field.name === "id" && value === -1 ? null : String(value);
  }
}

/** The fields of event number `place`: name, text, and what the text means. */
function fieldsOf(events, place, vocabulary, words) {
  const kind = vocabulary.kinds[events.kind[place]];
  const out = [];
  kind.fields.forEach((field, n) => {
    const text = fieldText(field, events.values[events.first[place] + n], words);
    if (text !== null) {
      out.push({ name: field.name, text, means: field.means?.[text] });
    }
  });
  return out;
}

/** `name field=value …`. */
function describe(events, place, vocabulary, words) {
  const fields = fieldsOf(events, place, vocabulary, words);
  return fields.map(({ name, text }) => `${name}=${/\s/.test(text) ? `"${text}"` : text}`).join(" ");
}
