# Sourced by the install tests. They get SOURCE, BUILD, VERSION and CXX from ctest.
set -euo pipefail
: "${SOURCE:?}" "${BUILD:?}" "${VERSION:?}" "${CXX:?}"

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
unset CPATH LIBRARY_PATH LD_LIBRARY_PATH PKG_CONFIG_PATH CMAKE_PREFIX_PATH

# run COMMAND...: silent unless it fails.
run() {
    if ! "$@" >"$place/log" 2>&1; then
        cat "$place/log" >&2
        echo "failed: $*" >&2
        exit 1
    fi
}

fail() {
    echo "$*" >&2
    exit 1
}

# expect_output PROGRAM: noon of 1 January 1970 in Berlin, one command, the version.
expect_output() {
    local got
    got="$("$1")" || fail "$1: exit $?"
    [[ $got == $'39600\n1\n'$VERSION ]] || fail "$1 printed: $got"
}

# expect_files ROOT PATH...: each is there and not empty, or is a directory.
expect_files() {
    local root="$1" path
    shift
    for path in "$@"; do
        [[ -s $root/$path || -d $root/$path ]] || fail "$path was not installed"
    done
}

# build_by_find_package PREFIX: a consumer at $place/found/consumer.
build_by_find_package() {
    run cmake -G Ninja -S "$SOURCE/tests/install/program" -B "$place/found" -DCMAKE_PREFIX_PATH="$1" \
        -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_BUILD_TYPE=Release
    run cmake --build "$place/found"
}
