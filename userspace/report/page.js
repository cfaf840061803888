// SPDX-License-Identifier: GPL-2.0-only
// The list of all messages: filled from the data in the page, some hundred rows at a time.
"use strict";
(() => {
	const source = document.getElementById("data");
	if (!source) return;
	const data = JSON.parse(source.textContent);
	const section = document.getElementById("messages"), list = document.getElementById("list");
	const ask = document.getElementById("ask"), found = document.getElementById("found");
	const more = document.getElementById("more"), page = 200;
	let rows = [], shown = 0, span = null;

	const fate = flags => flags === 1 ? "arrived" : flags === 2 ? "cut" : flags === 3 ? "cut, arrived later" : "not seen to arrive";
	const link = m => `${data.nodes[m[2]]} > ${data.nodes[m[3]]}${m[4] ? ":" + m[4] : ""}`;
	const words = m => `${data.steps[m[6]]} ${link(m)} ${data.texts[m[5]]} ${fate(m[7])}`.toLowerCase();

	function cells(m) {
		const row = document.createElement("tr");
		if (!(m[7] & 1)) row.className = "cut";
		for (const text of [(m[0] / 1000).toFixed(3) + " ms", data.steps[m[6]], link(m), data.texts[m[5]], fate(m[7]), m[8] + " %"])
			row.append(Object.assign(document.createElement("td"), { textContent: text }));
		return row;
	}
	function grow() {
		list.append(...rows.slice(shown, shown + page).map(cells));
		shown = Math.min(rows.length, shown + page);
		more.hidden = shown === rows.length;
	}
	function fill() {
		const run = data.runs[ask.elements.run.selectedIndex], text = ask.elements.text.value.toLowerCase();
		rows = run.messages.filter(m => (!span || (m[0] > span[0] && m[0] < span[1])) && (!text || words(m).includes(text)));
		found.textContent = `${rows.length} of ${run.cnt}` + (span ? ` between ${(span[0] / 1000).toFixed(1)} and ${(span[1] / 1000).toFixed(1)} ms` : "");
		list.replaceChildren();
		shown = 0;
		grow();
	}
	function unfold(fold) {
		span = [+fold.dataset.from, +fold.dataset.to];
		ask.elements.run.selectedIndex = +fold.dataset.run;
		ask.elements.text.value = "";
		fill();
		section.scrollIntoView();
	}

	for (const run of data.runs) ask.elements.run.append(new Option(run.run));
	ask.addEventListener("submit", event => event.preventDefault());
	ask.addEventListener("input", () => { span = null; fill(); });
	more.addEventListener("click", grow);
	for (const fold of document.querySelectorAll(".fold")) {
		fold.addEventListener("click", () => unfold(fold));
		fold.addEventListener("keydown", event => {
			if (event.key !== "Enter" && event.key !== " ") return;
			event.preventDefault();
			unfold(fold);
		});
	}
	section.hidden = false;
	document.documentElement.classList.add("script");
	fill();
})();
