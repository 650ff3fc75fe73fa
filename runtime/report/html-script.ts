// What the page of the memory report does by itself: tells about what is pointed at, tapped or walked to with the arrow keys, shows
// where else the same thing is, and lets one kind of memory stand out.

export const SCRIPT = `
"use strict";
const tip = document.getElementById("tip");
const main = document.querySelector("main");
let chosen = null;

function choose(element, event) {
  if (element !== chosen) {
    for (const other of document.querySelectorAll(".on")) other.classList.remove("on");
    chosen = element;
    tip.textContent = element ? element.dataset.tip : "";
    if (element) for (const other of same(element)) other.classList.add("on");
  }
  if (element) place(event);
}

function same(element) {
  const { id } = element.dataset;
  return id === undefined ? [element] : document.querySelectorAll('[data-id="' + id + '"]');
}

// Beside a mouse, else at the bottom: under a finger it could not be read.
function place(event) {
  const atMouse = event && event.pointerType === "mouse";
  tip.classList.toggle("sheet", !atMouse);
  tip.style.transform = "";
  if (!atMouse) return;
  const { width, height } = tip.getBoundingClientRect();
  const x = event.clientX + 14 + width > innerWidth ? event.clientX - width - 14 : event.clientX + 14;
  const y = event.clientY + 18 + height > innerHeight ? event.clientY - height - 12 : event.clientY + 18;
  tip.style.transform = "translate(" + Math.max(4, x) + "px," + Math.max(4, y) + "px)";
}

const pointed = (event) => event.target instanceof Element && event.target.closest("[data-tip]");
document.addEventListener("pointermove", (event) => {
  if (event.pointerType === "mouse") choose(pointed(event), event);
});
document.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "mouse") choose(pointed(event), event);
});
document.documentElement.addEventListener("pointerleave", () => choose(null));

for (const map of document.querySelectorAll(".map")) {
  const begins = [...map.querySelectorAll(".begins")];
  map.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const at = begins.findIndex((element) => element === chosen);
    if (event.key === "Escape") choose(null);
    else if (event.key === "Home") choose(begins[0]);
    else if (event.key === "End") choose(begins[begins.length - 1]);
    else if (step) choose(begins[Math.min(begins.length - 1, Math.max(0, at < 0 ? 0 : at + step))]);
    else return;
    event.preventDefault();
    if (chosen) chosen.scrollIntoView({ block: "nearest" });
  });
  map.addEventListener("blur", () => choose(null));
}

for (const button of document.querySelectorAll(".legend button")) {
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    for (const other of document.querySelectorAll(".legend button")) other.setAttribute("aria-pressed", String(on && other === button));
    main.classList.toggle("dimmed", on);
    for (const element of document.querySelectorAll(".cells i, .bar i"))
      element.classList.toggle("lit", on && element.classList.contains(button.dataset.kind));
  });
}
`;
