# SPDX-License-Identifier: Apache-2.0
#
# Reads cpio as rpm2cpio writes it; required by check-archive.pl, which has the stream, the limits and the rules for names.
use strict;
use warnings;

our ($list, %limit, $members, $member);

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

1;
