# shellcheck shell=bash
# What start, stop and the tests share: saying why something cannot be, Debian packages, pid files.

# What a build needs of Debian, and what a program needs that was built somewhere else.
build_packages=(libfcgi-dev libqrencode-dev libsodium-dev libsqlite3-dev librabbitmq-dev libcurl4-openssl-dev pkg-config)
runtime_packages=(libfcgi0ldbl libqrencode4 libsodium23 libsqlite3-0 librabbitmq4 libcurl4)

# Says why, in one sentence that tells what to do, and ends.
fail() {
    printf '%s: %s\n' "$(basename -- "$0")" "$*" >&2
    exit 1
}

# The data directory when none is named.
default_data() {
    printf '%s/jackfield\n' "${XDG_STATE_HOME:-${HOME:?HOME is not set}/.local/state}"
}

# Installs the Debian packages that are missing; says which ones if this user cannot.
require_packages() {
    command -v dpkg-query >/dev/null ||
        fail "this is not a Debian machine; install the equivalents of: $*, then pass --binary PATH or build yourself."
    local package missing=()
    for package in "$@"; do
        [ "$(dpkg-query --showformat='${db:Status-Status}' --show "$package" 2>/dev/null)" = installed ] ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" -eq 0 ] || fail "run this once as root, or ask root for: apt-get install ${missing[*]}"
    echo "Installing ${missing[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update --quiet && apt-get install --quiet --yes --no-install-recommends "${missing[@]}"; } \
        >/dev/null || fail "apt-get could not install ${missing[*]}; install them and start again."
}

# Prints the process that a pid file names, if it runs and its command line names the data directory.
# Usage: running_process FILE DATA
running_process() {
    local process
    [ -r "$1" ] && read -r process <"$1" && [[ $process =~ ^[0-9]+$ ]] || return 1
    tr '\0' ' ' 2>/dev/null <"/proc/$process/cmdline" | grep --quiet --fixed-strings -- "$2" || return 1
    echo "$process"
}

# Waits until a command succeeds. Usage: wait_until SECONDS COMMAND…
wait_until() {
    local ends=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $ends ] || return 1
        sleep 0.05
    done
}

has_ended() {
    ! kill -0 "$1" 2>/dev/null || grep --quiet '^State:.Z' "/proc/$1/status" 2>/dev/null
}

# Ends a process by a polite signal, and by SIGKILL if it does not follow. Usage: end_process SIGNAL PROCESS SECONDS
end_process() {
    kill -s "$1" "$2" 2>/dev/null || return 0
    # A bare `return` in a trap would give the status of what the trap interrupted.
    ! wait_until "$3" has_ended "$2" || return 0
    echo "Process $2 did not follow $1 within $3 seconds and was killed." >&2
    kill -s KILL "$2" 2>/dev/null || return 0
    wait_until 5 has_ended "$2"
}

# Ends what runs on a data directory: first nginx, which finishes what it has, then the application, which does too.
# Says nothing and fails if nothing ran.
stop_all() {
    local process any=1
    if process=$(running_process "$1/run/nginx.pid" "$1"); then
        end_process QUIT "$process" 15
        any=0
    fi
    if process=$(running_process "$1/run/jackfield.pid" "$1"); then
        end_process TERM "$process" 15
        any=0
    fi
    rm -f "$1/run/jackfield.pid"
    return $any
}
