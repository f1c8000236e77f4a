#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# GRUB 2: reads and writes its files. The environment block is 1024 bytes: a first line, lines "name=value", filled up with #
# (GRUB manual, "Environment block"; grub-core/lib/envblk.c).

grub2_whole() { [ "$(wc -c <"$root$(grub2_dir)/grubenv")" -eq 1024 ] && [ "$(head -n 1 "$root$(grub2_dir)/grubenv")" = '# GRUB Environment Block' ]; }

# grub2_get NAME: of the environment block.
grub2_get() { sed -n "s/^$1=//p" "$root$(grub2_dir)/grubenv" 2>/dev/null; }

# grub2_set NAME=VALUE|NAME...: writes or takes out values, all at once.
grub2_set() {
  grub2_env=$root$(grub2_dir)/grubenv
  grub2_made=''
  [ -f "$grub2_env" ] || grub2_made='fullnat_factory_made=yes'
  { cat "$grub2_env" 2>/dev/null || printf '# GRUB Environment Block\n%s\n' "$grub2_made"; } >"$work/grubenv"
  for grub2_item; do
    awk -v name="${grub2_item%%=*}" -v item="$grub2_item" '
      /^#/ {if (NR == 1) print; next}
      index($0, name "=") == 1 {next}
      {print}
      END {if (index(item, "=")) print item}' "$work/grubenv" >"$work/grubenv.new"
    cat "$work/grubenv.new" >"$work/grubenv"
  done
  if [ "$(wc -l <"$work/grubenv")" -eq 2 ] && grep -q '^fullnat_factory_made=' "$work/grubenv"; then
    rm -f "$grub2_env"
    return 0
  fi
  grub2_free=$((1024 - $(wc -c <"$work/grubenv")))
  [ "$grub2_free" -gt 0 ] || refuse 40 boot "$grub2_env is full: take values out of it with grub-editenv"
  awk -v count="$grub2_free" 'BEGIN {for (i = 0; i < count; i++) printf "#"}' >>"$work/grubenv"
  cmp -s "$work/grubenv" "$grub2_env" || boot_copied "$work/grubenv" "$grub2_env"
}

# grub2_block RELEASE: its entry, of the text on standard input. grub2_without [RELEASE]: the text without it, or without the switch.
grub2_block() { awk -v name="fullnat-factory $1" '$0 == "### BEGIN " name " ###" {on = 1} on {print} $0 == "### END " name " ###" {on = 0}'; }
grub2_without() { awk -v name="fullnat-factory${1:+ $1}" '$0 == "### BEGIN " name " ###" {on = 1} !on {print} $0 == "### END " name " ###" {on = 0}'; }

# grub2_entry RELEASE IMAGE INITRAMFS|- ARGUMENTS: an entry like the default one of grub.cfg, with this kernel.
grub2_entry() {
  grub2_default >"$work/boot-default"
  grub2_line=$(sed -n 's/^[[:blank:]]*\(linux[a-z0-9]*\)[[:blank:]]\{1,\}/\1 /p' "$work/boot-default" | head -n 1)
  [ -n "$grub2_line" ] ||
    refuse 40 boot "$root$(grub2_dir)/grub.cfg: the default entry starts no Linux, or is not in a form that this script reads"
  grub2_command=${grub2_line%% *}
  grub2_line=${grub2_line#* }
  grub2_path=${grub2_line%% *}
  grub2_arguments=$(boot_with "${grub2_line#"$grub2_path"}" "$4")
  [ "$3" != - ] || grub2_arguments=$(boot_root "$grub2_arguments") || exit
  # Paths are those of the file system that /boot lies in.
  grub2_top=${grub2_path%/*}
  echo "### BEGIN fullnat-factory $1 ###"
  echo "menuentry 'Linux $1 (fullnat-factory)' --id 'fullnat-factory-$1' {"
  grep -Ev '^[[:blank:]]*(echo|linux[a-z0-9]*|initrd[a-z0-9]*)[[:blank:]]' "$work/boot-default" | sed 's/^[[:blank:]]*/  /'
  # shellcheck disable=SC2016 # GRUB's variable
  printf '  %s %s/%s %s ${fullnat_factory_panic}\n' "$grub2_command" "$grub2_top" "${2##*/}" "${grub2_arguments# }"
  [ "$3" = - ] || printf '  initrd%s %s/%s\n' "${grub2_command#linux}" "$grub2_top" "${3##*/}"
  echo '}'
  echo "### END fullnat-factory $1 ###"
}

# grub2_default: the body of the entry that grub.cfg starts by itself: by number, id or title, with those of submenus before it and
# ">" between.
grub2_default() {
  # shellcheck disable=SC2016 # GRUB's variable
  grub2_spec=$(sed -n 's/^[[:blank:]]*set default="\{0,1\}\([^"]*\)"\{0,1\}[[:blank:]]*$/\1/p' "$root$(grub2_dir)/grub.cfg" | grep -v '^${next_entry}$' | tail -n 1)
  # shellcheck disable=SC2016
  if [ "$grub2_spec" = '${saved_entry}' ]; then grub2_spec=$(grub2_get saved_entry); fi
  # awk takes backslashes in -v for its own.
  GRUB2_SPEC=$grub2_spec awk '
    function named(line,   q, rest) {
      sub(/^[ \t]*(menuentry|submenu)[ \t]+/, "", line)
      q = substr(line, 1, 1)
      if (q != "\"" && q != "\047") {split(line, word, /[ \t]/); return word[1]}
      rest = substr(line, 2)
      return substr(rest, 1, index(rest, q) - 1)
    }
    function id_of(line) {
      if (!match(line, /(\$\{?menuentry_id_option\}?|--id)[ \t=]+/)) return "\001"
      line = substr(line, RSTART + RLENGTH)
      gsub(/[\047"{]/, " ", line)
      split(line, word, " ")
      return word[1]
    }
    # Whether what begins here is the part of the wanted path at this depth; behind its end the first one is.
    function fits(number, line) {
      if (depth >= parts) return number == 0
      if (part[depth + 1] ~ /^[0-9]+$/) return number == part[depth + 1] + 0
      return id_of(line) == part[depth + 1] || named(line) == part[depth + 1]
    }
    BEGIN {spec = ENVIRON["GRUB2_SPEC"]; if (spec == "") spec = "0"; parts = split(spec, part, ">"); depth = 0; inside[0] = 1}
    /^[ \t]*(menuentry|submenu)[ \t].*\{[ \t]*$/ {
      good = inside[depth] && fits(count[depth]++, $0)
      if ($1 == "menuentry" && depth == 0 && count[0] == 1) first = 1
      depth++
      inside[depth] = good; count[depth] = 0; entry[depth] = $1 == "menuentry"
      next
    }
    /^[ \t]*function[ \t].*\{[ \t]*$/ {depth++; inside[depth] = 0; count[depth] = 0; entry[depth] = 0; next}
    /^[ \t]*\}[ \t]*$/ && depth > 0 {if (entry[depth] && inside[depth]) {found = 1; exit}; first = 0; depth--; next}
    depth > 0 && entry[depth] && inside[depth] {body = body $0 "\n"}
    first {fallback = fallback $0 "\n"}
    END {printf "%s", (found ? body : fallback)}' "$root$(grub2_dir)/grub.cfg"
}
