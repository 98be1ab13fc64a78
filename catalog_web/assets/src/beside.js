// <div data-switch>: links that each show one of the parts they lead to. Without scripts all parts stand below each other.
export function switches(root) {
  const prepare = () => root.querySelectorAll("[data-switch]:not([data-ready])").forEach(ready);
  prepare();
  root.addEventListener("htmx:afterSettle", prepare);
}

function ready(holder) {
  holder.dataset.ready = "";
  const links = [...holder.querySelectorAll("[data-shows]")];
  links.forEach((link) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      choose(links, link);
    }),
  );
  choose(links, links.find((link) => `#${link.dataset.shows}` === location.hash) ?? links[0]);
}

function choose(links, chosen) {
  for (const link of links) {
    link.setAttribute("aria-current", String(link === chosen));
    document.getElementById(link.dataset.shows)?.classList.toggle("is-shown", link === chosen);
  }
}
