#!/usr/bin/env bash
# Makes .venv with all that nurture needs, each download checked against its hash in requirements.txt.
# `make setup` runs it when something has changed; without make, run it yourself.
set -euo pipefail
cd "$(dirname "$0")"

say() { echo "setup: $*" >&2; }

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local name
    for name in python3.11 python3.12 python3.13 python3; do
        if is_new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    say "Python 3.11 or newer is needed (Debian: apt-get install python3 python3-venv)"
    return 1
}

# Debian ships Python without the means to make environments.
need_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    local package
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$package" >/dev/null
    else
        say "$1 cannot make environments: apt-get install $package"
        return 1
    fi
}

python=$(find_python)
if ! is_new_enough .venv/bin/python; then
    need_venv "$python"
    "$python" -m venv --clear .venv
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check uv
.venv/bin/uv pip install --quiet --python .venv --require-hashes -r requirements.txt
.venv/bin/uv pip install --quiet --python .venv --no-deps --no-build-isolation -e .
touch .venv/.ready
say "ready: .venv/bin/nurture"
