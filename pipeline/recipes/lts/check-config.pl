#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# check-config.pl WANTED FINAL
#
# Kconfig drops what it does not know and corrects what it does not like, without a word. This names every symbol whose value in
# FINAL is not the one in WANTED, one "@@factory config-mismatch=" line each, and then fails.
use strict;
use warnings;

sub values_of {
    my ($path) = @_;
    my %value;
    open my $in, '<', $path or die "$path: $!\n";
    while (<$in>) {
        if (/^(CONFIG_\w+)=(.*)$/) { $value{$1} = $2; }
        elsif (/^# (CONFIG_\w+) is not set$/) { $value{$1} = 'n'; }
    }
    return \%value;
}

die "usage: check-config.pl WANTED FINAL\n" if @ARGV != 2;
my ($wanted, $final) = map { values_of($_) } @ARGV;
my $wrong = 0;
for my $symbol (sort keys %$wanted) {
    my $got = $final->{$symbol};
    next if defined $got && $got eq $wanted->{$symbol};
    # A symbol that is off and whose menu is off too is not listed at all: that is off enough.
    next if !defined $got && $wanted->{$symbol} eq 'n';
    $got = 'absent' unless defined $got;
    print "\@\@factory config-mismatch=$symbol wanted=$wanted->{$symbol} got=$got\n";
    $wrong++;
}
if ($wrong) {
    print STDERR "error: $wrong kernel configuration symbol(s) did not get the wanted value (listed above)\n";
    exit 1;
}
