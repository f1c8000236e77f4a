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

my ($kind, $archive, $packed, $list, $only) = @ARGV;
my %limit = map { $_ => $ENV{"UNPACK_$_"} || die "UNPACK_$_ is not set\n" } qw(MEMBERS BYTES PATH_BYTES RATIO);
# Small archives of much the same thing pack well, and do no harm.
my $RATIO_COUNTS_FROM = 16 << 20;
my $ALL_PATHS = 32 << 20;

my ($in, $out) = ('', '');
my ($total, $members, $paths) = (0, 0, 0);
my $member = '';
my $passing = !defined $only;
my %REFUSED = (3 => 'device', 4 => 'device', 6 => 'fifo', 7 => 'contiguous file', S => 'sparse file');
my %seen;    # path => f, d, l

binmode STDIN;
binmode STDOUT;
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

# ---- tar

sub number {
  my ($field, $what) = @_;
  $field =~ s/[\0 ]+\z//;
  $field =~ s/^ +//;
  refuse("$what that is no octal number") unless $field =~ /\A[0-7]+\z/;
  refuse("$what that is too large") if length $field > 12;
  return oct $field;
}

sub field {
  my ($text) = @_;
  $text =~ s/\0.*//s;
  return $text;
}

# pax DATA GLOBAL: the records of an extended header that matter.
sub pax {
  my ($data, $global) = @_;
  my %records;
  while ($data =~ s/\A(\d{1,6}) //) {
    my $length = $1 - length($1) - 1;
    refuse('damaged pax header') if $length < 3 || $length > length $data;
    my $record = substr $data, 0, $length, '';
    refuse('damaged pax header') unless $record =~ /\A([^=]+)=(.*)\n\z/s;
    my ($key, $value) = ($1, $2);
    # These change what the header beside them says, or what is read as its contents.
    my $known = $key =~ /\A(?:[amc]time|uid|gid|uname|gname|comment|(?:SCHILY|LIBARCHIVE)\..*)\z/s;
    $known ||= !$global && $key =~ /\A(?:link)?path\z/;
    refuse('pax record ' . printable($key)) unless $known;
    refuse('pax record twice: ' . printable($key)) if exists $records{$key};
    $records{$key} = $value;
  }
  refuse('damaged pax header') if $data =~ /[^\0]/;
  return %records;
}

sub tar {
  my ($held, $list_file) = ('');
  my (%long, $pending);
  if (defined $list) { open $list_file, '>', $list or die "$list: $!\n" }
  while (1) {
    $member = '';
    my $header = take(512);
    if ($header !~ /[^\0]/) {
      exit 22 if $pending;
      refuse('one block of zeros, not two, before the end') if take(512) =~ /[^\0]/;
      pass("\0" x 1024) if $passing;
      rest();
      refuse('no members') if $members == 0;
      return;
    }
    my $sum = unpack('%32C*', $header) - unpack('%32C*', substr $header, 148, 8) + 256;
    my $said = field(substr $header, 148, 8);
    if ($said !~ /\A *([0-7]+) *\z/ || oct $1 != $sum) {
      refuse($members == 0 ? 'not a tar archive' : 'damaged header');
    }
    count();
    my $type = substr $header, 156, 1;
    my $magic = substr $header, 257, 6;
    my $name = field(substr $header, 0, 100);
    my $prefix = $magic eq "ustar\0" ? field(substr $header, 345, 155) : '';
    $name = "$prefix/$name" if $prefix ne '';
    $member = defined $long{path} ? $long{path} : $name;
    my $size = number(substr($header, 124, 12), 'size');
    my $padded = ($size + 511) & ~511;

    if ($type =~ /[xgLK]/) {
      refuse('extended header over 65536 bytes') if $size > 65536;
      my $data = take($padded);
      $held .= $header . $data;
      refuse('extended headers without a member') if length $held > 1 << 20;
      $data = substr $data, 0, $size;
      if ($type eq 'g') { pax($data, 1); next }
      my %named = $type eq 'x' ? pax($data, 0) : ($type eq 'L' ? (path => $data) : (linkpath => $data));
      for my $key (qw(path linkpath)) {
        next unless exists $named{$key};
        refuse('named twice') if exists $long{$key};
        $named{$key} =~ s/\0\z// if $type ne 'x';
        $long{$key} = $named{$key};
      }
      $pending = 1;
      next;
    }

    my $target = defined $long{linkpath} ? $long{linkpath} : field(substr $header, 157, 100);
    my $path = member_of($type, $target, $size);
    if (defined $list_file) { print $list_file "$path->[0] $path->[1]\n" }
    if ($passing) { pass($held . $header) }
    ($held, $pending, %long) = ('', 0);
    contents($size, $padded, defined $only && $path->[0] eq '-' && $path->[1] eq $only);
  }
}

# member_of TYPE TARGET SIZE: judges one member; its kind as ls shows it, and its path.
sub member_of {
  my ($type, $target, $size) = @_;
  my $path = $member;
  if ($type eq '0' || $type eq "\0") {
    refuse('file with the name of a directory') if $path =~ m{/\z};
    refuse("more than $limit{BYTES} bytes unpacked") if $size > $limit{BYTES};
    $path = plain($path, 'path');
    refuse('empty path') if $path eq '';
    enter($path, 'f');
    return ['-', $path];
  }
  refuse($REFUSED{$type}) if exists $REFUSED{$type};
  refuse('member of type ' . printable($type)) unless $type =~ /\A[125]\z/;
  refuse('link or directory with contents') if $size > 0;
  $path =~ s{/+\z}{} if $type eq '5';
  $path = plain($path, 'path');
  if ($type eq '5') {
    enter($path, 'd') if $path ne '';
    return ['d', $path];
  }
  refuse('empty path') if $path eq '';
  if ($type eq '1') {
    my $reason = text_reason($target, 'link target');
    refuse($reason) if defined $reason;
    refuse('hard link that leads out of the archive: ' . printable($target)) if $target =~ m{^/|(?:^|/)\.\.(?:/|\z)};
    $target = plain($target, 'link target');
    refuse('hard link to what is no earlier file: ' . printable($target)) if ($seen{$target} || '') ne 'f';
    enter($path, 'f');
    return ['h', $path];
  }
  symbolic($path, $target);
  enter($path, 'l');
  return ['l', $path];
}

# symbolic PATH TARGET: .. may stand only at the beginning, where every folder is one (no member lies below a link); further
# on it would lead up from wherever another link leads to.
sub symbolic {
  my ($path, $target) = @_;
  my $reason = text_reason($target, 'link target');
  refuse($reason) if defined $reason;
  refuse('empty link target') if $target eq '';
  return if $target =~ m{^/} && $kind eq 'system';
  my $out = 'symbolic link that leads out of the archive: ' . printable($target);
  refuse($out) if $target =~ m{^/};
  my $depth = ($path =~ tr{/}{}) - ($kind eq 'tree' ? 1 : 0);
  my $named = 0;
  for my $part (grep { $_ ne '' && $_ ne '.' } split m{/}, $target) {
    if ($part ne '..') { $named = 1; next }
    refuse('symbolic link with .. after a name: ' . printable($target)) if $named;
    refuse($out) if --$depth < 0;
  }
}

# ---- cpio, as rpm2cpio writes it

sub cpio {
  my (%promised, %linked);
  open my $header, '<', $list or die "$list: $!\n";
  while (<$header>) {
    chomp;
    my ($size, $name) = split / /, $_, 2;
    $member = defined $name ? $name : $_;
    refuse('name twice in the header of the package') if !defined $name || exists $promised{$name};
    $promised{$name} = $size;
  }
  while (1) {
    $member = '';
    my $block = take(110);
    refuse($members == 0 ? 'not a cpio archive' : 'damaged header')
      unless $block =~ /\A07070[12][0-9A-Fa-f]{104}\z/;
    my ($ino, $mode, undef, undef, $nlink, undef, $size, $major, $minor, undef, undef, $length) =
      map { hex } unpack '(A8)*', substr $block, 6;
    refuse("path over $limit{PATH_BYTES} bytes") if $length > $limit{PATH_BYTES} + 1;
    refuse('empty path') if $length < 2;
    my $rest = take($length + (-(110 + $length) & 3));
    $member = substr $rest, 0, $length - 1;
    refuse('damaged header') if substr($rest, $length - 1) =~ /[^\0]/;
    if ($member eq 'TRAILER!!!') {
      refuse('end with contents') if $size > 0;
      pass($block . $rest);
      $member = '';
      rest();
      last;
    }
    count();
    my $type = $mode & 0170000;
    my %types = (0120000 => 'symbolic link', 0040000 => 'directory', 0020000 => 'device', 0060000 => 'device',
      0010000 => 'fifo', 0140000 => 'socket');
    refuse($types{$type} || 'member of no known type') unless $type == 0100000;
    my $path = plain($member, 'path');
    refuse('empty path') if $path eq '';
    refuse('path with a folder') if $path =~ m{/};
    refuse('hard link') if $nlink > 1 && $linked{"$major:$minor:$ino"}++;
    refuse("more than $limit{BYTES} bytes unpacked") if $size > $limit{BYTES};
    enter($path, 'f');
    refuse('not in the header of the package') unless exists $promised{$path};
    refuse("$size bytes, but $promised{$path} in the header of the package") if $promised{$path} != $size;
    delete $promised{$path};
    pass($block . $rest);
    contents($size, ($size + 3) & ~3, 0);
  }
  for my $missing (sort keys %promised) {
    $member = $missing;
    refuse('in the header of the package, but not in its payload');
  }
}
