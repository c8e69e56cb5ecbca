/** Errors are `{code, message, request_id}`, whole or in an event of a stream; the codes are those of the compatible surface too. */
export { readError, readErrorObject } from '../chat-words.ts';
