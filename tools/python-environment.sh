# Part of tools/install: .venv and what is in it.

digest() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }

# The stamps file has one line a fact: "NAME DIGEST".
is_stamped() { grep -qsxF "$1 $2" "$stamps"; }

stamp() {
  { grep -vs "^$1 " "$stamps" || true; echo "$1 $2"; } >"$stamps.new"
  mv "$stamps.new" "$stamps"
}

# An environment is of use only where it was made: its programs name their interpreter by its full path.
is_environment_usable() {
  is_stamped root "$(printf %s "$root" | sha256sum | cut -d' ' -f1)" &&
    .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

pip_install() { .venv/bin/python -m pip --disable-pip-version-check install --quiet --no-input "$@" >&2; }

# One spelling for a package's name: Zope.SQLAlchemy and zope-sqlalchemy are the same package.
names() { tr 'A-Z_.' 'a-z--' | sort -u; }

# A package that left the locks leaves .venv too, so that nothing leans on it unnoticed.
remove_what_no_lock_names() {
  local installed locked leftover
  installed=$(.venv/bin/python -m pip --disable-pip-version-check list --format freeze --exclude-editable --exclude pip |
    sed 's/=.*//' | names)
  locked=$(sed -nE 's/^([A-Za-z0-9._-]+)(\[[a-z,]*\])?==.*/\1/p' requirements/*.txt | names)
  leftover=$(grep -vxF "$locked" <<<"$installed" || true)
  [ -z "$leftover" ] || .venv/bin/python -m pip uninstall --quiet --yes $leftover >&2
}

# Takes requirements/NAME.txt unless .venv was made from that very file.
install_lock() {
  local file=requirements/$1.txt
  local made_from
  made_from=$(digest "$file")
  is_stamped "$1" "$made_from" && return
  say "Installing $(grep -c '^[a-zA-Z0-9].*==' "$file") Python packages of $file (about a minute)"
  pip_install --require-hashes --no-deps -r "$file"
  remove_what_no_lock_names
  stamp "$1" "$made_from"
}

# The checkout itself, so that `supervision` is a command and the packages are importable from anywhere.
install_project() {
  local made_from
  made_from=$(digest setup.cfg pyproject.toml)
  is_stamped project "$made_from" && return
  pip_install --no-deps --no-build-isolation --editable .
  stamp project "$made_from"
}

# True afterwards: .venv has what the profile's lock names, by digest, and the checkout installed in place.
make_python_environment() {
  if ! is_environment_usable; then
    need_python
    say "Making .venv with $(find_python)"
    rm -rf .venv
    "$(find_python)" -m venv .venv
    stamp root "$(printf %s "$root" | sha256sum | cut -d' ' -f1)"
  fi
  # The test lock holds the runtime lock, so either order ends in the same environment. The tests start a cluster too.
  if [ "$1" = test ]; then
    install_lock test
    install_lock scale
    stamp runtime "$(digest requirements/runtime.txt)"
  fi
  install_lock runtime
  install_project
}
