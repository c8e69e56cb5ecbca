import type { ModelEvent, ModelRequest } from '@xidao/dialects';

/** What a client has heard of an answer, as far as another model could go on with it. */
export class ToldSoFar {
  text = '';
  /** The block of text that is open. */
  block = 0;
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
    const asksForText = request.output === undefined || request.output.type === 'text';
    return asksForText && request.tools.length === 0 && (request.choices ?? 1) === 1;
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
      case 'start':
      case 'usage':
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
