/**
 * The words of OpenAI's chat that hosts with formats of their own took over: their messages, tools, deltas and errors are read, and tools
 * renamed, as they are there.
 */

export { writeFinishReason } from './openai-chat/finish-reasons.ts';
export { ChoiceReader } from './openai-chat/read-choice.ts';
export { KIND_STATUS, readError, readErrorObject } from './openai-chat/read-error.ts';
export { readMessages } from './openai-chat/read-messages.ts';
export { readOutputFormat } from './openai-chat/read-request.ts';
export { createRenames, hash, type Renames, renameTools } from './openai-chat/rename.ts';
export { readToolChoice, readTools } from './openai-chat/tools.ts';
export { readUsage } from './openai-chat/usage.ts';
export { BUDGETS } from './openai-chat/write-settings.ts';
