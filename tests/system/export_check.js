// SPDX-License-Identifier: GPL-2.0-only
// A log as ShiViz takes it: its first line is the expression, the second parts executions. Each host
// counts its own events from 1, and what it knows of others it was told by events that came before.
const fs = require("fs");
const text = fs.readFileSync(process.argv[2], "utf8");
const [expression, delimiter] = text.split("\n", 2);
const log = text.slice(expression.length + delimiter.length + 2);
const own = {}, at = {};
let events = 0, told = 0, end = 0;

function fail(why) {
	console.error(`event ${events}: ${why}`);
	process.exit(1);
}

if (delimiter !== "") fail("a delimiter of executions");
for (const match of log.matchAll(new RegExp(expression, "gm"))) {
	const { host, clock, event } = match.groups, known = JSON.parse(clock);
	events++;
	if (match.index !== end + (events > 1 ? 1 : 0)) fail("text that is no event");
	end = match.index + match[0].length;
	if (!event) fail("says nothing");
	if (known[host] !== (own[host] || 0) + 1) fail(`${host} counts ${own[host]}, then ${known[host]}`);
	for (const [other, count] of Object.entries(at[host] || {}))
		if (!(known[other] >= count)) fail(`${host} forgets ${other}`);
	for (const [other, count] of Object.entries(known)) {
		if (other === host) continue;
		if (count > (own[other] || 0)) fail(`${host} knows more of ${other} than happened`);
		if (count !== (at[host] || {})[other]) told++;
	}
	own[host] = known[host];
	at[host] = known;
}
if (end + 1 !== log.length) fail("text after the last event");
if (events < 300 || told < 100) fail(`${events} events, ${told} times somebody was told`);
