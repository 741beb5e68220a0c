#!/usr/bin/env bash
# Make a virtual environment:  tools/setup.sh FOLDER WHAT, where requirements/WHAT.txt says what goes into it.
# Does nothing when FOLDER already holds what requirements/ asks for. Says what to install where something is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1 what=$2
wanted=(requirements/runtime.txt "requirements/$what.txt" requirements/tools.txt requirements/training.txt)
stamp=$folder/.installed
packages="libx11-6 libxext6 libxrender1 libxxf86vm1 libxfixes3 libxi6 libxkbcommon0 libsm6 libice6 libgl1 libegl1 libgomp1"

fits() { "$@" -c 'import sys, venv, ensurepip; raise SystemExit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; }

find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3 python; do
    if fits "$candidate"; then echo "$candidate"; return; fi
  done
  if command -v uv >/dev/null && candidate=$(uv python find 3.11 2>/dev/null) && fits "$candidate"; then
    echo "$candidate"; return
  fi
  cat >&2 <<'TEXT'
Python 3.11 with its venv module is needed: Blender's module is built for it. Install it by one of
  Debian 12:     sudo apt-get install python3.11 python3.11-venv
  Ubuntu:        sudo add-apt-repository ppa:deadsnakes/ppa && sudo apt-get install python3.11 python3.11-venv
  anywhere else: uv python install 3.11        (https://docs.astral.sh/uv/)
and run this again, or name one: make PYTHON=/path/to/python3.11 ...
TEXT
  return 1
}

check_libraries() {
  local module missing=""
  module=$(echo "$folder"/lib/python3.11/site-packages/bpy/__init__*.so)
  if command -v ldd >/dev/null && [[ -f $module ]]; then
    missing=$(ldd "$module" 2>/dev/null | awk '/not found/ {print $1}' | sort -u | tr '\n' ' ')
    ldconfig -p 2>/dev/null | grep -q 'libEGL\.so\.1' || missing+="libEGL.so.1"
  fi
  if [[ -n $missing ]]; then
    echo "Blender needs system libraries that are missing: $missing" >&2
    echo "  Debian or Ubuntu: sudo apt-get install $packages" >&2
    return 1
  fi
}

if ! cat "${wanted[@]}" | cmp -s - "$stamp"; then
  python=$(find_python)
  [[ $what == blender-* ]] && size="about 750 MB" || size="about 450 MB"
  echo "Setting up $folder with $what (once; the download is $size) ..."
  [[ -x $folder/bin/python ]] || "$python" -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --retries 10 \
    -r "requirements/$what.txt" -r requirements/tools.txt -r requirements/training.txt
  check_libraries
  cat "${wanted[@]}" >"$stamp"
fi

viewer=addon/batch/gallery/site/model-viewer-umd.min.js
[[ -f $viewer ]] || "$folder/bin/python" -m tools.viewer >/dev/null || true  # it says what is missing without it
