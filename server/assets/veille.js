// Comforts for those whose browser runs scripts; every page works without.
// Keys: / search, j k next and previous, [ ] neighbours in time, ? help, Escape.
// Single keys can be turned off in the help (WCAG 2.1.4).
"use strict";
(() => {
  const all = (s, of = document) => [...of.querySelectorAll(s)];
  const one = (s) => document.querySelector(s);
  const store = { get: (k) => { try { return localStorage.getItem(k); } catch { return null; } }, set: (k, v) => { try { localStorage.setItem(k, v); } catch { /* private window */ } } };
  const help = one("#keys"), toggle = one("#keys-on");
  const keysOn = () => store.get("keys") !== "off";

  all("[data-opens]").forEach((b) => b.addEventListener("click", () => help.showModal()));
  all("[data-print]").forEach((b) => b.addEventListener("click", () => print()));
  all("[data-copy]").forEach((b) => b.addEventListener("click", async () => {
    const text = document.getElementById(b.dataset.copy);
    try { await navigator.clipboard.writeText(text.value ?? text.textContent); b.textContent = b.dataset.done; } catch { getSelection().selectAllChildren(text); }
  }));
  if (toggle) {
    toggle.checked = keysOn();
    toggle.addEventListener("change", () => store.set("keys", toggle.checked ? "on" : "off"));
  }

  // The stops that j and k walk, each with the thing that takes the focus.
  const stops = () => {
    for (const [s, f] of [[".edits .edit", ".anchor"], [".card", "h3 a"], [".hit", "h2 a"], [".timeline > li", "a"], [".traced", "h2 a"]]) {
      const found = all(s).filter((e) => e.offsetParent !== null);
      if (found.length) return found.map((e) => [e, e.querySelector(f) || e]);
    }
    return [];
  };
  const walk = (by) => {
    const list = stops();
    if (!list.length) return;
    let at = list.findIndex(([e]) => e.contains(document.activeElement));
    if (at < 0) at = by > 0 ? list.findIndex(([e]) => e.getBoundingClientRect().top > 0) - 1 : list.findIndex(([e]) => e.getBoundingClientRect().top > 0);
    const next = list[Math.max(0, Math.min(list.length - 1, at + by))];
    next[1].focus({ preventScroll: true });
    next[0].scrollIntoView({ block: "nearest" });
    const top = next[0].getBoundingClientRect().top;
    if (top < 60 || top > innerHeight * 0.6) scrollBy(0, top - 90);
  };
  const go = (rel) => one(`main a[rel="${rel}"]`)?.click();

  document.addEventListener("keydown", (e) => {
    const field = e.target.closest?.("input, select, textarea, [contenteditable]");
    if (e.key === "Escape") {
      all(".filters details[open]").forEach((d) => { d.open = false; d.querySelector("summary").focus(); });
      if (field) field.blur();
      return;
    }
    if (field || e.ctrlKey || e.metaKey || e.altKey || help?.open || !keysOn()) return;
    const act = { "/": () => (one("#q") || one("#find"))?.focus(), j: () => walk(1), k: () => walk(-1), "[": () => go("prev"), "]": () => go("next"), "?": () => help?.showModal() }[e.key];
    if (act) { e.preventDefault(); act(); }
  });

  // A menu closes when one clicks beside it; a passage in a folded part is unfolded.
  document.addEventListener("click", (e) => all(".filters details[open]").forEach((d) => { if (!d.contains(e.target)) d.open = false; }));
  const unfold = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (one("[data-parts]") && location.hash && (!target || target.closest("[data-parts]")) && !location.search.includes("block=")) { // it is in another part of the text
      location.replace(`${location.pathname}?block=${location.hash.slice(1)}${location.hash}`);
      return;
    }
    for (let d = target && target.closest("details:not([open])"); d; d = d.parentElement.closest("details:not([open])")) d.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();
})();
