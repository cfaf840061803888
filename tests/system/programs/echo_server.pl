#!/usr/bin/env perl
# Echo lines over TCP, a process a connection; for images that have no other language.
# Usage: echo_server.pl PORT
use strict;
use IO::Socket::INET;

$SIG{CHLD} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 16, ReuseAddr => 1)
	or die "cannot listen on $ARGV[0]: $!";
while (1) {
	my $connection = $server->accept or next;
	next if fork;
	print $connection $_ while <$connection>;
	exit;
}
