# SPDX-License-Identifier: Apache-2.0
#
# Reads tar: ustar, GNU and pax; required by check-archive.pl, which has the stream, the limits and the rules for names.
use strict;
use warnings;

our ($kind, $list, $only, %limit, $members, $member, $passing, %seen);

my %REFUSED = (3 => 'device', 4 => 'device', 6 => 'fifo', 7 => 'contiguous file', S => 'sparse file');

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

1;
