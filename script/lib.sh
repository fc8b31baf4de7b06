# script/lib.sh - what the scripts share; sourced, not run.
# Sets $top (the checkout), $jobs, and goes there.

set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
jobs=$(nproc)

say() { printf '%s\n' "$*" >&2; }
die() {
    say "error: $*"
    exit 1
}

# step NAME COMMAND... - run quietly; one line when done, the end of the output when it failed.
step() {
    local name=$1 log began=$SECONDS
    shift
    log=$(mktemp)
    if "$@" >"$log" 2>&1 </dev/null; then
        say "  ok    $name ($((SECONDS - began)) s)"
        rm -f "$log"
        return 0
    fi
    say "  FAIL  $name ($((SECONDS - began)) s): $*"
    tail -n 60 "$log" >&2
    rm -f "$log"
    return 1
}

# configure FOLDER MESON-OPTIONS... - set a build folder up, or bring an old one up to these options.
configure() {
    local dir=$1
    shift
    if [ -f "$dir/build.ninja" ]; then
        meson configure "$dir" "$@"
    else
        meson setup "$dir" "$@"
    fi
}

# The recorded logs that some tests and the bench read; they are not part of the repository.
find_corpora() {
    if [ -z "${TOCSIN_CORPORA:-}" ] && [ -d "$top/../shared/corpora" ]; then
        TOCSIN_CORPORA=$(cd "$top/../shared/corpora" && pwd)
    fi
    export TOCSIN_CORPORA=${TOCSIN_CORPORA:-}
}
