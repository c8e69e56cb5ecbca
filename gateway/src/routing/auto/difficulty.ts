import type { SignalSource } from './signals.ts';

/** What is looked at of a long text: its size counts, its further content does not. */
const LOOKED_AT = 2_000;

interface Sign {
  weight: number;
  pattern: RegExp;
  /** Found so often, it says no more. */
  most: number;
}

/** What makes small models fail where great ones do not: exact steps, many conditions, fine print, statements to be weighed against each other. */
const SIGNS: readonly Sign[] = [
  sign(
    0.5,
    4,
    '\\b(?:prove|proof|derive|theorem|lemma|integral|derivative|matrix|polynomial|eigenvalue|homomorphism|isomorphi\\w+|subgroup|modulo|permutation|probability|equation|logarithm|hypothesis test|regression|variance)\\b|证明|推导|定理|积分|导数|矩阵|多项式|概率|方程|方差',
  ),
  sign(
    0.3,
    3,
    '\\b(?:calculate|compute|determine|solve|estimate|how (?:many|much|far|long|fast))\\b|计算|求解|求出|估算|多少',
  ),
  sign(0.18, 5, '\\d+(?:[.,]\\d+)?'),
  sign(
    0.35,
    3,
    '\\b(?:velocity|acceleration|momentum|voltage|resistor|capacitor|magnetic|wavelength|entropy|enthalpy|molar|oxidation|equilibrium|orbital|quantum|photon|reaction)\\b|速度|加速度|电压|电流|磁场|波长|熵|摩尔|氧化|量子|反应',
  ),
  sign(
    0.3,
    4,
    '\\b(?:plaintiff|defendant|statute|landowner|grantee|conveyed|contract|liable|liability|negligence|jury|court|tort|deed|easement|felony|testator|appeal)\\b|原告|被告|法院|合同|侵权|责任|条款',
  ),
  sign(
    0.7,
    2,
    '\\b(?:wrong|correct|true|false|yes|no)\\s?,\\s?(?:not )?(?:wrong|correct|true|false|yes|no)\\b|\\bstatement [12i]+\\b|\\b(?:i|ii|iii) (?:and|only)\\b|\\bscenario \\d',
  ),
  sign(
    0.3,
    3,
    '\\b(?:if|unless|suppose|assume|given that|such that|only if|at least|at most|exactly|must|must not|without|constraints?|each|respectively)\\b|如果|假设|除非|至少|至多|必须|不得|约束|分别',
  ),
  sign(0.25, 2, '\\b(?:not|except|least likely|incorrect|neither)\\b|除了|不正确|不属于|错误的是'),
  sign(
    0.35,
    3,
    '\\b(?:algorithm|complexity|concurren\\w+|distributed|deadlock|race condition|transaction|consensus|compiler|recursion|dynamic programming|optimi[sz]e|scalab\\w+|architecture|pipeline|cache|cryptograph\\w+|bytes?|bits?)\\b|算法|复杂度|并发|分布式|死锁|事务|架构|递归|动态规划|优化',
  ),
  sign(
    0.3,
    2,
    '\\b(?:design|analy[sz]e|compare|evaluate|trade-?offs?|critically|strategy|root cause|why)\\b|设计|分析|比较|评估|权衡|为什么',
  ),
  sign(-0.5, 1, '^\\W{0,3}(?:hi|hello|hey|thanks?|thank you|bye|ok(?:ay)?|你好|您好|谢谢|再见|好的)\\b'),
  sign(
    -0.35,
    1,
    '^\\W{0,3}(?:who|when|where|which (?:country|city|year|planet)|what is the capital|define|list)\\b|首都|是谁|哪一年|哪个国家',
  ),
];

const BASE = -2;
const OF_LENGTH = 0.28;
const OF_TOOLS = 0.12;
const OF_TURNS = 0.1;
const OF_REASONING: Partial<Record<NonNullable<SignalSource['reasoningEffort']>, number>> = {
  none: -0.4,
  minimal: -0.3,
  low: -0.1,
  medium: 0.3,
  high: 0.8,
  xhigh: 1.2,
  max: 1.4,
};

/** How hard a request looks, 0 to 1, from its words and facts alone; made by hand, taught by nothing. */
export function difficultyOf(source: SignalSource): number {
  const text = source.text.slice(0, LOOKED_AT);
  let sum = BASE + OF_LENGTH * Math.log1p(source.text.length / 100);
  for (const { weight, pattern, most } of SIGNS) sum += weight * found(text, pattern, most);
  sum += OF_TOOLS * Math.min(source.tools, 10);
  sum += OF_TURNS * Math.min(source.userTurns - 1, 10);
  sum += OF_LENGTH * Math.log1p(source.inputTokens / 4_000);
  if (source.output === 'json-schema') sum += 0.2;
  if (source.reasoningEffort !== undefined) sum += OF_REASONING[source.reasoningEffort] ?? 0;
  return 1 / (1 + Math.exp(-sum));
}

function found(text: string, pattern: RegExp, most: number): number {
  pattern.lastIndex = 0;
  let count = 0;
  while (count < most && pattern.test(text)) count++;
  pattern.lastIndex = 0;
  return count;
}

function sign(weight: number, most: number, source: string): Sign {
  return { weight, most, pattern: new RegExp(source, 'giu') };
}
