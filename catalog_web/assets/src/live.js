// Fragments that the server renders again and again (hx-trigger="every …").

// A page nobody looks at asks for nothing.
export function live(body) {
  body.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.target.closest("[data-live]")) event.preventDefault();
  });
  // A look without news changes nothing under the reader: no lost selection, nothing announced again.
  body.addEventListener("htmx:beforeSwap", (event) => {
    const before = event.detail.target.dataset?.version;
    if (before && versionIn(event.detail) === before) event.detail.shouldSwap = false;
  });
  // An answer that is an error page must not replace what is shown; say that it is stale instead.
  body.addEventListener("htmx:responseError", (event) => stale(event.target, true));
  body.addEventListener("htmx:sendError", (event) => stale(event.target, true));
  body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) stale(event.target, false);
  });
  // What somebody has ticked stays ticked in the news.
  let ticked = [];
  body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    ticked = [...detail.target.querySelectorAll("[data-keeps-choice] input:checked")].map((one) => one.value);
  });
  body.addEventListener("htmx:afterSwap", () => {
    for (const one of body.querySelectorAll("[data-keeps-choice] input[type=checkbox]")) {
      if (ticked.includes(one.value)) one.checked = true;
    }
  });
  // What was told after the last step is no longer so once the page shows what came of it.
  body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.closest("[data-live]")) body.querySelector(".toast")?.remove();
  });
}

function versionIn({ serverResponse, target }) {
  const page = new DOMParser().parseFromString(serverResponse, "text/html");
  return page.getElementById(target.id)?.dataset.version;
}

function stale(element, yes) {
  const holder = element.closest("[data-live]");
  if (holder) holder.classList.toggle("is-stale", yes);
}
