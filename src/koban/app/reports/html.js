"use strict";
(() => {
  const rows = JSON.parse(document.getElementById("rows").textContent);
  const about = JSON.parse(document.getElementById("about").textContent);
  const SEVERITIES = ["critical", "high", "medium", "low", "info"];
  const VERDICTS = ["fail", "unknown", "excepted", "pass"];
  const STANDINGS = ["fail", "unknown", "excepted", "pass", "manual", "none"];
  const SAID = ["", "Cannot tell: ", "Excepted: ", "Not so: "];
  const WORDS = { none: "nothing here" };
  const RULE = 0, VERDICT = 1, NAME = 2, UID = 3, TYPE = 4, ACCOUNT = 5, REGION = 6, FILE = 7, LINE = 8, BECAUSE = 9;
  const PAGE = 50, PRINTED = 10;
  const number = new Intl.NumberFormat("en");
  const count = (n) => number.format(n);

  // Everything is made with text nodes: no value of the estate is ever read as markup.
  function h(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "on") for (const [event, run] of Object.entries(value)) made.addEventListener(event, run);
      else if (key === "width") made.style.width = value;
      else if (value === true) made.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
    }
    for (const child of children.flat()) if (child !== null && child !== undefined) made.append(child);
    return made;
  }
  const badge = (kind) => h("span", { class: `badge ${kind}` }, WORDS[kind] || kind);

  // What the rows can be filtered by.
  const serviceOf = (type) => {
    const pieces = type.split("::");
    if (pieces.length < 2) return pieces[0];
    return pieces[0] === "Koban" && pieces[1] === "AWS" ? pieces[2] : pieces[1];
  };
  const IN_CODE = "in code";
  const accountOf = (row) => row[ACCOUNT] || (row[FILE] ? IN_CODE : "");
  const regionOf = (row) => row[REGION] || (row[FILE] ? "" : "global");
  const distinct = (of) => [...new Set(rows.map(of))].filter(Boolean).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const texts = new Array(rows.length);
  const textOf = (at) => {
    if (texts[at] === undefined) {
      const row = rows[at], rule = about.rules[row[RULE]];
      texts[at] = [rule.id, rule.summary, row[NAME], row[UID], row[TYPE], row[ACCOUNT], row[REGION], row[FILE], ...row[BECAUSE], ...rule.controls].join("\n").toLowerCase();
    }
    return texts[at];
  };
  const answering = new Map();
  for (const framework of about.frameworks) {
    const all = new Set();
    for (const control of framework.controls) {
      answering.set(`${framework.id}:${control[0]}`, new Set(control[6]));
      control[6].forEach((rule) => all.add(rule));
    }
    answering.set(framework.id, all);
  }

  const state = { q: "", severity: "", verdict: "", account: "", region: "", service: "", control: "" };
  const open = new Set();
  const shown = new Map();
  let groups = [];

  function matching() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const severity = state.severity === "" ? -1 : SEVERITIES.indexOf(state.severity);
    const verdict = state.verdict === "" ? -1 : VERDICTS.indexOf(state.verdict);
    const rules = state.control ? answering.get(state.control) || new Set() : null;
    const found = new Map();
    let total = 0;
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at];
      if (verdict >= 0 && row[VERDICT] !== verdict) continue;
      if (severity >= 0 && about.rules[row[RULE]].severity !== severity) continue;
      if (rules && !rules.has(row[RULE])) continue;
      if (state.account && accountOf(row) !== state.account) continue;
      if (state.region && regionOf(row) !== state.region) continue;
      if (state.service && serviceOf(row[TYPE]) !== state.service) continue;
      if (words.length) { const text = textOf(at); if (!words.every((word) => text.includes(word))) continue; }
      if (!found.has(row[RULE])) found.set(row[RULE], { rule: row[RULE], rows: [], worst: 9, fails: 0 });
      const group = found.get(row[RULE]);
      group.rows.push(row);
      group.worst = Math.min(group.worst, row[VERDICT]);
      if (row[VERDICT] === 0) group.fails++;
      total++;
    }
    const order = (g) => about.rules[g.rule];
    groups = [...found.values()].sort((a, b) => a.worst - b.worst || order(a).severity - order(b).severity || b.fails - a.fails || order(a).id.localeCompare(order(b).id));
    return total;
  }

  // Findings.
  const list = h("div", {});
  const told = h("span", { role: "status", "aria-live": "polite" });
  const clear = h("button", { class: "link", type: "button", on: { click: () => { Object.keys(state).forEach((key) => { state[key] = ""; }); changed(); } } }, "Clear filters");

  function place(row) {
    if (row[FILE]) return h("span", { class: "mono" }, row[LINE] ? `${row[FILE]}:${row[LINE]}` : row[FILE]);
    return h("span", { class: "num" }, [row[ACCOUNT], row[REGION]].filter(Boolean).join("  ·  ") || "—");
  }
  function line(row) {
    return h("tr", {},
      h("td", {}, h("div", { class: "name" }, row[NAME]), row[UID] !== row[NAME] ? h("div", { class: "uid" }, row[UID]) : null,
        row[BECAUSE].map((why) => h("div", { class: "why" }, why))),
      h("td", {}, row[TYPE]),
      h("td", {}, place(row)),
      h("td", {}, badge(VERDICTS[row[VERDICT]])));
  }
  function body(group, id, most) {
    const rule = about.rules[group.rule];
    const lines = h("tbody", {}, group.rows.slice(0, most).map(line));
    const more = h("div", { class: "more" });
    const tell = () => {
      const left = group.rows.length - lines.childElementCount;
      more.replaceChildren(...(left > 0 ? [h("button", { class: "quiet", type: "button", on: { click: () => {
        const from = lines.childElementCount;
        lines.append(...group.rows.slice(from, from + PAGE).map(line));
        shown.set(group.rule, lines.childElementCount);
        tell();
      } } }, `Show ${count(Math.min(PAGE, left))} more of ${count(left)}`)] : []));
    };
    tell();
    const left = group.rows.length - most;
    return h("div", { class: "body", id },
      h("dl", { class: "facts" },
        rule.why ? [h("dt", {}, "Why"), h("dd", {}, rule.why.charAt(0).toUpperCase() + rule.why.slice(1))] : null,
        rule.fix ? [h("dt", {}, "Fix"), h("dd", { class: "fix" }, rule.fix.charAt(0).toUpperCase() + rule.fix.slice(1))] : null,
        rule.controls.length ? [h("dt", {}, "Controls"), h("dd", { class: "chips" }, rule.controls.map((control) =>
          answering.has(control)
            ? h("button", { class: "chip", type: "button", title: "Show what this control is about", on: { click: () => { state.control = control; changed(); } } }, control.replace(":", "  "))
            : h("span", { class: "chip" }, control.replace(":", "  "))))] : null),
      h("table", { class: "rows" },
        h("thead", {}, h("tr", {}, ["Resource", "Type", "Where", "Verdict"].map((head) => h("th", { scope: "col" }, head)))), lines),
      printing && left > 0 ? h("p", { class: "mono" }, `and ${count(left)} more`) : more);
  }
  let printing = false;
  function draw(group, at) {
    const rule = about.rules[group.rule], id = `group-${at}`;
    const judged = rule.counts.reduce((a, b) => a + b, 0);
    const isOpen = printing || open.has(group.rule);
    const head = h("button", { type: "button", "aria-expanded": String(isOpen), "aria-controls": id },
      badge(SEVERITIES[rule.severity]),
      h("span", { class: "what" }, SAID[group.worst] + rule.summary, h("small", {}, rule.id)),
      h("span", { class: "count" }, h("b", {}, count(group.rows.length)), ` of ${count(judged)}`),
      h("span", { class: "turn" }));
    const card = h("section", { class: "group" }, h("h3", {}, head));
    const unfold = () => card.append(body(group, id, printing ? PRINTED : shown.get(group.rule) || PAGE));
    head.addEventListener("click", () => {
      if (open.delete(group.rule)) { card.lastChild.remove(); head.setAttribute("aria-expanded", "false"); }
      else { open.add(group.rule); unfold(); head.setAttribute("aria-expanded", "true"); }
    });
    if (isOpen) unfold();
    return card;
  }
  function redraw() {
    const total = matching();
    const filtered = Object.values(state).some(Boolean);
    told.textContent = `${count(total)} ${filtered ? `of ${count(rows.length)} ` : ""}findings by ${count(groups.length)} rules`;
    clear.hidden = !filtered;
    if (!groups.length) {
      list.replaceChildren(h("div", { class: "empty" }, rows.length ? "Nothing matches these filters." : "Nothing failed, and nothing is unknown."));
      return;
    }
    list.replaceChildren(...groups.map(draw));
  }

  const search = h("input", { type: "search", id: "search", placeholder: "Search names, ARNs, rules, files, controls   /", autocomplete: "off", spellcheck: "false" });
  let timer = 0;
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => { state.q = search.value; changed(); }, 120); });
  const selects = {};
  function select(key, label, options) {
    const made = h("select", { id: `by-${key}`, on: { change: () => { state[key] = made.value; changed(); } } }, h("option", { value: "" }, label), options);
    selects[key] = made;
    return [h("label", { class: "sr", for: `by-${key}` }, label), made];
  }
  const option = (value, text) => h("option", { value }, text || value);
  const filters = h("div", { class: "filters", role: "search" },
    h("label", { class: "sr", for: "search" }, "Search"), search,
    select("verdict", "Every verdict", VERDICTS.filter((_, at) => rows.some((row) => row[VERDICT] === at)).map((one) => option(one))),
    select("severity", "Every severity", SEVERITIES.map((one) => option(one))),
    select("account", "Every account", distinct(accountOf).map((one) => option(one))),
    select("region", "Every region", distinct(regionOf).map((one) => option(one))),
    select("service", "Every service", distinct((row) => serviceOf(row[TYPE])).map((one) => option(one))),
    select("control", "Every control", about.frameworks.map((framework) => h("optgroup", { label: `${framework.title} ${framework.version}` },
      option(framework.id, `All of ${framework.id}`),
      framework.controls.filter((control) => control[6].length).map((control) => option(`${framework.id}:${control[0]}`, `${control[0]}  ${control[1]}`))))));

  // Frameworks.
  const standing = (framework) => {
    const made = new Array(STANDINGS.length).fill(0);
    framework.controls.forEach((control) => { made[control[4]]++; });
    return made;
  };
  function bar(parts, label) {
    const whole = parts.reduce((sum, [, n]) => sum + n, 0) || 1;
    return h("div", { class: "bar", role: "img", "aria-label": label }, parts.filter(([, n]) => n).map(([kind, n]) => h("i", { class: kind, width: `${100 * n / whole}%` })));
  }
  const spoken = (parts) => parts.filter(([, n]) => n).map(([kind, n]) => `${n} ${WORDS[kind] || kind}`).join(", ");
  const key = (parts) => h("div", { class: "key" }, parts.filter(([, n]) => n).map(([kind, n]) => h("span", { class: kind }, h("b", {}, count(n)), ` ${WORDS[kind] || kind}`)));
  const panel = h("div", {});
  let chosen = Math.max(0, about.frameworks.findIndex((one) => one.id === "cis-aws-7.0")), wanted = "";
  function drawFramework(framework, every) {
    const totals = standing(framework);
    const parts = STANDINGS.map((kind, at) => [kind, totals[at]]);
    const judged = totals[0] + totals[1] + totals[2] + totals[3];
    const functions = framework.functions.map((name, at) => {
      const own = framework.controls.filter((control) => control[3] === at);
      const counts = STANDINGS.map((kind, which) => [kind, own.filter((control) => control[4] === which).length]);
      const seen = counts.slice(0, 4).reduce((sum, [, n]) => sum + n, 0);
      return own.length ? h("div", { class: "function" }, h("div", {}, h("b", {}, name), h("span", {}, seen ? `${counts[3][1]} of ${seen} pass` : "nothing judged")),
        bar(seen ? [counts[3], counts[0], counts[1], counts[2]] : [], `${name}: ${spoken(counts)}`)) : null;
    });
    const lines = framework.controls.filter((control) => every || !wanted || STANDINGS[control[4]] === wanted).map((control) => {
      const [id, title, duty, , stands, counts, rules] = control;
      const total = counts.reduce((a, b) => a + b, 0);
      const go = counts[0] + counts[1] + counts[2] > 0 && rules.length > 0;
      const jump = () => { state.control = `${framework.id}:${id}`; tab("findings"); changed(); };
      return h("tr", go ? { class: "go", on: { click: jump } } : {},
        h("td", {}, badge(STANDINGS[stands])),
        h("td", { class: "id" }, go ? h("button", { class: "link", type: "button", on: { click: (event) => { event.stopPropagation(); jump(); } } }, id) : id),
        h("td", {}, title),
        h("td", { class: "num" }, total ? `${count(counts[0])} of ${count(total)}` : ""),
        h("td", { class: "duty" }, duty));
    });
    return h("div", { class: "split" },
      h("div", { class: "card" },
        h("h2", {}, framework.title), h("p", {}, `${framework.version}, ${framework.publisher}`),
        h("div", { class: "big" }, judged ? `${Math.floor(100 * totals[3] / judged)}%` : "—"),
        h("p", { class: "key" }, judged ? `${totals[3]} of ${judged} judged controls pass` : "no control could be judged"),
        bar([parts[3], parts[0], parts[1], parts[2]], spoken(parts)), key([parts[3], parts[0], parts[1], parts[2], parts[4], parts[5]]),
        functions.some(Boolean) ? h("h2", { class: "function" }, "By function of NIST CSF 2.0") : null, functions),
      h("div", { class: "card" },
        h("table", { class: "controls" }, h("thead", {}, h("tr", {}, ["Stands", "Control", "What it asks", "Failed"].map((head) => h("th", { scope: "col" }, head)), h("th", { scope: "col", class: "duty" }, "Duty of"))),
          h("tbody", {}, lines))));
  }
  function redrawFramework() { panel.replaceChildren(drawFramework(about.frameworks[chosen], false)); }
  const pickFramework = h("select", { id: "framework", on: { change: () => { chosen = pickFramework.selectedIndex; redrawFramework(); } } }, about.frameworks.map((one) => option(one.id, `${one.title} ${one.version}`)));
  const pickStanding = h("select", { id: "standing", on: { change: () => { wanted = pickStanding.value; redrawFramework(); } } }, option("", "However it stands"), STANDINGS.map((one) => option(one, WORDS[one] || one)));

  // The page.
  const theme = h("button", { class: "quiet", type: "button" }, "Dark");
  const isDark = () => document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; nameTheme(); });

  const tiles = SEVERITIES.map((severity, at) => h("button", {
    class: `tile ${severity}${about.failed[at] ? "" : " zero"}`, type: "button", "aria-pressed": "false",
    on: { click: () => { const same = state.severity === severity; state.severity = same ? "" : severity; state.verdict = same ? "" : "fail"; tab("findings"); changed(); } },
  }, h("b", {}, count(about.failed[at])), h("span", {}, `${severity.charAt(0).toUpperCase()}${severity.slice(1)}`)));
  const verdicts = VERDICTS.map((kind, at) => [kind, about.verdicts[at]]);
  const ordered = [verdicts[3], verdicts[0], verdicts[1], verdicts[2]];

  const panels = {
    findings: h("div", { role: "tabpanel", id: "panel-findings", "aria-labelledby": "tab-findings" }, h("h2", { class: "printed" }, "Findings"), filters, h("div", { class: "found" }, told, h("span", { class: "grow" }), clear), list,
      about.leftOut ? h("p", { class: "warn" }, `This page holds the ${count(rows.length)} worst findings; ${count(about.leftOut)} more are in the other formats (--format jsonl).`) : null),
    frameworks: about.frameworks.length ? h("div", { role: "tabpanel", id: "panel-frameworks", "aria-labelledby": "tab-frameworks" }, h("h2", { class: "printed" }, "Frameworks"),
      h("div", { class: "pick" }, h("label", { class: "sr", for: "framework" }, "Framework"), pickFramework, h("label", { class: "sr", for: "standing" }, "Standing"), pickStanding), panel) : null,
    unread: about.gaps.length || about.notes.length ? h("div", { role: "tabpanel", id: "panel-unread", "aria-labelledby": "tab-unread" }, h("h2", { class: "printed" }, "Not read"),
      h("p", {}, about.gaps.length ? "These parts could not be read. What depends on them is unknown, and they can hide findings." : "Everything was read."),
      about.gaps.length ? h("div", { class: "card" }, h("table", { class: "rows" }, h("thead", {}, h("tr", {}, ["What", "Where", "Why"].map((head) => h("th", { scope: "col" }, head)))),
        h("tbody", {}, about.gaps.map(([what, where, why]) => h("tr", {}, h("td", { class: "name" }, what), h("td", {}, where), h("td", { class: "mono" }, why)))))) : null,
      about.notes.length ? h("ul", {}, about.notes.map((note) => h("li", {}, note))) : null) : null,
  };
  const TABS = [["findings", "Findings", rows.length], ["frameworks", "Frameworks", about.frameworks.length], ["unread", about.gaps.length ? "Not read" : "Notes", about.gaps.length || about.notes.length]].filter(([name]) => panels[name]);
  const tabs = TABS.map(([name, label, n]) => h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, on: { click: () => tab(name) } }, label, h("span", { class: "n" }, count(n))));
  let current = "findings";
  function tab(name) {
    current = panels[name] ? name : "findings";
    TABS.forEach(([one], at) => {
      panels[one].hidden = one !== current;
      tabs[at].setAttribute("aria-selected", String(one === current));
      tabs[at].tabIndex = one === current ? 0 : -1;
    });
    remember();
  }
  const tablist = h("div", { class: "tabs", role: "tablist", on: { keydown: (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = (tabs.findIndex((one) => one === document.activeElement) + step + tabs.length) % tabs.length;
    tabs[at].focus();
    tab(TABS[at][0]);
  } } }, tabs);

  // Filters live in the address, so that a view can be passed on.
  function remember() {
    const made = new URLSearchParams();
    if (current !== "findings") made.set("tab", current);
    for (const [name, value] of Object.entries(state)) if (value) made.set(name, value);
    try { history.replaceState(null, "", made.size || made.toString() ? `#${made}` : "#"); } catch { /* some viewers forbid it; the page works without */ }
  }
  function changed() {
    if (search.value !== state.q) search.value = state.q;
    for (const [name, one] of Object.entries(selects)) { one.value = state[name]; if (one.value !== state[name]) { one.value = ""; state[name] = ""; } one.classList.toggle("on", Boolean(state[name])); }
    tiles.forEach((tile, at) => tile.setAttribute("aria-pressed", String(state.severity === SEVERITIES[at])));
    shown.clear();
    redraw();
    remember();
  }

  const unknown = about.verdicts[1];
  document.getElementById("app").replaceChildren(
    h("a", { class: "skip", href: "#search" }, "Skip to the findings"),
    h("div", { class: "page" },
      h("header", { class: "top" }, h("div", { class: "mark", "aria-hidden": "true" }),
        h("div", { class: "grow" }, h("h1", {}, about.title), h("p", {}, `Koban ${about.version}  ·  ${about.started.replace("T", " ").replace("Z", " UTC")}`)),
        h("button", { class: "quiet print", type: "button", on: { click: () => print() } }, "Print"), theme),
      h("main", {},
        h("div", { class: "tiles" }, tiles),
        h("div", { class: "whole" }, bar(ordered, spoken(ordered)), key(ordered)),
        about.gaps.length || unknown ? h("div", { class: "warn" }, h("span", { class: "grow" },
          [unknown ? `${count(unknown)} checks could not be decided` : "", about.gaps.length ? `${count(about.gaps.length)} part${about.gaps.length > 1 ? "s were" : " was"} not read` : ""].filter(Boolean).join("; ") + ". Unknown is neither good nor bad."),
          unknown ? h("button", { class: "link", type: "button", on: { click: () => { state.verdict = "unknown"; state.severity = ""; tab("findings"); changed(); } } }, "Show why") : null) : null,
        tablist, Object.values(panels).filter(Boolean)),
      h("footer", {}, "Made by Koban. This file asks nothing of any server.")));

  const asked = new URLSearchParams(location.hash.slice(1));
  for (const name of Object.keys(state)) if (asked.has(name)) state[name] = asked.get(name);
  if (about.frameworks.length) { pickFramework.selectedIndex = chosen; redrawFramework(); }
  nameTheme();
  const first = asked.get("tab") || "findings";
  changed();
  tab(first);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); tab("findings"); search.focus(); }
    if (event.key === "Escape" && document.activeElement === search && search.value) { state.q = ""; changed(); }
  });
  addEventListener("beforeprint", () => { printing = true; redraw(); if (about.frameworks.length) panel.replaceChildren(drawFramework(about.frameworks[chosen], true)); });
  addEventListener("afterprint", () => { printing = false; redraw(); if (about.frameworks.length) redrawFramework(); });
})();
