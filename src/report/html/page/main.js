// Which scenario is looked at, the filter of the list of scenarios, and the theme.

const read = (id) => {
  const element = document.getElementById(id);
  return element && JSON.parse(element.textContent);
};
const vocabulary = read("vocabulary");
const tip = new Tip();
const drawn = new Map();
const articles = [...document.querySelectorAll("article.scenario")];
const index = document.getElementById("index");
let scrolled = 0;

/** Shows the page that the address names, or the list. */
function route() {
  let name = "";
  try {
    name = decodeURIComponent(location.hash.slice(1));
  } catch {
    // An address that is none names no page.
  }
  const article = articles.find((one) => one.id === name) ?? (index ? null : articles[0]);
  if (index && !index.hidden) {
    scrolled = scrollY;
  }
  articles.forEach((one) => one.classList.toggle("current", one === article));
  tip.hide();
  if (index) {
    index.hidden = Boolean(article);
  }
  if (!article) {
    scrollTo(0, scrolled);
    return;
  }
  const n = article.dataset.n;
  if (index) {
    scrollTo(0, 0);
    article.querySelector("h1").focus({ preventScroll: true });
  }
  const data = drawn.has(n) ? null : read("data-" + n);
  if (data) {
    drawn.set(n, new Scenario(article, data, vocabulary, tip));
  }
}

/** The list, narrowed to a verdict and a text. */
function filterIndex(form) {
  const rows = [...index.querySelectorAll("li")].map((row) => ({
    row,
    text: `${row.closest("section").querySelector("h2")?.textContent ?? ""} ${row.textContent}`.toLowerCase(),
  }));
  const count = document.getElementById("filter-count");
  const narrow = () => {
    const wanted = new FormData(form).get("verdict") ?? "";
    const words = document.getElementById("filter-text").value.toLowerCase().split(/\s+/);
    let left = 0;
    for (const { row, text } of rows) {
      const verdict = wanted === "" || row.dataset.verdict === wanted;
      row.hidden = !(verdict && words.every((word) => text.includes(word)));
      left += row.hidden ? 0 : 1;
    }
    index.querySelectorAll(".group").forEach((group) => {
      group.hidden = !group.querySelector("li:not([hidden])");
    });
    document.getElementById("none-left").hidden = left > 0;
    count.textContent = left === rows.length ? "" : `${left} of ${rows.length}`;
  };
  form.addEventListener("input", narrow);
  form.addEventListener("submit", (event) => event.preventDefault());
  narrow();
}

/** Light and dark: as the system says, until somebody chooses. */
function theme(element) {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const now = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  const name = () => {
    element.textContent = now() === "dark" ? "Light" : "Dark";
    element.setAttribute("aria-label", `Switch to ${now() === "dark" ? "light" : "dark"} colours`);
  };
  element.addEventListener("click", () => {
    root.dataset.theme = now() === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("holdline-theme", root.dataset.theme);
    } catch {
      // It is not remembered then.
    }
    name();
  });
  dark.addEventListener("change", name);
  name();
}

/** Copies the command beside a button. */
async function copy(element) {
  const code = element.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
    element.textContent = "Copied";
  } catch {
    // Without leave to write there, it is selected, to be copied by hand.
    getSelection().selectAllChildren(code);
    element.textContent = "Selected";
  }
  setTimeout(() => (element.textContent = "Copy"), 1500);
}

theme(document.getElementById("theme"));
document.querySelectorAll("button.copy").forEach((one) => one.addEventListener("click", () => copy(one)));
const form = document.getElementById("filter");
if (form) {
  filterIndex(form);
}
addEventListener("hashchange", route);
route();
