// SPDX-License-Identifier: GPL-2.0-only
// Runs before anything else in a copy of a report, and writes what it saw into the page at its end.
"use strict";
const wrong = [];
addEventListener("error", event => wrong.push(event.message || `cannot load ${event.target.src || event.target.href}`), true);
addEventListener("unhandledrejection", event => wrong.push(String(event.reason)));
addEventListener("securitypolicyviolation", event => wrong.push(`asks for ${event.blockedURI}`));
addEventListener("load", () => {
	const all = selector => [...document.querySelectorAll(selector)], text = selector => all(selector).map(e => e.textContent);
	const saw = { lead: text(".lead")[0], frontier: text(".frontier li"), diagrams: all("svg.spacetime").length };
	saw.arrows = all("svg.spacetime").map(svg => svg.querySelectorAll(".m .way").length);
	saw.cuts = all("svg.spacetime").map(svg => svg.querySelectorAll(".m.cut .cross").length);
	saw.badges = all("svg.spacetime").map(svg => svg.querySelectorAll(".badge").length);
	saw.runs = all("#experiments tbody tr").length;
	// what no colour tells: every verdict has its word, every cut message says so
	saw.mute = all("#experiments td.verdict").filter(td => !/[a-z]{4}/.test(td.textContent)).length +
		all("svg.spacetime .m.cut text.say").filter(t => !t.textContent.includes("cut")).length;
	const fold = document.querySelector(".fold"), before = performance.now();
	if (fold) fold.dispatchEvent(new MouseEvent("click"));
	saw.listed = all("#list tr").length;
	const ask = document.getElementById("ask");
	if (ask) {
		ask.elements.text.value = "zzz";
		ask.dispatchEvent(new Event("input"));
		saw.none = all("#list tr").length;
		ask.elements.text.value = "";
		ask.dispatchEvent(new Event("input"));
		saw.page = all("#list tr").length;
		saw.found = text("#found")[0];
	}
	saw.list_ms = performance.now() - before;
	saw.width = [document.documentElement.scrollWidth, innerWidth];
	saw.tall = document.documentElement.scrollHeight;
	saw.shown_ms = performance.getEntriesByType("navigation")[0].domComplete;
	saw.asked = performance.getEntriesByType("resource").map(entry => entry.name);
	saw.wrong = wrong;
	document.body.append(Object.assign(document.createElement("pre"), { id: "saw", textContent: JSON.stringify(saw) }));
});
