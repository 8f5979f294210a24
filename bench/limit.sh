#!/usr/bin/env bash
# How near reading evidence comes to the limit that decompression sets.
#
# In one run on one generated corpus it measures gunzip alone (libdeflate, and
# zcat), our streaming pass, an import until all is queryable, the settling after
# it, and a cold investigation, at one and at two threads, with peak memory, and
# prints a table for docs/benchmarks.md. Seconds depend on the machine; the ratios
# of one run hardly do. It needs some 4 GB of disk for the default two million
# events and about ten minutes on two quiet cores.
#
#   bench/limit.sh [EVENTS [DIR]]   DIR: where the corpus goes, or is already
set -euo pipefail
cd "$(dirname "$0")/.."
events=${1:-2000000}
dir=${2:-}
if [ -z "$dir" ]; then
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
fi
mkdir -p "$dir"
bin="$dir/trailhound"
meter="$dir/limits"
go build -o "$bin" ./cmd/trailhound
go build -o "$meter" ./bench/limits
if [ ! -d "$dir/corpus" ]; then
	"$bin" simulate quiet-week --out "$dir/corpus" --events "$events" >"$dir/case.txt"
fi
exec_args=(-bin "$bin" -corpus "$dir/corpus" -work "$dir/work" -case "$dir/case.txt")
command -v libdeflate-gunzip >/dev/null ||
	echo "NOTE: libdeflate-gunzip is missing (Debian: libdeflate-tools): the limit is NOT MEASURED, ratios are to zcat alone" >&2
"$meter" "${exec_args[@]}"
