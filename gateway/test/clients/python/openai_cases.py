"""What the official OpenAI SDK for Python does through the gateway."""

import asyncio
import json

import openai
from pydantic import BaseModel

from run_cases import LONG_TEXT, PIXEL, TIME_SCHEMA, WEATHER_SCHEMA, case, raised

USER = [{"role": "user", "content": LONG_TEXT}]
CHAT_TOOLS = [
    {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER_SCHEMA}},
    {"type": "function", "function": {"name": "get_time", "parameters": TIME_SCHEMA}},
]
RESPONSE_TOOLS = [
    {"type": "function", "name": "get_weather", "parameters": WEATHER_SCHEMA, "strict": True},
    {"type": "function", "name": "get_time", "parameters": TIME_SCHEMA, "strict": True},
]
TWO_CALLS = [("get_weather", {"city": "Zürich"}), ("get_time", {"zone": "Europe/Zurich"})]


class Person(BaseModel):
    name: str
    age: int


def connect(target, base="/v1", **options):
    return openai.OpenAI(base_url=target.url + base, **{"api_key": target.key, "max_retries": 0, **options})


@case
def chat_answers(target):
    answer = connect(target).chat.completions.create(model=target.model("greeting"), messages=USER)
    assert answer.choices[0].message.content == "Guten Tag!"
    assert answer.choices[0].finish_reason == "stop"
    usage = answer.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details.cached_tokens) == (12, 3, 4)
    assert answer._request_id.startswith("call_")


@case
def chat_streams(target):
    stream = connect(target).chat.completions.create(
        model=target.model("echo"), messages=USER, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == LONG_TEXT
    assert len(pieces) > 5
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens > 0


@case
def chat_streams_parallel_tool_calls(target):
    with connect(target).chat.completions.stream(
        model=target.model("two-calls"), messages=USER, tools=CHAT_TOOLS
    ) as stream:
        message = stream.get_final_completion().choices[0].message
    assert [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls] == TWO_CALLS
    assert len({call.id for call in message.tool_calls}) == 2


@case
def chat_sends_tool_results_back(target):
    client = connect(target)
    first = client.chat.completions.create(model=target.model("two-calls"), messages=USER, tools=CHAT_TOOLS)
    said = first.choices[0].message
    results = [{"role": "tool", "tool_call_id": call.id, "content": f"{call.id} ran"} for call in said.tool_calls]
    second = client.chat.completions.create(
        model=target.model("mirror"), messages=[*USER, said, *results], tools=CHAT_TOOLS
    )
    seen = json.loads(second.choices[0].message.content)
    calls = [part for part in seen if part["type"] == "tool-call"]
    told = [part for part in seen if part["type"] == "tool-result"]
    assert [(call["name"], json.loads(call["arguments"])) for call in calls] == TWO_CALLS
    assert [result["callId"] for result in told] == [call["id"] for call in calls]
    assert all(f"{call.id} ran" in json.dumps(result) for call, result in zip(said.tool_calls, told))


@case
def chat_shows_images(target):
    urls = [f"data:image/png;base64,{PIXEL}", target.image_url]
    content = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    answer = connect(target).chat.completions.create(
        model=target.model("mirror"), messages=[{"role": "user", "content": content}]
    )
    sources = [part["source"] for part in json.loads(answer.choices[0].message.content)]
    assert sources[0] == {"kind": "base64", "mediaType": "image/png", "data": PIXEL}
    assert sources[1] == target.image_as_seen()


@case
def chat_parses_structured_output(target):
    answer = connect(target).chat.completions.parse(
        model=target.model("echo"), messages=[{"role": "user", "content": "Ada"}], response_format=Person
    )
    assert answer.choices[0].message.parsed == Person(name="Ada", age=1)


@case
def responses_answers(target):
    answer = connect(target).responses.create(model=target.model("greeting"), instructions="Be kind.", input="Hello")
    assert answer.output_text == "Guten Tag!"
    assert answer.status == "completed"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (12, 3)


@case
def responses_streams(target):
    with connect(target).responses.stream(model=target.model("echo"), input=LONG_TEXT) as stream:
        pieces = [event.delta for event in stream if event.type == "response.output_text.delta"]
        whole = stream.get_final_response()
    assert "".join(pieces) == LONG_TEXT == whole.output_text
    assert len(pieces) > 5


@case
def responses_streams_parallel_tool_calls(target):
    with connect(target).responses.stream(
        model=target.model("two-calls"), input=LONG_TEXT, tools=RESPONSE_TOOLS
    ) as stream:
        whole = stream.get_final_response()
    calls = [item for item in whole.output if item.type == "function_call"]
    assert [(call.name, json.loads(call.arguments)) for call in calls] == TWO_CALLS


@case
def responses_parses_structured_output(target):
    answer = connect(target).responses.parse(model=target.model("echo"), input="Ada", text_format=Person)
    assert answer.output_parsed == Person(name="Ada", age=1)


@case
def raises_typed_errors(target):
    kinds = {
        400: openai.BadRequestError,
        401: openai.AuthenticationError,
        403: openai.PermissionDeniedError,
        404: openai.NotFoundError,
        429: openai.RateLimitError,
        500: openai.InternalServerError,
    }
    client = connect(target)
    for code, kind in kinds.items():
        if target.provider == "bedrock" and code in (401, 403):
            continue  # It has no 401, and says 403 for a wrong token too.
        model = target.model(f"status-{code}")
        error = raised(kind, lambda: client.chat.completions.create(model=model, messages=USER))
        assert error.status_code == code
        error = raised(kind, lambda: client.responses.create(model=model, input="Hello"))
        assert error.status_code == code
    raised(openai.AuthenticationError, lambda: connect(target, api_key="xd-wrong").models.list())
    raised(openai.NotFoundError, lambda: client.chat.completions.create(model="no-such-model", messages=USER))


@case
def raises_an_error_when_a_stream_breaks_off(target):
    heard = []

    def read():
        for chunk in connect(target).chat.completions.create(model=target.model("cut"), messages=USER, stream=True):
            heard.append(chunk.choices[0].delta.content or "")

    raised(openai.APIError, read)
    assert "".join(heard) and LONG_TEXT.startswith("".join(heard))


@case
def retries_when_the_provider_says(target):
    client = connect(target, max_retries=1)
    answer = client.chat.completions.create(model=target.model("again-chat"), messages=USER)
    assert answer.choices[0].message.content == "Now."
    assert client.responses.create(model=target.model("again-responses"), input="Hello").output_text == "Now."


@case
def leaves_a_stream(target):
    with connect(target).chat.completions.create(
        model=target.model("stalls-openai"), messages=USER, stream=True
    ) as stream:
        for chunk in stream:
            if chunk.choices[0].delta.content:
                break


@case
def finds_the_gateway_under_every_base_url(target):
    for base in ["/v1", "/v1/", "", "/", "/openai/v1", "/v1/v1"]:
        answer = connect(target, base).chat.completions.create(model=target.model("greeting"), messages=USER)
        assert answer.choices[0].message.content == "Guten Tag!", base


@case
def lists_models(target):
    client = connect(target)
    ids = [model.id for model in client.models.list()]
    assert "mock/echo" in ids
    assert client.models.retrieve("mock/echo").id == "mock/echo"


@case(only="openai-chat")
def embeds(target):
    client = connect(target)
    floats = client.embeddings.create(model=target.model("embed"), input=["one", "two"], encoding_format="float")
    usual = client.embeddings.create(model=target.model("embed"), input=["one", "two"])
    assert [item.embedding for item in usual.data] == [item.embedding for item in floats.data]
    assert len(usual.data[0].embedding) == 64


@case
def serves_fifty_at_once(target):
    async def ask(client, text):
        stream = await client.chat.completions.create(
            model=target.model("echo"), messages=[{"role": "user", "content": text}], stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

    async def ask_all(texts):
        async with openai.AsyncOpenAI(base_url=target.url + "/v1", api_key=target.key, max_retries=0) as client:
            return await asyncio.gather(*(ask(client, text) for text in texts))

    texts = [f"Number {number}: {LONG_TEXT}" for number in range(50)]
    assert asyncio.run(ask_all(texts)) == texts
