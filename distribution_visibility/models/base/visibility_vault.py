import logging
import os
from functools import lru_cache

from odoo import api, fields, models, tools

from ...lib.base.errors import ConfigurationError
from ...lib.base.vault import Key, Vault, load_master_keys

_logger = logging.getLogger(__name__)

KEY_FILE = "visibility_master.key"


@lru_cache(maxsize=4)
def _open_vault(config_value, environ_value, key_file):
    """The vault, and where its master key was found."""
    found = load_master_keys(config_value, environ_value, key_file)
    return Vault(found.keys), found.origin


class VisibilityVault(models.AbstractModel):
    """Encrypts secrets at rest with a master key that is never in the database.

    The key is ``visibility_master_key`` in the Odoo configuration file, else the environment
    variable ``VISIBILITY_MASTER_KEY``, else a file beside the filestore that is made on first use.
    """

    _name = "visibility.vault"
    _description = "Secrets at rest"

    @api.model
    def _get_vault(self):
        return self._open_vault()[0]

    @api.model
    def _get_origin(self):
        """Where the master key was found, for a person."""
        return self._open_vault()[1]

    @api.model
    def _is_in_file(self):
        """Whether it is the embedded default: a file that several servers would have to share."""
        return self._get_origin().endswith(KEY_FILE)

    @api.model
    def _open_vault(self):
        return _open_vault(
            tools.config.get("visibility_master_key") or "",
            os.environ.get("VISIBILITY_MASTER_KEY", ""),
            os.path.join(tools.config["data_dir"], KEY_FILE),
        )

    @api.model
    def _encrypt(self, secret):
        return self._get_vault().encrypt(secret)

    @api.model
    def _decrypt(self, token):
        return self._get_vault().decrypt(token)

    @api.model
    def _get_fingerprint(self):
        """What tells the master key that encrypts now from others, and nothing of the key itself."""
        return self._get_vault().key_fingerprint

    @api.model
    def _seal(self, secret):
        """Values for a record that keeps a secret."""
        return {"secret_encrypted": self._encrypt(secret), "sealed_with": self._get_fingerprint()}

    @api.model
    def _reseal(self, token):
        """Values for the same secret under the master key of now; None when no master key opens it."""
        try:
            return {"secret_encrypted": self._get_vault().rotate(token), "sealed_with": self._get_fingerprint()}
        except ConfigurationError as error:
            _logger.error("a stored secret cannot be encrypted again: %s", error)
            return None

    @api.model
    def _unseal(self, sealed_keys):
        """The keys that are valid now, in plain text for the moment of one verification.

        A key that no master key opens is left out: it can prove nothing, and the others still can.
        """
        now = fields.Datetime.now()
        return self._open([sealed for sealed in sealed_keys if sealed.is_valid(now)])

    @api.model
    def _open(self, sealed_keys):
        keys = []
        for sealed in sealed_keys:
            try:
                keys.append(Key(str(sealed.id), self._decrypt(sealed.token)))
            except ConfigurationError as error:
                _logger.error("key %s cannot be used: %s", sealed.id, error)
        return keys
