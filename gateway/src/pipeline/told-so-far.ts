import type { ModelEvent, ModelRequest, Usage } from '@xidao/dialects';

/** What a client has heard of an answer, as far as another model could go on with it. */
export class ToldSoFar {
  text = '';
  /** The block of text that is open. */
  block = 0;
  /** What the provider has told of its counts. */
  usage: Usage | undefined;
  #isOnlyText = true;
  #isOver = false;
  #openBlocks = 0;

  note(events: readonly ModelEvent[]): void {
    for (const event of events) this.#hear(event);
  }

  /** True: it is over, or was told why it is not going on. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Only plain text can be gone on with: half a tool call, half a JSON document or a chain of thought that is sealed are another model's own. */
  canGoOn(request: ModelRequest): boolean {
    if (this.text === '' || !this.#isOnlyText || this.#isOver) return false;
    return asksForPlainText(request) && request.tools.length === 0;
  }

  /** True: what was told is plain text, if anything. */
  get isOnlyText(): boolean {
    return this.#isOnlyText;
  }

  #hear(event: ModelEvent): void {
    switch (event.type) {
      case 'text-start':
        this.#openBlocks += 1;
        this.block = event.block;
        return;
      case 'text-end':
        this.#openBlocks -= 1;
        return;
      case 'text-delta':
        // Text in a second block after the first is closed is still one text.
        this.text += event.text;
        this.#isOnlyText &&= event.choice === 0;
        return;
      case 'reasoning-start':
      case 'reasoning-delta':
        return;
      case 'reasoning-end':
        if ((event.signature ?? event.redacted ?? event.encrypted) !== undefined) this.#isOnlyText = false;
        return;
      case 'finish':
      case 'end':
        this.#isOver = true;
        return;
      case 'usage':
        this.usage = { ...this.usage, ...event.usage };
        return;
      case 'start':
      case 'error':
        return;
      default:
        this.#isOnlyText = false;
    }
  }

  get isBlockOpen(): boolean {
    return this.#openBlocks > 0;
  }
}

/** Whether an answer to this is one text and nothing else, as long as no tool is called. */
export function asksForPlainText({ output, choices = 1, modalities }: ModelRequest): boolean {
  if (output !== undefined && output.type !== 'text') return false;
  return choices === 1 && (modalities === undefined || modalities.every((kind) => kind === 'text'));
}
