/** Models that hear or see are asked at a place of their own, in messages of another form. */
const SEES = /vl|omni|audio|ocr|^qvq|^qwen3\.[5-9]/i;

/** Which of DashScope's two services a model belongs to. */
export function generationOf(model: string): 'text-generation' | 'multimodal-generation' {
  return SEES.test(model) ? 'multimodal-generation' : 'text-generation';
}
