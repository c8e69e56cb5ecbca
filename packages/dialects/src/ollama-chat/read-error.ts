/** Errors are `{"error": "…"}`, whole or as a line of a stream; the words are those that compatible hosts use too. */
export { readError, readErrorObject } from '../chat-words.ts';
