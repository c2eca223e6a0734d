#!/usr/bin/env bash
# What the containers that run Odoo start with (see docker-compose.yml):
#
#   entry.sh prepare    install packages, make the database or upgrade our add-ons in it, and end
#   entry.sh serve      run Odoo
#   entry.sh COMMAND    run something else with the same packages, for example `odoo shell`
#
# Python packages go to a folder on PYTHONPATH, in the volume: not into the system's Python, which the
# image's own Odoo is tested with and which only root may change (PEP 668), and not into a virtual
# environment, which the image's `odoo` command would not use. Running twice changes nothing.
set -euo pipefail

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
STATE="${VISIBILITY_STATE:-/var/lib/odoo/visibility}"
ADDONS="${VISIBILITY_ADDONS:-/mnt/extra-addons}"

say() { echo "visibility: $*" >&2; }

# One folder for each set of versions and version of Python; it appears only when it is complete.
install_packages() {
    local wanted target
    wanted="$( { python3 --version; cat "$HERE/requirements/runtime.txt" "$HERE/requirements/oca.txt"; } |
        sha256sum | cut -c1-12)"
    target="$STATE/packages-$wanted"
    if [[ ! -d "$target" ]]; then
        say "installing Python packages and OCA add-ons"
        rm -rf "$target.part"
        mkdir -p "$target.part"
        # what is installed says so itself, whatever is mounted later
        cp "$HERE/requirements/runtime.txt" "$HERE/requirements/oca.txt" "$target.part"
        pip_install "$target.part/python" --require-hashes -r "$target.part/runtime.txt"
        # they ask for a package named odoo, which is not on PyPI
        pip_install "$target.part/oca" --require-hashes --no-deps -r "$target.part/oca.txt"
        mv "$target.part" "$target"
    fi
    ln -sfn "$target" "$STATE/current"
}

pip_install() {
    local target="$1"
    shift
    pip3 install --quiet --no-cache-dir --no-warn-conflicts --disable-pip-version-check --target "$target" "$@" ||
        { say "packages could not be installed: check the network of this container and start it again"; exit 1; }
}

# Our add-ons are those that are mounted.
modules() {
    local manifest
    for manifest in "$ADDONS"/*/__manifest__.py; do
        basename "$(dirname "$manifest")"
    done | paste -sd, -
}

# Changes when a file of an add-on changes that can change a database.
fingerprint() {
    (cd "$ADDONS" && find . -type f -not -path '*/tests/*' -not -name '*.pyc' -print0 |
        sort -z | xargs -0 sha256sum | sha256sum | cut -c1-64)
}

database_exists() {
    local found
    found="$(psql -d postgres -tAc "SELECT 1 FROM pg_database WHERE datname = '$PGDATABASE'")"
    [[ "$found" == 1 ]]
}

is_installed() {
    local found
    database_exists || return 1
    # no such table in a database that Odoo has not begun with
    found="$(psql -tAc "SELECT 1 FROM ir_module_module WHERE name = 'distribution_visibility' AND state = 'installed'" \
        2>/dev/null || true)"
    [[ "$found" == 1 ]]
}

run_odoo() { odoo "$@" --stop-after-init --no-http --max-cron-threads=0; }

prepare_database() {
    local stamp now
    stamp="$STATE/$PGDATABASE.installed"
    now="$(modules) $(fingerprint)"
    if ! is_installed; then
        say "making the database $PGDATABASE"
        run_odoo -i base
        replace_first_password
        run_odoo -i "$(modules)"
    elif [[ "$(cat "$stamp" 2>/dev/null || true)" != "$now" ]]; then
        say "upgrading the add-ons in the database $PGDATABASE"
        run_odoo -i "$(modules)" -u "$(modules)"
    fi
    echo "$now" >"$stamp.part"
    mv "$stamp.part" "$stamp"
}

# Odoo gives its first user the password admin: it is replaced before the server runs for the first time,
# and before our add-ons are there, so that a set-up that was interrupted here is taken up again.
replace_first_password() {
    odoo shell --no-http --max-cron-threads=0 <<'PYTHON'
import os
admin = env.ref("base.user_admin")
env.cr.execute("SELECT password FROM res_users WHERE id = %s", [admin.id])
(encrypted,) = env.cr.fetchone()
if admin._crypt_context().verify("admin", encrypted):
    admin.password = os.environ["ADMIN_PASSWORD"]
    env.cr.commit()
PYTHON
}

prepare() {
    : "${PGDATABASE:?}" "${ADMIN_PASSWORD:?}" "${VISIBILITY_MASTER_KEY:?}"
    mkdir -p "$STATE"
    exec 9>"$STATE/lock"
    flock 9
    install_packages
    use_packages
    prepare_database
    say "ready"
}

use_packages() {
    export PYTHONPATH="$STATE/current/python${PYTHONPATH:+:$PYTHONPATH}"
    # for Odoo's database manager, which is switched off: a password that nobody knows
    ODOO_ADMIN_PASSWD="$(head -c 24 /dev/urandom | base64)"
    export ODOO_ADMIN_PASSWD
}

case "${1:-serve}" in
    prepare)
        prepare
        ;;
    serve)
        use_packages
        exec odoo
        ;;
    *)
        use_packages
        exec "$@"
        ;;
esac
