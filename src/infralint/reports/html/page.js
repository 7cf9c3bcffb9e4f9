"use strict";
// The page reads without this script; it adds filters, views, keys, and pictures that can be moved.
(() => {
  const root = document.documentElement;
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  root.classList.add("js");

  // Light and dark. A page from a file may have no storage.
  const store = {
    get() { try { return localStorage.getItem("infralint-theme"); } catch { return null; } },
    set(value) { try { value ? localStorage.setItem("infralint-theme", value) : localStorage.removeItem("infralint-theme"); } catch { /* none */ } },
  };
  const themes = ["", "light", "dark"];
  const themeButton = $("#theme");
  const paint = (theme) => {
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    themeButton.textContent = theme ? `Theme: ${theme}` : "Theme";
  };
  const saved = store.get();
  let theme = themes.includes(saved) ? saved : "";
  const nextTheme = () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    store.set(theme);
    paint(theme);
  };
  themeButton.hidden = false;
  themeButton.addEventListener("click", nextTheme);
  paint(theme);
  const keys = $(".keys");
  if (keys) keys.hidden = false;

  // Views: one part of the page at a time.
  const views = all(".view");
  const tabs = all("nav a[data-view]");
  const show = (id) => {
    const wanted = views.some((view) => view.id === id) ? id : views[0].id;
    for (const view of views) view.classList.toggle("shown", view.id === wanted);
    for (const tab of tabs) {
      if (tab.dataset.view === wanted) tab.setAttribute("aria-current", "page"); else tab.removeAttribute("aria-current");
    }
    for (const picture of pictures) if ($(".shown", main)?.contains(picture.figure)) picture.ready();
  };
  const main = $("#main");

  // Filters.
  const form = $("#filters");
  const groups = $("#groups");
  const entries = groups ? all(".finding", groups) : [];
  const byFamily = groups ? [...groups.childNodes] : [];
  const homes = new Map(entries.map((entry) => [entry, entry.parentNode]));
  const texts = new Map();
  const textOf = (entry) => {
    if (!texts.has(entry)) {
      const said = all("h5, .frame, .related, .help, .fix summary", entry).map((part) => part.textContent);
      texts.set(entry, [entry.dataset.path, entry.dataset.rule, ...said].join("\n").toLowerCase());
    }
    return texts.get(entry);
  };
  const names = ["q", "severity", "family", "rule", "service", "group"];
  const state = () => {
    const values = {};
    for (const name of names) values[name] = form && form.elements[name] ? form.elements[name].value : "";
    return values;
  };
  const matches = (entry, values, words) =>
    (!values.severity || entry.dataset.severity === values.severity) &&
    (!values.family || entry.dataset.family === values.family) &&
    (!values.rule || entry.dataset.rule === values.rule) &&
    (!values.service || (values.service === "none" ? !entry.dataset.services : (entry.dataset.services || "").split(" ").includes(values.service))) &&
    words.every((word) => textOf(entry).includes(word));
  let grouped = "";
  const regroup = (by) => {
    if (by === grouped) return;
    grouped = by;
    for (const entry of entries) homes.get(entry).append(entry);
    if (!by) { groups.replaceChildren(...byFamily); return; }
    const found = new Map();
    for (const entry of entries) {
      const title = by === "file" ? entry.dataset.path : entry.dataset.services ? $(".owners", entry).title : "of no service";
      if (!found.has(title)) found.set(title, []);
      found.get(title).push(entry);
    }
    const last = (title) => (title === "of no service" ? 1 : 0);
    groups.replaceChildren(...[...found].sort(([a], [b]) => last(a) - last(b) || (a < b ? -1 : 1)).map(([title, members]) => {
      const section = document.createElement("section");
      const heading = document.createElement("h3");
      heading.append(title);
      section.className = "group";
      section.append(heading, ...members);
      return section;
    }));
  };
  let remembered = true;
  const apply = () => {
    if (!form) return;
    const values = state();
    const words = values.q.toLowerCase().split(/\s+/).filter(Boolean);
    regroup(values.group);
    let shown = 0;
    for (const entry of entries) {
      entry.hidden = !matches(entry, values, words);
      if (!entry.hidden) shown += 1;
    }
    for (const section of all(".by-rule, .group", groups)) section.hidden = !all(".finding", section).some((entry) => !entry.hidden);
    form.elements.shown.value = shown === entries.length ? `${shown} shown` : `${shown} of ${entries.length} shown`;
    $("#nothing").hidden = shown > 0;
    if (remembered) remember(values);
  };
  const remember = (values) => {
    const written = new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();
    history.replaceState(null, "", written ? `#?${written}` : "#findings");
  };
  const recall = (written) => {
    const values = new URLSearchParams(written);
    for (const name of names) {
      const field = form?.elements[name];
      if (!field) continue;
      field.value = values.get(name) ?? "";
      if (field.selectedIndex === -1) field.value = "";
    }
    remembered = false;
    apply();
    remembered = true;
  };
  const reset = () => { if (form) { form.reset(); apply(); } };
  if (form) {
    form.hidden = false;
    let waiting = 0;
    form.addEventListener("input", (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(apply, event.target.name === "q" ? 120 : 0);
    });
    form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
    for (const button of all(".reset")) button.addEventListener("click", reset);
  }

  // Where the fragment leads: a view, a finding, a rule, or filters.
  const reveal = (id) => {
    const target = document.getElementById(id);
    if (!target) return false;
    const view = target.closest(".view");
    if (!view) return false;
    show(view.id);
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target.closest("#groups") && (target.hidden || target.closest("[hidden]"))) {
      remembered = false;
      form.reset();
      apply();
      remembered = true;
    }
    if (target.classList.contains("finding")) choose(target, false);
    if (target === view) scrollTo(0, 0);
    else target.scrollIntoView({ block: target.classList.contains("card") ? "nearest" : "start" });
    return true;
  };
  const plain = (written) => { try { return decodeURIComponent(written); } catch { return written; } };
  const follow = () => {
    const written = location.hash.slice(1);
    if (written.startsWith("?")) {
      show("findings");
      recall(written.slice(1));
    } else if (!written || !reveal(plain(written))) {
      show("findings");
    }
  };

  // The finding at hand, for keys.
  let current = null;
  const choose = (entry, scroll = true) => {
    current?.classList.remove("current");
    current = entry;
    current.classList.add("current");
    current.focus({ preventScroll: true });
    if (scroll) current.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const shown = all(".shown .finding:not([hidden])").filter((entry) => !entry.closest("[hidden]"));
    if (!shown.length) return;
    const at = shown.indexOf(current);
    choose(shown[at < 0 ? 0 : Math.max(0, Math.min(shown.length - 1, at + by))]);
  };

  // A rule's page, in front of the findings.
  const panel = $("#panel");
  const explain = (id) => {
    const page = document.getElementById(id);
    if (!page) return;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => panel.close());
    $(".content", panel).replaceChildren(close, ...[...page.children].map((child) => {
      if (child.tagName !== "SUMMARY") return child.cloneNode(true);
      const heading = document.createElement("h3");
      heading.append(...[...child.cloneNode(true).childNodes]);
      return heading;
    }));
    panel.showModal();
    panel.scrollTop = 0;
  };
  panel.addEventListener("click", (event) => {
    if (event.target === panel || event.target.closest("a[href^='#']")) panel.close();
  });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a");
    const href = link?.getAttribute("href") || "";
    if (link?.classList.contains("rule") && href.startsWith("#rule-")) {
      event.preventDefault();
      explain(href.slice(1));
    } else if (href.startsWith("#") && href === location.hash) {
      // The same fragment again makes no event.
      follow();
    }
  });

  // Pictures. Below the first scale rows are no longer read, and names are shown large; at the second one they are.
  const READABLE = 0.45;
  const BEGIN = 0.75;
  class Picture {
    constructor(figure) {
      this.figure = figure;
      this.canvas = $(".canvas", figure);
      this.svg = $("svg", figure);
      const { width, height } = this.svg.viewBox.baseVal;
      this.size = { width, height };
      this.written = this.svg.getAttribute("viewBox");
      this.cards = all(".card", figure);
      this.links = all(".link", figure);
      // The cards that findings speak of, the worst first.
      this.told = ["error", "warning", "touched"].flatMap((kind) => this.cards.filter((card) => card.classList.contains(kind)));
      this.at = null;
      this.pointers = new Map();
      this.moved = false;
      const tools = $(".tools", figure);
      tools.hidden = false;
      $("datalist", figure).append(...[...new Set(this.cards.map((card) => card.dataset.name))].sort().map((name) => {
        const option = document.createElement("option");
        option.value = name;
        return option;
      }));
      tools.addEventListener("click", (event) => this.tool(event.target.dataset?.zoom));
      const search = $("input", tools);
      search.addEventListener("input", () => this.find(search.value, false));
      search.addEventListener("keydown", (event) => { if (event.key === "Enter") this.find(search.value, true); });
      this.listen();
      figure.closest("details")?.addEventListener("toggle", () => this.ready());
    }
    ready() {
      if (this.at || !this.canvas.clientWidth) return;
      // No higher than the picture needs at the scale at which it begins.
      const fitting = Math.min(1.15, this.canvas.clientWidth / this.size.width);
      const scale = fitting < READABLE ? BEGIN : fitting;
      this.canvas.classList.add("live");
      this.canvas.style.height = `min(75vh, ${Math.max(180, Math.ceil(this.size.height * scale))}px)`;
      this.begin();
    }
    begin() {
      // A picture that is too large to be read as a whole begins at what is broken, or else linked most.
      this.fit();
      if (this.at.scale >= READABLE) return;
      const links = (card) => this.links.filter((link) => link.dataset.from === card.id || link.dataset.to === card.id).length;
      const start = this.told[0] || this.cards.reduce((best, card) => (links(card) > links(best) ? card : best));
      const [x, y] = start.getAttribute("transform").match(/-?[\d.]+/g).map(Number);
      const box = start.getBBox();
      this.view(x + box.width / 2, y + box.height / 2, BEGIN);
    }
    fit() {
      const { clientWidth: width, clientHeight: height } = this.canvas;
      const scale = Math.min(1.15, Math.min(width / this.size.width, height / this.size.height));
      this.view(this.size.width / 2, this.size.height / 2, scale);
    }
    view(x, y, scale) {
      const { clientWidth: width, clientHeight: height } = this.canvas;
      const least = Math.min(0.02, width / this.size.width, height / this.size.height);
      scale = Math.max(least, Math.min(4, scale));
      x = Math.max(0, Math.min(this.size.width, x));
      y = Math.max(0, Math.min(this.size.height, y));
      this.at = { x, y, scale };
      this.svg.classList.toggle("is-far", scale < READABLE);
      this.svg.setAttribute("viewBox", `${x - width / scale / 2} ${y - height / scale / 2} ${width / scale} ${height / scale}`);
    }
    zoom(by, clientX, clientY) {
      const box = this.canvas.getBoundingClientRect();
      const dx = (clientX ?? box.left + box.width / 2) - box.left - box.width / 2;
      const dy = (clientY ?? box.top + box.height / 2) - box.top - box.height / 2;
      const before = this.at.scale;
      const after = Math.max(0.02, Math.min(4, before * by));
      this.view(this.at.x + dx / before - dx / after, this.at.y + dy / before - dy / after, after);
    }
    move(dx, dy) { this.view(this.at.x + dx / this.at.scale, this.at.y + dy / this.at.scale, this.at.scale); }
    tool(what) {
      if (what === "in") this.zoom(1.3);
      if (what === "out") this.zoom(1 / 1.3);
      if (what === "fit") { this.clear(); this.fit(); }
      if (what === "next") this.next();
    }
    next() {
      if (!this.told.length) return;
      this.turn = ((this.turn ?? -1) + 1) % this.told.length;
      this.centre(this.told[this.turn]);
    }
    centre(card) {
      const [x, y] = card.getAttribute("transform").match(/-?[\d.]+/g).map(Number);
      const box = card.getBBox();
      const fits = this.canvas.clientHeight / (box.height + 60);
      this.view(x + box.width / 2, y + box.height / 2, Math.max(0.6, Math.min(1, fits)));
      this.choose(card);
    }
    find(written, first) {
      const wanted = written.trim().toLowerCase();
      if (!wanted) { this.clear(); return; }
      const exact = this.cards.find((card) => card.dataset.name.toLowerCase() === wanted);
      const near = exact || (first && this.cards.find((card) => card.dataset.name.toLowerCase().includes(wanted)));
      if (near) this.centre(near);
    }
    choose(card) {
      this.clear();
      this.svg.classList.add("focused");
      card.classList.add("near", "chosen");
      for (const link of this.links) {
        if (link.dataset.from !== card.id && link.dataset.to !== card.id) continue;
        link.classList.add("near");
        for (const id of [link.dataset.from, link.dataset.to]) document.getElementById(id)?.classList.add("near");
      }
    }
    clear() {
      this.svg.classList.remove("focused");
      for (const part of all(".near", this.svg)) part.classList.remove("near", "chosen");
    }
    listen() {
      const canvas = this.canvas;
      canvas.addEventListener("wheel", (event) => {
        // The wheel alone scrolls the page, as everywhere.
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoom(Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
      }, { passive: false });
      canvas.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        this.pointers.set(event.pointerId, event);
        this.moved = false;
      });
      canvas.addEventListener("pointermove", (event) => this.drag(event));
      for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
        canvas.addEventListener(end, (event) => {
          this.pointers.delete(event.pointerId);
          if (!this.pointers.size) canvas.classList.remove("dragged");
        });
      }
      canvas.addEventListener("click", (event) => {
        if (this.moved) { event.preventDefault(); event.stopPropagation(); this.moved = false; return; }
        if (event.target.closest("a")) return;
        const card = event.target.closest(".card");
        if (card) this.choose(card); else this.clear();
      }, true);
      canvas.addEventListener("dragstart", (event) => event.preventDefault());
      canvas.addEventListener("keydown", (event) => this.key(event));
    }
    drag(event) {
      const before = this.pointers.get(event.pointerId);
      if (!before) return;
      const dx = event.clientX - before.clientX;
      const dy = event.clientY - before.clientY;
      if (!this.moved && Math.hypot(dx, dy) < 4) return;
      if (!this.moved) this.canvas.setPointerCapture(event.pointerId);
      this.moved = true;
      this.canvas.classList.add("dragged");
      if (this.pointers.size === 2) {
        const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
        const was = Math.hypot(before.clientX - other.clientX, before.clientY - other.clientY);
        const is = Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY);
        if (was > 0) this.zoom(is / was, (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
      } else {
        this.move(-dx, -dy);
      }
      this.pointers.set(event.pointerId, event);
    }
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const moves = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] };
      if (moves[event.key]) this.move(...moves[event.key]);
      else if (event.key === "+" || event.key === "=") this.zoom(1.3);
      else if (event.key === "-") this.zoom(1 / 1.3);
      else if (event.key === "0") this.fit();
      else return;
      event.preventDefault();
    }
  }
  const pictures = all(".picture").map((figure) => new Picture(figure));
  // On paper a picture is whole.
  addEventListener("beforeprint", () => {
    for (const { svg, written } of pictures) {
      svg.setAttribute("viewBox", written);
      svg.classList.remove("is-far", "focused");
    }
  });
  addEventListener("afterprint", () => { for (const picture of pictures) if (picture.at) picture.view(picture.at.x, picture.at.y, picture.at.scale); });
  addEventListener("resize", () => { for (const picture of pictures) if (picture.at) picture.view(picture.at.x, picture.at.y, picture.at.scale); });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key === "Escape" && typing) {
      if (typing.type === "search") { typing.value = ""; typing.dispatchEvent(new Event("input", { bubbles: true })); }
      typing.blur();
      return;
    }
    if (typing || panel.open) return;
    const tab = tabs[Number(event.key) - 1];
    if (event.key === "/") {
      ($(".shown input[type=search]") || $("input[type=search]"))?.focus();
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "t") nextTheme();
    else if (event.key === "e" && current) explain(`rule-${current.dataset.rule}`);
    else if (tab && /^[1-9]$/.test(event.key)) location.hash = tab.dataset.view;
    else return;
    event.preventDefault();
  });
  addEventListener("hashchange", follow);
  remembered = false;
  apply();
  remembered = true;
  follow();
})();
