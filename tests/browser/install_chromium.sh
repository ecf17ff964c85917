#!/bin/sh
# Makes sure that there is a Chromium for the browser tests.
set -eu

for browser in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$browser" ] && command -v "$browser" >/dev/null 2>&1; then
        exit 0
    fi
done

as_root=
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
fi
if ! command -v apt-get >/dev/null 2>&1 || ! $as_root true 2>/dev/null; then
    echo "The browser tests need Chromium, and it cannot be installed from here." >&2
    echo "Install the package chromium (on Ubuntu chromium-browser), or set CHROMIUM to the" >&2
    echo "path of a Chromium or Chrome, and run the tests again." >&2
    exit 1
fi

echo "Installing Chromium for the browser tests." >&2
$as_root apt-get update
$as_root apt-get install -y --no-install-recommends chromium fonts-noto-color-emoji
