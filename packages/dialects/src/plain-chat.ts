/** What the hosts with a plain chat format of their own have in common: messages of one role, text, calls and their results. */

export * from './plain-chat/plain-messages.ts';
export * from './plain-chat/plain-settings.ts';
export * from './plain-chat/plain-tools.ts';
export * from './plain-chat/plain-writer.ts';
export * from './plain-chat/read-plain-request.ts';
export * from './plain-chat/write-job.ts';
