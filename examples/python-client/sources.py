"""Where the key comes from. Each function returns a function that reads the key in use."""

import os
from urllib.parse import urlsplit

from rotated_key import Key

# The SDKs' own bounds are minutes. One look must not keep the other callers waiting for so long.
BOUNDS = {"retry_total": 1, "connection_timeout": 5, "read_timeout": 10}


def key_vault(vault_url: str, secret_name: str):
    """Key Vault's SDK: the newest version of the secret."""
    from azure.identity import DefaultAzureCredential
    from azure.keyvault.secrets import SecretClient

    client = SecretClient(vault_url, DefaultAzureCredential(), **secret_client_options(vault_url))

    def read() -> Key:
        secret = client.get_secret(secret_name)
        return Key(secret.value, secret.properties.version)

    return read


def app_configuration(endpoint: str, alias: str, vault_url: str, refresh_every: float):
    """App Configuration's provider. It watches the flag, which the service sets last, and resolves the reference.

    The provider does not tell the version, so this source cannot be acknowledged.
    """
    from azure.appconfiguration.provider import SettingSelector, WatchKey, load
    from azure.identity import DefaultAzureCredential

    credential = DefaultAzureCredential()
    settings = load(
        endpoint,
        credential,
        selects=[SettingSelector(key_filter=f"{alias}:*")],
        keyvault_client_configs={vault_url: {"credential": credential, **secret_client_options(vault_url)}},
        refresh_on=[WatchKey(f".appconfig.featureflag/{alias}-uses-key2")],
        refresh_interval=refresh_every,
    )

    def read() -> Key:
        settings.refresh()
        return Key(settings[f"{alias}:Key"])

    return read


def app_service_reference(setting: str):
    """Nothing to do: App Service puts the secret's value into the setting, and restarts the app with a new value."""
    return lambda: Key(os.environ[setting])


def secret_client_options(vault_url: str) -> dict:
    """A vault on this machine does not live under the domain that its challenge names."""
    return {**BOUNDS, "verify_challenge_resource": urlsplit(vault_url).hostname != "localhost"}
