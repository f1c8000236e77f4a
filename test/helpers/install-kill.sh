#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Stands in PATH for a program that changes something, and kills the whole run with SIGKILL at the Nth call. Odd: before the real
# program runs, even: after it. Without /kill/at it only counts.
name=${0##*/}
case "$name $*" in
  rpm\ *--test* | rpm\ *-q* | rpm\ *--initdb*) exec "/usr/bin/$name" "$@" ;;
  rpm\ *' -'[iUe]' '*) ;;
  rpm\ *) exec "/usr/bin/$name" "$@" ;;
esac
count=$(($(cat /kill/count) + 1))
echo $count >/kill/count
echo "$count $name $*" >>/kill/calls
at=$(cat /kill/at 2>/dev/null || echo 0)
if [ $((count * 2 - 1)) -eq "$at" ] || [ $((count * 2)) -eq "$at" ]; then echo "$at" >/kill/killed; fi
if [ $((count * 2 - 1)) -eq "$at" ]; then kill -9 "-$(cat /kill/group)"; fi
"/usr/bin/$name" "$@"
status=$?
if [ $((count * 2)) -eq "$at" ]; then kill -9 "-$(cat /kill/group)"; fi
exit $status
