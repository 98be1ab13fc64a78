// What every page gets better with. Each module looks for its own markup and does nothing where there is none.
import htmx from "htmx.org";
import { switches } from "./beside.js";
import { copyButtons, copyReadmeCode } from "./copy.js";
import { folds } from "./folds.js";
import { connectionTests } from "./form.js";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { menus } from "./menus.js";
import { narrowing } from "./narrow.js";
import { shownOnce } from "./once.js";
import { headingLinks, namedParts, tablesOfContents } from "./reading.js";
import { suggestions } from "./suggest.js";
import { tabs } from "./tabs.js";
import { times } from "./times.js";
import { values } from "./values.js";

window.htmx = htmx;
document.documentElement.classList.add("js");

live(document.body);
copyButtons(document);
copyReadmeCode(document);
headingLinks(document);
tablesOfContents(document);
namedParts(document);
values(document);
keys(document);
connectionTests(document.body);
folds(document.body);
menus(document);
narrowing(document);
shownOnce(document);
switches(document);
tabs(document);
times(document);
document.querySelectorAll("form[data-suggest]").forEach(suggestions);
