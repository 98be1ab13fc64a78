// Long pages: headings with an address of their own, a table of contents that folds, and parts that open when named.

// A README's headings get a link to themselves; its words stand at the article.
export function headingLinks(root) {
  root.querySelectorAll("[data-heading]").forEach((article) => {
    article.querySelectorAll(":is(h2, h3, h4, h5, h6)[id]").forEach((heading) => {
      const link = document.createElement("a");
      link.className = "anchor";
      link.href = `#${encodeURIComponent(heading.id)}`;
      link.ariaLabel = `${article.dataset.heading}: ${heading.textContent}`;
      link.textContent = "#";
      heading.append(link);
    });
  });
}

// Beside the text it is open, above the text it would push it out of sight.
export function tablesOfContents(root) {
  const beside = matchMedia("(min-width: 1200px)");
  const set = () => root.querySelectorAll("details.toc").forEach((toc) => (toc.open = beside.matches));
  set();
  beside.addEventListener("change", set);
}

// The element that the address names; none for what is no proper address, which throws when it is read.
export function placeOfAddress(root) {
  try {
    return root.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch {
    return null;
  }
}

// What the address names may lie inside a <details> that is closed.
export function namedParts(root) {
  const open = () => {
    const named = placeOfAddress(root);
    if (!named || !named.closest(".schema, .compare")) return;
    for (let part = named; part; part = part.parentElement) if (part.matches("details")) part.open = true;
    named.querySelector(":scope > details")?.setAttribute("open", "");
    named.scrollIntoView();
  };
  open();
  addEventListener("hashchange", open);
}
