// Send numbered lines and check that they come back. Usage: node echo_client.js PORT COUNT [PAUSE_MS]
const [port, count, pause] = process.argv.slice(2).map(Number);
const socket = require('net').connect(port, '127.0.0.1');
let back = '', next = 0;

const line = (i) => `line ${i} ${'x'.repeat(i * 37 % 3000)}\n`;
const send = () => socket.write(line(++next));

socket.setEncoding('latin1');
socket.on('data', (text) => {
	back += text;
	if (!back.endsWith('\n'))
		return;
	if (back !== line(next)) {
		console.error(`line ${next} came back as ${back.slice(0, 40)}`);
		process.exit(1);
	}
	back = '';
	if (count && next >= count)
		process.exit(0);
	setTimeout(send, pause || 0);
});
socket.on('connect', send);
socket.setTimeout(20000, () => process.exit(1));
