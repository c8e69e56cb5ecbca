import { createSseReader } from '@xidao/dialects';

/**
 * A stream of events told as one JSON list of their data, each piece as it arrives: what Gemini answers clients that do not ask for events (`alt=sse`), and what the
 * oldest of them read. A stream that breaks off leaves the list open, so that nobody takes it for whole.
 */
export async function* asList(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = createSseReader();
  let opening = '[';
  const pieces = (events: { data: string }[]): string => {
    let text = '';
    for (const { data } of events) {
      text += opening + data;
      opening = ',\r\n';
    }
    return text;
  };
  for await (const chunk of body) {
    const text = pieces(reader.push(chunk));
    if (text !== '') yield Buffer.from(text);
  }
  yield Buffer.from(`${pieces(reader.finish())}${opening === '[' ? '[' : ''}]`);
}
