// Echo over TCP, Node's event loop. Usage: node echo_server.js PORT
require('net').createServer((socket) => {
	socket.on('error', () => {});
	socket.pipe(socket);
}).listen(Number(process.argv[2]), '127.0.0.1');
