# Runs claude, and after its end what saves worktrees outside of the volume. Arguments: SAVE COMMAND...
my $save = shift;
my $claude = fork // die "error: Cannot start claude: $!\n";
if (!$claude) { exec { $ARGV[0] } @ARGV; print STDERR "error: Cannot start $ARGV[0]: $!\n"; exit($!{ENOENT} ? 127 : 126) }
$SIG{$_} = "IGNORE" for qw(INT QUIT TSTP);
$SIG{$_} = sub { kill $_[0], $claude } for qw(TERM HUP USR1 USR2);
while (waitpid($claude, 0) != $claude) { $!{EINTR} or last }
my $status = $?;
$SIG{$_} = "IGNORE" for qw(TERM HUP);
if (glob "$ENV{HOME}/workspace/.git/worktrees/*") { system "timeout", 60, "/bin/sh", $save }
exit($status & 127 ? 128 + ($status & 127) : $status >> 8)
