"""Detects the language of texts, with a key that is rotated while this program runs.

    python3 main.py rest-test Bonjour     one call
    python3 main.py detect                one call for each line, until `quit`

README.md has the environment variables.
"""

import json
import logging
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

import sources
from rotated_key import RotatedKey

EVENTS_MAXIMUM_BYTES = 1024 * 1024  # of a delivery of Event Grid
CALL_TIMEOUT_S = 10
# The service answers an acknowledgement after its work, which takes up to 20 seconds.
ACKNOWLEDGE_TIMEOUT_S = 30

# Without a handler of its own, Python would print the SDKs' warnings.
logging.getLogger("azure").addHandler(logging.NullHandler())


class Refused(Exception):
    """Its text is one sentence for the user."""


def setting(name: str) -> str:
    if name not in os.environ:
        raise SystemExit(f"Set {name}.")
    return os.environ[name]


def make_key() -> RotatedKey:
    poll_every = float(os.environ.get("POLL_SECONDS", "60"))
    if "LANGUAGE_KEY" in os.environ:
        return RotatedKey(sources.app_service_reference("LANGUAGE_KEY"), poll_every=None)
    if "ALIAS" in os.environ:
        endpoint, vault_url = setting("APP_CONFIGURATION_ENDPOINT"), setting("KEY_VAULT_URL")
        return RotatedKey(sources.app_configuration(endpoint, setting("ALIAS"), vault_url, poll_every), poll_every)
    read = sources.key_vault(setting("KEY_VAULT_URL"), setting("SECRET_NAME"))
    return RotatedKey(read, poll_every, acknowledge if "ACKNOWLEDGE_URL" in os.environ else None)


def acknowledge(version: str) -> None:
    """Tells the service that this program uses the version. With Entra, send a token in `Authorization` instead."""
    response = requests.post(
        setting("ACKNOWLEDGE_URL"),
        headers={"x-functions-key": os.environ.get("ACKNOWLEDGE_KEY", "")},
        json={"consumer": setting("ACKNOWLEDGE_AS"), "version": version},
        timeout=ACKNOWLEDGE_TIMEOUT_S,
    )
    response.raise_for_status()


def listen_for_events(key: RotatedKey, port: int) -> None:
    """A webhook of Event Grid, in Event Grid's schema. The subscription's filter names the secret."""

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self):
            try:
                length = min(int(self.headers.get("Content-Length", 0)), EVENTS_MAXIMUM_BYTES)
                code = validation_code(json.loads(self.rfile.read(length)))
            except (ValueError, TypeError, KeyError, AttributeError):
                self.send_error(400)
                return
            answer = {} if code is None else {"validationResponse": code}
            if code is None:
                key.notify()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Webhook)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def validation_code(events: list):
    """The code of Event Grid's handshake, None in any other delivery."""
    for event in events:
        if event["eventType"] == "Microsoft.EventGrid.SubscriptionValidationEvent":
            return event["data"]["validationCode"]
    return None


def detect_language(key: RotatedKey, text: str) -> str:
    url = f"{setting('ENDPOINT').rstrip('/')}/language/:analyze-text?api-version=2023-04-01"
    documents = [{"id": "1", "text": text}]
    body = {"kind": "LanguageDetection", "analysisInput": {"documents": documents}}
    response = key.call(
        lambda value: requests.post(
            url,
            headers={"Ocp-Apim-Subscription-Key": value, "User-Agent": "application/python-client"},
            json=body,
            timeout=CALL_TIMEOUT_S,
        )
    )
    if response.status_code == 401:
        raise Refused("The key was refused (401).")
    if response.status_code == 403:
        raise Refused("The address of this machine was refused, or its right to call (403).")
    response.raise_for_status()
    return response.json()["results"]["documents"][0]["detectedLanguage"]["name"]


def main() -> None:
    command, *words = sys.argv[1:] or [""]
    if command not in ("rest-test", "detect"):
        raise SystemExit("Usage: python3 main.py rest-test TEXT | detect")
    key = make_key()
    if command == "rest-test":
        print(detect_language(key, " ".join(words) or "Hello"))
        return
    if "EVENTS_PORT" in os.environ:
        listen_for_events(key, int(os.environ["EVENTS_PORT"]))
    print("text> ", end="", flush=True)
    for line in sys.stdin:
        text = line.strip()
        if text == "quit":
            break
        if text:
            print(answer_to(key, text))
        print("text> ", end="", flush=True)


def answer_to(key: RotatedKey, text: str) -> str:
    """Says what went wrong, and the console goes on."""
    try:
        return detect_language(key, text)
    except Exception as error:
        return sentence_of(error)


def sentence_of(error: Exception) -> str:
    return str(error) if isinstance(error, Refused) else f"It did not work: {type(error).__name__}."


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        raise SystemExit(sentence_of(error)) from None
