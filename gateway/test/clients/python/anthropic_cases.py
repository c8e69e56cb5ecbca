"""What the official Anthropic SDK for Python does through the gateway."""

import asyncio
import json

import anthropic
from pydantic import BaseModel

from run_cases import LONG_TEXT, PIXEL, TIME_SCHEMA, WEATHER_SCHEMA, case, raised

USER = [{"role": "user", "content": LONG_TEXT}]
TOOLS = [
    {"name": "get_weather", "input_schema": WEATHER_SCHEMA},
    {"name": "get_time", "input_schema": TIME_SCHEMA},
]
TWO_CALLS = [("get_weather", {"city": "Zürich"}), ("get_time", {"zone": "Europe/Zurich"})]


class Person(BaseModel):
    name: str
    age: int


def connect(target, base="", **options):
    return anthropic.Anthropic(base_url=target.url + base, **{"api_key": target.key, "max_retries": 0, **options})


def ask(client, target, cue, **more):
    return client.messages.create(**{"model": target.model(cue), "max_tokens": 99, "messages": USER, **more})


@case
def answers(target):
    answer = ask(connect(target), target, "greeting", system="Be kind.")
    assert [block.text for block in answer.content] == ["Guten Tag!"]
    assert answer.stop_reason == "end_turn"
    usage = answer.usage
    assert (usage.input_tokens, usage.output_tokens, usage.cache_read_input_tokens) == (8, 3, 4)


@case
def streams(target):
    with connect(target).messages.stream(model=target.model("echo"), max_tokens=99, messages=USER) as stream:
        pieces = list(stream.text_stream)
        whole = stream.get_final_message()
    assert "".join(pieces) == LONG_TEXT == whole.content[0].text
    assert len(pieces) > 5
    assert whole.usage.output_tokens > 1


@case
def streams_parallel_tool_calls(target):
    with connect(target).messages.stream(
        model=target.model("two-calls"), max_tokens=99, messages=USER, tools=TOOLS
    ) as stream:
        whole = stream.get_final_message()
    assert whole.stop_reason == "tool_use"
    assert [(block.name, block.input) for block in whole.content if block.type == "tool_use"] == TWO_CALLS


@case
def sends_tool_results_back(target):
    client = connect(target)
    first = ask(client, target, "two-calls", tools=TOOLS)
    calls = [block for block in first.content if block.type == "tool_use"]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": f"{call.id} ran"} for call in calls]
    turns = [*USER, {"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    second = ask(client, target, "mirror", messages=turns, tools=TOOLS)
    seen = json.loads(second.content[0].text)
    sent = [part for part in seen if part["type"] == "tool-call"]
    told = [part for part in seen if part["type"] == "tool-result"]
    assert [(call["name"], json.loads(call["arguments"])) for call in sent] == TWO_CALLS
    assert [result["callId"] for result in told] == [call["id"] for call in sent]
    assert all(f"{call.id} ran" in json.dumps(result) for call, result in zip(calls, told))


@case
def shows_images(target):
    sources = [
        {"type": "base64", "media_type": "image/png", "data": PIXEL},
        {"type": "url", "url": target.image_url},
    ]
    content = [{"type": "image", "source": source} for source in sources]
    answer = ask(connect(target), target, "mirror", messages=[{"role": "user", "content": content}])
    seen = [part["source"] for part in json.loads(answer.content[0].text)]
    assert seen[0] == {"kind": "base64", "mediaType": "image/png", "data": PIXEL}
    assert seen[1] == target.image_as_seen()


@case
def parses_structured_output(target):
    answer = connect(target).messages.parse(
        model=target.model("echo"),
        max_tokens=99,
        messages=[{"role": "user", "content": "Ada"}],
        output_format=Person,
    )
    assert answer.parsed_output == Person(name="Ada", age=1)


@case
def tells_thinking(target):
    thinking = {"type": "enabled", "budget_tokens": 1024}
    answer = ask(connect(target), target, "thinks", max_tokens=4096, thinking=thinking)
    assert [block.type for block in answer.content] == ["thinking", "text"]
    assert answer.content[0].thinking == "Think it over."
    assert answer.content[0].signature


@case
def counts_tokens(target):
    counted = connect(target).messages.count_tokens(model=target.model("echo"), messages=USER)
    assert 8 < counted.input_tokens < 60


@case
def raises_typed_errors(target):
    kinds = {
        400: anthropic.BadRequestError,
        401: anthropic.AuthenticationError,
        403: anthropic.PermissionDeniedError,
        404: anthropic.NotFoundError,
        429: anthropic.RateLimitError,
        500: anthropic.InternalServerError,
    }
    client = connect(target)
    for code, kind in kinds.items():
        if target.provider == "bedrock" and code in (401, 403):
            continue  # It has no 401, and says 403 for a wrong token too.
        error = raised(kind, lambda: ask(client, target, f"status-{code}"))
        assert error.status_code == code
    raised(anthropic.AuthenticationError, lambda: ask(connect(target, api_key="xd-wrong"), target, "echo"))
    raised(anthropic.NotFoundError, lambda: ask(client, target, "echo", model="no-such-model"))


@case
def raises_an_error_when_a_stream_breaks_off(target):
    heard = []

    def read():
        with connect(target).messages.stream(model=target.model("cut"), max_tokens=99, messages=USER) as stream:
            for piece in stream.text_stream:
                heard.append(piece)

    raised(anthropic.APIError, read)
    assert "".join(heard) and LONG_TEXT.startswith("".join(heard))


@case
def retries_when_the_provider_says(target):
    answer = ask(connect(target, max_retries=1), target, "again-anthropic")
    assert answer.content[0].text == "Now."


@case
def leaves_a_stream(target):
    with connect(target).messages.stream(
        model=target.model("stalls-anthropic"), max_tokens=99, messages=USER
    ) as stream:
        for piece in stream.text_stream:
            if piece:
                break


@case
def finds_the_gateway_under_every_base_url(target):
    for base in ["", "/", "/v1", "/v1/", "/anthropic"]:
        assert ask(connect(target, base), target, "greeting").content[0].text == "Guten Tag!", base


@case
def walks_over_the_pages_of_models(target):
    ids = [model.id for model in connect(target).models.list(limit=1)]
    assert len(ids) == len(set(ids)) > 1
    assert "mock/echo" in ids


@case
def serves_fifty_at_once(target):
    async def read(client, text):
        async with client.messages.stream(
            model=target.model("echo"), max_tokens=99, messages=[{"role": "user", "content": text}]
        ) as stream:
            return "".join([piece async for piece in stream.text_stream])

    async def read_all(texts):
        async with anthropic.AsyncAnthropic(base_url=target.url, api_key=target.key, max_retries=0) as client:
            return await asyncio.gather(*(read(client, text) for text in texts))

    texts = [f"Number {number}: {LONG_TEXT}" for number in range(50)]
    assert asyncio.run(read_all(texts)) == texts
