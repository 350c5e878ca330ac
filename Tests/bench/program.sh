# shellcheck shell=bash
# What is measured: for scripts that know fail of nginx/common.sh.

# Prints the program that JACKFIELD_BINARY names; without it one is built for release. Usage: measured_program ROOT
measured_program() {
    if [ -n "${JACKFIELD_BINARY-}" ]; then
        printf '%s\n' "$JACKFIELD_BINARY"
        return
    fi
    command -v swift >/dev/null || fail "there is no swift command; install a Swift toolchain, or set JACKFIELD_BINARY."
    echo "Building; the first time takes some minutes." >&2
    local build=(swift build --package-path "$1" -c release) output
    output=$("${build[@]}" --product jackfield 2>&1) || { printf '%s\n' "$output" >&2; fail "the build failed."; }
    printf '%s/jackfield\n' "$("${build[@]}" --show-bin-path)"
}
