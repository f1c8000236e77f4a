#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# merge-config.pl OVERRIDE BASE [ARCH]
#
# Merges two kernel configuration fragments to standard output: BASE's order is kept, OVERRIDE's values win, what only
# OVERRIDE has comes last. With ARCH the first line is "# ARCH" (RHEL's %prep reads the architecture from there).
use strict;
use warnings;

sub fragment {
    my ($path) = @_;
    my (@order, %line);
    open my $in, '<', $path or die "$path: $!\n";
    while (<$in>) {
        chomp;
        my ($symbol) = /^(?:# )?(CONFIG_\w+)(?:=.*| is not set)$/ or next;
        die "$path:$.: $symbol is set twice\n" if exists $line{$symbol};
        push @order, $symbol;
        $line{$symbol} = $_;
    }
    return (\@order, \%line);
}

die "usage: merge-config.pl OVERRIDE BASE [ARCH]\n" if @ARGV < 2;
my ($override_order, $override) = fragment($ARGV[0]);
my ($base_order, $base) = fragment($ARGV[1]);
print "# $ARGV[2]\n" if defined $ARGV[2];
for my $symbol (@$base_order) {
    print exists $override->{$symbol} ? $override->{$symbol} : $base->{$symbol}, "\n";
}
for my $symbol (@$override_order) {
    print "$override->{$symbol}\n" unless exists $base->{$symbol};
}
