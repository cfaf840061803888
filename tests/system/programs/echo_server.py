#!/usr/bin/env python3
"""Echo lines over TCP, a thread a connection. Usage: echo_server.py PORT [ADDRESS]"""
import socket
import socketserver
import sys


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


address = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
if ":" in address:
    Server.address_family = socket.AF_INET6
Server((address, int(sys.argv[1])), Echo).serve_forever()
