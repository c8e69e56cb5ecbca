import { statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type SignalSource, signalsOfText } from '../signals.ts';
import { TASKS, taskOf, tierOf, tierOfModelName } from '../tasks.ts';
import { classifyTask } from './classify-task.ts';
import { languageOf } from './language.ts';
import { readTaskWeights, shippedTaskWeights } from './task-weights.ts';

const weights = shippedTaskWeights();
const taskOfText = (text: string, source: Partial<SignalSource> = {}) =>
  classifyTask(signalsOfText(text, source), weights()).task;

describe('the task of a prompt', () => {
  test.each([
    ['code_generation', 'Implement a thread pool in C++', '用 Go 写一个限流中间件'],
    ['code_review', 'Please review this code: x = eval(input())', '帮我看看这段代码有什么问题：x = eval(input())'],
    ['creative_writing', 'Write a short story about a clockmaker', '写一篇关于外婆的散文'],
    ['data_analysis', 'Analyze the monthly sales data and describe the trend', '分析一下这个季度的销售数据和趋势'],
    ['translation', 'Translate this sentence into Russian', '把下面这段话翻译成英语'],
    ['math_reasoning', 'Solve for x: 4x - 9 = 15', '求函数 y = x^2 的导数'],
    ['general_qa', 'Why is the sky blue?', '为什么天空是蓝色的？'],
    ['summarization', 'Summarize the following article', '总结下面这篇文章的要点'],
    ['classification', 'Classify this review as positive or negative', '把这条评论分类为正面或负面'],
    ['extraction', 'Extract all email addresses from the text', '从下面的文本中提取所有邮箱地址'],
    ['chat', 'hello, how are you?', '你好，今天过得怎么样'],
    ['agent', 'Search the web for flights and book the cheapest one', '帮我订一张去上海的机票'],
    ['long_document', 'According to the attached contract, who bears the costs?', '根据附件中的合同，费用由谁承担？'],
  ])('%s is told in English and in Chinese', (task, english, chinese) => {
    expect([taskOfText(english), taskOfText(chinese)]).toEqual([task, task]);
  });

  test('an image makes it multimodal, a tool result an agent, and many tokens a long document', () => {
    expect(taskOfText('What is on this?', { media: ['image'] })).toBe('multimodal');
    expect(taskOfText('Translate into French: hello', { tools: 2, isInToolLoop: true })).toBe('agent');
    expect(taskOfText('What is the weather like?', { tools: 2 })).toBe('agent');
    expect(taskOfText('What does it say about fees?', { inputTokens: 60_000 })).toBe('long_document');
    expect(taskOfText('Summarize the following report', { inputTokens: 60_000 })).toBe('summarization');
  });

  test('tools that are sent along with everything do not hide what is plainly something else', () => {
    expect(taskOfText('Translate into French: the meeting is over', { tools: 20 })).toBe('translation');
  });
});

test('the weights are shipped in less than 200 KB, and others than they say are refused', () => {
  expect(statSync(path.join(import.meta.dirname, '../data/task-weights.json')).size).toBeLessThan(200_000);
  const file = { trained: '', source: '', labels: ['a'], buckets: 4, scale: 1, biases: [0], weights: 'AAA=' };
  expect(() => readTaskWeights(file)).toThrow(/not as many/);
});

test.each([
  ['Hello there', 'latin'],
  ['请用 Python 写一个函数', 'zh'],
  ['こんにちは、元気ですか', 'ja'],
  ['안녕하세요', 'ko'],
  ['Привет', 'ru'],
  ['1234 !!', 'und'],
])('%s is written in %s', (text, language) => {
  expect(languageOf(text)).toBe(language);
});

describe("clients' own words", () => {
  test.each([
    ['coding', 'code_generation'],
    ['CODE_GENERATION', 'code_generation'],
    ['codeReview', 'code_review'],
    ['summary', 'summarization'],
    ['creative', 'creative_writing'],
    ['analysis', 'data_analysis'],
    ['complex_reasoning', 'math_reasoning'],
    ['data_extraction', 'extraction'],
    ['数据分析', 'data_analysis'],
    ['constructor', undefined],
    ['', undefined],
  ])('%j means %s', (word, task) => {
    expect(taskOf(word)).toBe(task);
  });

  test('every task is its own word', () => {
    for (const task of TASKS) expect(taskOf(task)).toBe(task);
  });

  test.each([
    ['premium', 'high'],
    ['standard', 'medium'],
    ['economy', 'low'],
    ['critical', 'max'],
    ['toString', undefined],
  ])('tier %j is %s', (word, tier) => {
    expect(tierOf(word)).toBe(tier);
  });

  test('a tier may ride on the name of the model', () => {
    expect(['auto:high', 'auto', 'auto:nonsense', 'gpt-5'].map(tierOfModelName)).toEqual([
      'high',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
