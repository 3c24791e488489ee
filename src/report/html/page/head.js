"use strict";
// Before anything is drawn: that there is a script, and whether somebody chose light or dark.
document.documentElement.classList.add("js");
try {
  const chosen = localStorage.getItem("holdline-theme");
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
  }
} catch {
  // A page from a file may have nothing to remember things in.
}
