# Part of tools/install: what comes from Debian or Ubuntu.

# Pango draws the text of the PDF documents, the Noto fonts hold its Chinese glyphs.
runtime_packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"
# The browser and what drives it, pdffonts and pdftotext, strace for the crash tests.
test_packages="libatomic1 poppler-utils strace"

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]; }

is_ubuntu() { grep -qsE '^ID(_LIKE)?=.*ubuntu' /etc/os-release; }

# A Chromium or Chrome that really starts; Ubuntu's /usr/bin/chromium-browser only tells how to install a snap.
find_browser() {
  local name
  for name in chromium google-chrome google-chrome-stable chromium-browser; do
    if command -v "$name" >/dev/null && "$name" --version 2>/dev/null | grep -qE 'Chrom(e|ium)'; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# Says how to become root, or fails: nothing to say for root, else sudo when it will answer.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    sudo "$@"
  else
    return 126
  fi
}

apt_install() {
  say "Installing system packages: $*"
  as_root apt-get -q -o Dpkg::Use-Pty=0 update >&2 || return
  local package known=""
  for package in "$@"; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      known="$known $package"
    else
      say "  $package is not offered by this distribution; going on without it"
    fi
  done
  [ -z "$known" ] ||
    as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get -q -y -o Dpkg::Use-Pty=0 install --no-install-recommends $known >&2
}

# True afterwards: the packages of the profile are there, or a line has said which to ask for.
install_system_packages() {
  local wanted=$runtime_packages missing="" package
  if [ "$1" = test ]; then
    wanted="$wanted $test_packages"
    is_ubuntu || find_browser >/dev/null || wanted="$wanted chromium"
  fi
  if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
    for package in $wanted; do
      is_installed "$package" || missing="$missing $package"
    done
    if [ -n "$missing" ] && ! apt_install $missing; then
      say "These system packages are missing and could not be installed here:$missing"
      say "Ask for them:  apt-get install --no-install-recommends$missing"
      say "Going on with the programs that are there."
    fi
  else
    say "This is neither Debian nor Ubuntu: the portal also needs Pango, HarfBuzz and the Noto CJK fonts."
  fi
  if [ "$1" = test ] && ! find_browser >/dev/null; then
    say "No Chromium or Chrome was found, and the browser tests will fail without one."
    if is_ubuntu; then
      say "On Ubuntu the package 'chromium' is only a snap: install Google Chrome, or 'snap install chromium'."
    fi
  fi
}

# Prints a Python that is 3.11 or newer and can make environments; fails when there is none.
find_python() {
  local name
  for name in python3.11 python3.12 python3.13 python3; do
    if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# True afterwards: find_python finds one. Ubuntu 22.04's own python3 is 3.10, so a named version is asked for then.
need_python() {
  find_python >/dev/null && return
  if command -v apt-get >/dev/null; then
    apt_install python3 python3-venv || true
    find_python >/dev/null && return
    local version
    for version in 3.12 3.11 3.13; do
      apt-cache show "python$version-venv" >/dev/null 2>&1 || continue
      apt_install "python$version" "python$version-venv" || true
      find_python >/dev/null && return
    done
  fi
  fail "Python 3.11 or newer with its venv module is needed and was not found." \
    "Install it (Debian 12, Ubuntu 24.04: python3 python3-venv; Ubuntu 22.04: python3.11 python3.11-venv) and try again."
}
