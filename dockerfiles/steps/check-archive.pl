#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# Judges the members of an untrusted archive while it streams by; no byte of a member goes on before its header was looked at.
#
#   check-archive.pl KIND NAME PACKED [LIST [MEMBER]] <stream >stream
#
# KIND     tree     tar that is unpacked: links must stay in its top folder
#          members  tar of which single files are taken: links must stay in the archive
#          system   tar of a root file system: links may be absolute, too
#          srpm     cpio of a source package: nothing but plain files; LIST says "size name" for what its header promises
# NAME     of the archive, for the message
# PACKED   its size in bytes before it was decompressed
# LIST     for tar: file that gets a line "kind path" for every member
# MEMBER   for tar: only the contents of this file go on, instead of the whole stream
# Settings UNPACK_MEMBERS, UNPACK_BYTES, UNPACK_PATH_BYTES, UNPACK_RATIO
# Exit     0; 20 refused, with a line "@@factory error=archive-refused detail=NAME | REASON | MEMBER"; 22 the stream ended too
#          early (said by the caller, who knows whether the decompressor broke off)
#
# Needs nothing but perl 5.10: every builder has that, and the Debian base, where there is no Python. Memory is bounded by the
# limits: paths are kept (32 MiB of them at most), contents never.
use strict;
use warnings;

# `our`: check-tar.pl and check-cpio.pl, which read the two formats, share them.
our ($kind, $archive, $packed, $list, $only) = @ARGV;
our %limit = map { $_ => $ENV{"UNPACK_$_"} || die "UNPACK_$_ is not set\n" } qw(MEMBERS BYTES PATH_BYTES RATIO);
# Small archives of much the same thing pack well, and do no harm.
my $RATIO_COUNTS_FROM = 16 << 20;
my $ALL_PATHS = 32 << 20;

my ($in, $out, $total, $paths) = ('', '', 0, 0);
our $members = 0;
our $member = '';
our $passing = !defined $only;
our %seen;    # path => f, d, l

binmode STDIN;
binmode STDOUT;
my $format = $kind eq 'srpm' ? 'cpio' : 'tar';
(my $here = $0) =~ s{[^/]*\z}{};
require "${here}check-$format.pl";
$kind eq 'srpm' ? cpio() : tar();
flush();
exit 0;

# ---- the stream

sub printable {
  my ($text) = @_;
  $text =~ s/([^\x20-\x7b\x7d\x7e])/sprintf '\\x%02x', ord $1/ge;
  return length $text > 200 ? substr($text, 0, 200) . '...' : $text;
}

sub refuse {
  my ($reason) = @_;
  print STDERR "\@\@factory error=archive-refused detail=$archive | $reason | ", printable($member), "\n";
  exit 20;
}

# more(COUNT): so many bytes are in $in; false at the end of the stream.
sub more {
  my ($count) = @_;
  while (length $in < $count) {
    my $got = sysread STDIN, $in, 262144, length $in;
    next if !defined $got && $!{EINTR};
    die "cannot read: $!\n" unless defined $got;
    return 0 if $got == 0;
    $total += $got;
    refuse("more than $limit{BYTES} bytes unpacked") if $total > $limit{BYTES};
    refuse("unpacks to more than $limit{RATIO} times its size")
      if $total > $RATIO_COUNTS_FROM && $total > $limit{RATIO} * $packed;
  }
  return 1;
}

sub take {
  my ($count) = @_;
  more($count) or exit 22;
  return substr $in, 0, $count, '';
}

sub pass {
  $out .= $_[0];
  flush() if length $out > 262144;
}

sub flush {
  while (length $out) {
    my $put = syswrite STDOUT, $out;
    next if !defined $put && $!{EINTR};
    die "cannot write: $!\n" unless defined $put;
    substr $out, 0, $put, '';
  }
}

# contents SIZE PADDED WANTED: passes on what stands between two headers.
sub contents {
  my ($size, $padded, $wanted) = @_;
  while ($padded > 0) {
    more(1) or exit 22;
    my $piece = substr $in, 0, ($padded < length $in ? $padded : length $in), '';
    $padded -= length $piece;
    if ($passing) { pass($piece) }
    elsif ($wanted) { pass(substr $piece, 0, $size < length $piece ? $size : length $piece) }
    $size -= length $piece;
    $size = 0 if $size < 0;
  }
}

# rest WHAT: nothing but zeros may come any more.
sub rest {
  while (length $in || more(1)) {
    refuse('data after the end of the archive') if $in =~ /[^\0]/;
    $in = '';
  }
}

# ---- names

sub text_reason {
  my ($text, $what) = @_;
  return "$what over $limit{PATH_BYTES} bytes" if length $text > $limit{PATH_BYTES};
  return "$what with a control character" if $text =~ /[\x00-\x1f\x7f]|\xc2[\x80-\x9f]/;
  return "$what that is not UTF-8"
    unless $text =~ /\A(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}
      |\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*+\z/x;
  return undef;
}

# plain PATH: without a leading ./ ; refuses what is no path below the archive.
sub plain {
  my ($path, $what) = @_;
  my $reason = text_reason($path, $what);
  refuse($reason) if defined $reason;
  refuse("absolute $what") if $path =~ m{^/};
  $path =~ s{^\./+}{};
  return '' if $path eq '' || $path eq '.';
  my @parts = split m{/}, $path, -1;
  refuse("$what with ..") if grep { $_ eq '..' } @parts;
  refuse("$what with empty or . parts") if grep { $_ eq '' || $_ eq '.' } @parts;
  refuse("$what with a name over 255 bytes") if grep { length > 255 } @parts;
  refuse("$what with a backslash") if $kind eq 'tree' && $path =~ /\\/;
  return $path;
}

# enter PATH TYPE: one more member; refuses what stands in the way of another.
sub enter {
  my ($path, $type) = @_;
  my $old = $seen{$path};
  if (defined $old && !($old eq 'd' && $type eq 'd')) {
    refuse('file over a directory') if $old eq 'd';
    refuse('directory over a file') if $type eq 'd';
    refuse('the same path twice');
  }
  my $parent = $path;
  while ($parent =~ s{/[^/]*\z}{}) {
    my $above = $seen{$parent};
    if (!defined $above) { $seen{$parent} = 'd'; $paths += length $parent; next }
    last if $above eq 'd';
    refuse($above eq 'l' ? 'member below a symbolic link' : 'member below a file');
  }
  $seen{$path} = $type;
  $paths += length $path;
  refuse("paths of more than $ALL_PATHS bytes together") if $paths > $ALL_PATHS;
}

sub count {
  refuse("more than $limit{MEMBERS} members") if ++$members > $limit{MEMBERS};
}
