"use strict";
(function () {
  var root = document.documentElement, $ = function (id) { return document.getElementById(id); };
  root.classList.add("js");

  // Tabs. Without this script every section simply stands on the page.
  var tabs = [].slice.call(document.querySelectorAll("#tabs a"));
  var panels = tabs.map(function (a) { return $(a.hash.slice(1)); });
  $("tabs").setAttribute("role", "tablist");
  tabs.forEach(function (a, i) {
    a.id = "tab-" + a.hash.slice(1);
    a.setAttribute("role", "tab");
    a.setAttribute("aria-controls", a.hash.slice(1));
    panels[i].setAttribute("role", "tabpanel");
    panels[i].setAttribute("aria-labelledby", a.id);
    a.addEventListener("click", function (e) { e.preventDefault(); go(a.hash); window.scrollTo(0, Math.min(window.scrollY, top())); });
    a.addEventListener("keydown", function (e) {
      var to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[e.key];
      if (to === undefined) return;
      e.preventDefault();
      var next = tabs[(to + tabs.length) % tabs.length];
      go(next.hash);
      next.focus();
    });
  });
  function top() { return document.querySelector(".tabs").parentNode.querySelector("main").offsetTop - 60; }
  var verdict = document.querySelector(".verdict");
  function show(panel) {
    verdict.classList.toggle("compact", panel !== panels[0]);
    panels.forEach(function (p, i) {
      var on = p === panel;
      p.classList.toggle("on", on);
      tabs[i].setAttribute("aria-selected", on ? "true" : "false");
      tabs[i].tabIndex = on ? 0 : -1;
      if (on) tabs[i].scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }
  function go(hash) {
    if (history.replaceState) { try { history.pushState(null, "", hash); } catch (e) { /* an archive viewer may forbid it */ } }
    open(hash);
  }

  // #timeline, #claim-3, or #theme=dark&tab=timeline&q=text
  function open(hash) {
    var id = hash.slice(1), el = id.indexOf("=") < 0 && id ? $(id) : null, want = {};
    id.split("&").forEach(function (kv) { var at = kv.indexOf("="); if (at > 0) want[kv.slice(0, at)] = kv.slice(at + 1); });
    if (want.theme === "dark" || want.theme === "light") root.setAttribute("data-theme", want.theme);
    if (want.tab) el = $(want.tab);
    var panel = el && el.closest ? el.closest(".panel") : null;
    show(panel || panels[0]);
    if (want.q !== undefined && form) { try { form.elements.q.value = decodeURIComponent(want.q); } catch (e) { /* not ours */ } filter(); }
    if (el && el !== panel) {
      for (var d = el.closest("details"); d; d = d.parentNode.closest("details")) d.open = true;
      el.scrollIntoView({ block: "center" });
      el.classList.add("flash");
      setTimeout(function () { el.classList.remove("flash"); }, 1600);
    }
  }

  // Filter of the timeline.
  var form = $("filter"), table = $("events"), rows = table ? [].slice.call(table.querySelectorAll("tr[data-actor]")) : [];
  var texts = rows.map(function (r) { return r.textContent.toLowerCase(); });
  function filter() {
    var f = form.elements, words = f.q.value.toLowerCase().split(/\s+/).filter(Boolean), n = 0;
    rows.forEach(function (r, i) {
      var d = r.dataset, actor = f.actor.value;
      var ok = (!actor || d.actor === actor || (actor === "hostile" && (d.actor === "intruder" || d.actor === "likely_intruder"))) &&
        (!f.phase.value || d.phase === f.phase.value) && (!f.outcome.value || d.outcome === f.outcome.value) &&
        words.every(function (w) { return texts[i].indexOf(w) >= 0; });
      r.hidden = !ok;
      if (ok) n++;
    });
    if (table) [].forEach.call(table.tBodies, function (b) { b.hidden = !b.querySelector("tr[data-actor]:not([hidden])"); });
    $("shown").textContent = n + " of " + rows.length + " shown";
  }
  if (form) {
    form.addEventListener("input", filter);
    form.addEventListener("submit", function (e) { e.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(filter); });
    filter();
  }

  // Original records open over the page; the link itself leads to the same record.
  var viewer = $("viewer");
  document.addEventListener("click", function (e) {
    var a = e.target.closest ? e.target.closest("a[href^='#']") : null;
    if (!a || a.parentNode.id === "tabs" || e.ctrlKey || e.metaKey || e.shiftKey) return;
    var hash = a.getAttribute("href"), rec = hash.indexOf("#rec-") === 0 ? $(hash.slice(1)) : null;
    e.preventDefault();
    if (rec && viewer.showModal) {
      $("viewer-id").textContent = rec.querySelector("h3").textContent;
      $("viewer-body").textContent = rec.querySelector("pre").textContent;
      viewer.showModal();
      $("viewer-body").scrollTop = 0;
    } else {
      go(hash);
    }
  });
  viewer.addEventListener("click", function (e) { if (e.target === viewer) viewer.close(); });

  // Copy: what is copied is what is shown, so hidden characters do not come along.
  document.addEventListener("click", function (e) {
    var b = e.target.closest ? e.target.closest(".copy") : null;
    if (!b) return;
    var pre = b.id === "viewer-copy" ? $("viewer-body") : b.parentNode.querySelector("pre");
    var said = function (word) { b.textContent = word; $("live").textContent = word; setTimeout(function () { b.textContent = "Copy"; }, 1400); };
    var old = function () {
      var range = document.createRange(), sel = getSelection();
      range.selectNodeContents(pre); sel.removeAllRanges(); sel.addRange(range);
      var ok = false;
      try { ok = document.execCommand("copy"); } catch (err) { /* selected, so the keyboard works */ }
      said(ok ? "Copied" : "Selected");
    };
    if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(pre.textContent).then(function () { said("Copied"); }, old);
    else old();
  });

  $("theme").addEventListener("click", function () {
    var now = root.getAttribute("data-theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.setAttribute("data-theme", now === "dark" ? "light" : "dark");
  });

  // On paper everything stands open.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = [].slice.call(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (d) { d.open = true; });
  });
  addEventListener("afterprint", function () { opened.forEach(function (d) { d.open = false; }); });

  addEventListener("hashchange", function () { open(location.hash); });
  addEventListener("popstate", function () { open(location.hash); });
  open(location.hash);
})();
