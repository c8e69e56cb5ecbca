import { z } from 'zod';
import { duration, name, size } from './values.ts';

const semanticSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Whether answers to similar questions are found; true once the section is there.'),
  threshold: z.number().min(0).max(1).default(0.92).describe('Similarity from which two questions count as one.'),
  model: name().optional().describe('The embedding model that compares them.'),
});

export const cacheSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether answers are kept; true once the section is there.'),
  backend: z.enum(['memory', 'redis']).default('memory').describe('Where they are kept.'),
  ttl: duration().prefault('1h').describe('How long they are kept.'),
  max_size: size().prefault('256mb').describe('Greatest size in memory; the least used go first.'),
  semantic: semanticSchema.prefault({ enabled: false }).describe('Answers to questions that mean the same.'),
});
