// A test of a connection, whose result is exchanged without loading the page again.
export function connectionTests(body) {
  body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id === "ladder") show(event.detail.target);
  });
  body.addEventListener("htmx:afterSwap", () => {
    const ladder = document.querySelector("#ladder.panel");
    takeName(ladder?.dataset.suggestedName);
  });
  body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "ladder") show(event.target);
  });
}

// the name that is suggested, where none was typed
function takeName(suggested) {
  const input = document.querySelector("#source #name");
  if (suggested && input && !input.value) input.value = suggested;
}

// on a narrow screen it stands below the form
function show(ladder) {
  ladder.scrollIntoView({ block: "nearest" });
}
