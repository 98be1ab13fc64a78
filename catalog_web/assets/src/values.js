// A listing of values: a key folds what stands below it, and its path can be copied. Without scripts all is open.
import { confirm, write } from "./copy.js";
import { placeOfAddress } from "./reading.js";

export function values(root) {
  prepare(root);
  root.body.addEventListener("htmx:afterSettle", () => prepare(root));
  addEventListener("hashchange", () => reveal(root));
}

function prepare(root) {
  root.querySelectorAll(".code.values:not([data-ready])").forEach((listing) => {
    listing.dataset.ready = "";
    listing.querySelectorAll(".line[data-last]").forEach(addFold);
    listing.addEventListener("click", (event) => clicked(listing, event));
    listing.addEventListener("keydown", (event) => pressed(listing, event));
    const copy = copyPath(listing);
    for (const kind of ["mouseover", "focusin"]) {
      listing.addEventListener(kind, (event) => offer(copy, event.target.closest(".line[data-path]")));
    }
  });
}

// -- folding

function addFold(line) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fold-key";
  button.tabIndex = -1; // the arrow keys do the same at the key itself
  button.ariaHidden = "true";
  line.prepend(button);
  line.querySelector("a")?.setAttribute("aria-expanded", "true");
}

function clicked(listing, event) {
  if (event.target.closest(".fold-key")) return fold(listing, event.target.closest(".line"));
  const all = event.target.closest("[data-fold-all]");
  if (all) foldAll(listing, all);
}

function pressed(listing, event) {
  const line = event.target.closest(".line[data-last]");
  if (!line || !event.target.matches("a") || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  fold(listing, line, event.key === "ArrowLeft");
}

function foldAll(listing, button) {
  const yes = button.dataset.foldAll !== "done";
  listing.querySelectorAll(".line[data-last]").forEach((line) => mark(line, yes));
  button.dataset.foldAll = yes ? "done" : "";
  button.textContent = yes ? listing.dataset.unfold : listing.dataset.fold;
  show(listing);
}

function fold(listing, line, yes = !line.classList.contains("folded")) {
  mark(line, yes);
  show(listing);
}

function mark(line, yes) {
  line.classList.toggle("folded", yes);
  line.querySelector("a")?.setAttribute("aria-expanded", String(!yes));
}

// A line is seen unless a folded key above it holds it.
function show(listing) {
  let until = 0;
  listing.querySelectorAll(".line").forEach((line) => {
    line.hidden = Number(line.dataset.n) <= until;
    if (!line.hidden && line.classList.contains("folded")) until = Number(line.dataset.last);
  });
}

// The line that the address names may be inside what is folded.
function reveal(root) {
  const line = placeOfAddress(root)?.closest(".values .line[hidden]");
  if (!line) return;
  const listing = line.closest(".values");
  listing.querySelectorAll(".line.folded").forEach((above) => {
    if (Number(above.dataset.n) < line.dataset.n && line.dataset.n <= Number(above.dataset.last)) mark(above, false);
  });
  show(listing);
  line.scrollIntoView({ block: "center" });
}

// -- paths

// One button for all keys: it stands at the key that the mouse or the keyboard is at.
function copyPath(listing) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small copy-path";
  button.textContent = listing.dataset.copyPath;
  button.dataset.copied = listing.dataset.copied;
  button.addEventListener("click", async () => {
    if (await write(button.closest(".line").dataset.path)) confirm(button);
  });
  return button;
}

function offer(button, line) {
  if (!line || button.parentElement === line) return;
  const key = line.querySelector("a");
  if (key) key.after(button);
  else line.append(button);
}
