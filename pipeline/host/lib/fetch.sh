#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# Fetching from an address or a directory.

# choose_fetcher PLACE: $fetcher is curl, wget or cat.
choose_fetcher() {
  case $1 in
    *://*)
      if command -v curl >/dev/null 2>&1; then
        fetcher=curl
      elif command -v wget >/dev/null 2>&1; then
        fetcher=wget
      else
        refuse 69 missing "this host has neither curl nor wget: install one, or give a directory instead of $1"
      fi
      ;;
    *) fetcher="cat" ;;
  esac
}

# fetch PLACE FILE [BYTES]: at most so many bytes (a mebibyte), and not for ever.
fetch() { try_fetch "$@" || refuse 20 unreachable "$1: $fetch_error"; }

# try_fetch: the same, but fails with $fetch_error.
try_fetch() {
  mkdir -p "$(dirname "$2")"
  fetch_most=${3:-1048576}
  fetch_error=''
  case $fetcher in
    curl)
      curl --fail --silent --show-error --location --connect-timeout 20 --max-time 3600 --speed-limit 100 --speed-time 60 \
        --max-filesize "$fetch_most" --output "$2" "$1" 2>"$work/fetch" || fetch_error=$(tail -n 1 "$work/fetch")
      ;;
    wget)
      # wget has no limit for the size of one file.
      {
        wget -q -T 60 -O - "$1"
        echo $? >"$work/fetch"
      } 2>/dev/null | head -c "$((fetch_most + 1))" >"$2"
      [ "$(cat "$work/fetch")" -eq 0 ] || fetch_error="wget ended with $(cat "$work/fetch")"
      ;;
    *) cat "$1" >"$2" 2>/dev/null || fetch_error='cannot be read' ;;
  esac
  if [ -n "$fetch_error" ]; then
    rm -f "$2"
    return 1
  fi
  # curl knows a size only when the server says one.
  if [ "$(wc -c <"$2")" -gt "$fetch_most" ]; then
    rm -f "$2"
    fetch_error="more than $fetch_most bytes"
    return 1
  fi
}

