"""Runs the cases of one module against a gateway, for each provider, and tells each result as one line of JSON.

Usage: run_cases.py MODULE GATEWAY_URL KEY IMAGE_URL PROVIDER...
"""

import base64
import importlib
import json
import sys
import traceback
import urllib.request

WEATHER_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TIME_SCHEMA = {
    "type": "object",
    "properties": {"zone": {"type": "string"}},
    "required": ["zone"],
    "additionalProperties": False,
}
LONG_TEXT = "One two three, 四五六 and – finally – seven 🎉 of them."
PIXEL = base64.b64encode(b"\x89PNG no more than a pixel").decode()


class Target:
    """A gateway, and the provider behind it whose model is asked; what a model answers is told by its name."""

    def __init__(self, url, key, image_url, provider):
        self.url = url
        self.key = key
        self.image_url = image_url
        self.provider = provider

    def model(self, cue):
        return f"{self.provider}/{cue}"

    def image_as_seen(self):
        """The image at `image_url` as the provider is shown it: two of them open no addresses."""
        if self.provider not in ("gemini", "bedrock"):
            return {"kind": "url", "url": self.image_url}
        data = base64.b64encode(urllib.request.urlopen(self.image_url).read()).decode()
        return {"kind": "base64", "mediaType": "image/png", "data": data}


CASES = []


def case(run=None, *, only=None):
    """Marks a function as a case; `only` names the one provider for which it makes sense."""

    def add(run):
        CASES.append((run, only))
        return run

    return add if run is None else add(run)


def raised(kind, run):
    """The error of this very class that a call raises."""
    try:
        run()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def main():
    module, url, key, image_url, *providers = sys.argv[1:]
    importlib.import_module(module)
    for provider in providers:
        for run, only in CASES:
            if only not in (None, provider):
                continue
            result = {"provider": provider, "case": run.__name__}
            try:
                run(Target(url, key, image_url, provider))
            except Exception:
                result["error"] = traceback.format_exc(limit=-3)
            print(json.dumps(result), flush=True)


if __name__ == "__main__":
    # The cases import this module by its name; there must be only one of it.
    sys.modules["run_cases"] = sys.modules["__main__"]
    main()
