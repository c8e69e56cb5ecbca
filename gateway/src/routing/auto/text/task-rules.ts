import type { TaskName } from '../tasks.ts';

interface Rule {
  task: TaskName;
  /** Added to the task's logit when the pattern is found. */
  weight: number;
  pattern: RegExp;
}

/** Only so much is looked at from either end: what is wanted is said there. */
const HEAD = 400;
const TAIL = 200;

const LANGUAGE_NAMES =
  'english|chinese|mandarin|japanese|korean|french|german|spanish|italian|portuguese|russian|arabic|hindi|dutch|polish|turkish|vietnamese|thai|swedish';
const PROGRAMMING =
  'python|javascript|typescript|java|c\\+\\+|c#|golang|rust|ruby|php|swift|kotlin|scala|bash|shell|sql|html|css|react|vue|django|flask|spring|regex|regular expression|dockerfile|yaml';
const MAKE = 'write|implement|create|develop|build|generate|code|make|add|refactor|port|fix|debug';

/** What is said outright. Linear patterns with bounded gaps, as the text is anybody's. */
const RULES: readonly Rule[] = [
  rule('translation', 5, `\\btranslat(?:e|ion|ing)\\b`),
  rule('translation', 4, `\\b(?:into|to|in) (?:${LANGUAGE_NAMES})\\b\\s*[:.]`),
  rule('translation', 3, `\\bhow (?:do|would) (?:you|i|we) say\\b.{0,80}\\bin (?:${LANGUAGE_NAMES})\\b`),
  rule('translation', 4, `\\b(?:native|formal|natural|idiomatic|fluent) (?:${LANGUAGE_NAMES})\\b`),
  rule(
    'translation',
    5,
    '这句(?:英|日|韩|法|德|俄)(?:语|文)是什么意思|翻译|译成|译为|(?:英|中|日|韩|法|德)译(?:英|中|日|韩|法|德)|用(?:英语|英文|日语|法语|德语|韩语)怎么说',
  ),

  rule(
    'summarization',
    5,
    '\\bsummar(?:y|i[sz]e|i[sz]ing|i[sz]ation)\\b|\\btl;?dr\\b|\\b(?:key|main) (?:points|takeaways)\\b|\\bcondense\\b|\\bin (?:one|two|three|a few) sentences?\\b.{0,40}[:：]',
  ),
  rule('summarization', 4.5, '总结|摘要|概括|概述|提炼|要点|归纳'),

  rule(
    'code_review',
    5,
    '\\b(?:review|audit|critique)\\b.{0,40}\\b(?:code|pr|pull request|function|diff|patch|class|script|implementation|commit)\\b',
  ),
  rule(
    'code_review',
    4,
    "\\bwhat(?:'s| is) wrong with (?:this|my|the following) (?:code|function|script|query)|\\b(?:security|performance) (?:issues|problems|bottlenecks|vulnerabilities)\\b.{0,40}\\b(?:code|function|script)\\b|\\bexplain (?:this|the following) (?:code|function|snippet|script)",
  ),
  rule(
    'code_review',
    5,
    '(?:代码|函数|脚本).{0,12}(?:审查|评审|审核|有什么问题|哪里有问题|的问题|漏洞|解释)|(?:审查|评审|审核|检查|解释).{0,12}(?:代码|函数|脚本)',
  ),
  rule('code_review', 2.5, '^(?:diff --git|@@ -\\d)', 'm'),

  rule('code_generation', 4.5, `\\b(?:${MAKE})\\b.{0,60}\\b(?:${PROGRAMMING})\\b`),
  rule(
    'code_generation',
    4.5,
    `\\b(?:${MAKE})\\b.{0,50}\\b(?:function|program|script|class|method|algorithm|endpoint|unit tests?|api client|component|query|parser|data structure|app|website|cli|bot|crawler|scraper)\\b`,
  ),
  rule('code_generation', 2.5, `\\b(?:in|using) (?:${PROGRAMMING})\\b`),
  rule(
    'code_generation',
    2,
    '```|\\bdef \\w+\\(|\\bfunction \\w+\\(|#include\\s*<|\\bimport \\w+ from\\b|\\bpublic (?:static|class)\\b|=>\\s*\\{|Traceback \\(most recent call last\\)|\\b\\w+(?:Error|Exception):',
  ),
  rule(
    'code_generation',
    4.5,
    '(?:写|编写|实现|开发|生成|创建|修复|重构|调试).{0,24}(?:代码|函数|程序|脚本|算法|接口|类|组件|爬虫|正则|单元测试|网页|页面|小程序|sql)|(?:代码|程序).{0,8}(?:报错|出错|错误|bug)',
  ),

  rule(
    'data_analysis',
    4,
    '\\banaly[sz]e\\b.{0,60}\\b(?:data|dataset|csv|spreadsheet|sales|revenue|metrics|trend|results|survey|logs|figures|table|numbers)\\b|\\b(?:correlation|regression|time series|outliers?|a/b test|cohort|forecast|statistical significance|pivot table|churn)\\b',
  ),
  rule(
    'data_analysis',
    4.5,
    '(?:分析|统计|对比|预测).{0,24}(?:数据|销售|趋势|指标|报表|表格|用户行为|增长|营收)|数据(?:分析|集|透视)|同比|环比|相关性|留存率|转化率',
  ),

  rule(
    'math_reasoning',
    4.5,
    '\\b(?:solve (?:for|the|this)|calculate|compute|evaluate the|integrate|differentiate|derivative|integral|prove|factori[sz]e|simplify the|equation|how many (?:ways|times|different)|what is the (?:probability|value of|sum of|area|length|derivative))\\b',
  ),
  rule(
    'math_reasoning',
    3,
    '\\b[a-z]\\s?[=^]\\s?[-\\d(a-z]|\\b[a-z]\\(\\w\\)\\s?=|\\d\\s?[+*/×÷^]\\s?\\d|√|∫|∑|\\\\frac',
  ),
  rule(
    'math_reasoning',
    3,
    '\\b(?:step[- ]by[- ]step|show your (?:work|reasoning)|riddle|puzzle|logic(?:al)? (?:puzzle|problem)|deduce|clues?|how (?:much|many|far|long|old|fast))\\b.{0,200}(?:\\?|reasoning|step)',
  ),
  rule(
    'math_reasoning',
    4.5,
    '计算|求解|解方程|方程|证明|求.{0,12}(?:值|和|积|概率|面积|体积|导数|极限)|数学|概率是|逻辑题|推理题|鸡兔同笼|一共(?:有)?多少|还剩(?:下)?(?:多少|几)|需要多少(?:天|小时)',
  ),

  rule(
    'classification',
    5,
    '\\bclassif(?:y|ication|ier)\\b|\\bcategori[sz]e\\b|\\b(?:positive|negative|neutral)\\b.{0,30}\\b(?:or|,)\\s?(?:positive|negative|neutral)\\b|\\bwhich (?:category|label|class)\\b|\\bis (?:this|the following) (?:\\w+ ){0,2}(?:spam|positive|negative|sarcastic|toxic)\\b|\\blabel (?:each|the|this|these)\\b',
  ),
  rule(
    'classification',
    5,
    '分类|归类|打标签|属于(?:哪|什么)(?:一)?(?:类|个类别|种)|(?:正面|负面|积极|消极).{0,8}(?:还是|或|、).{0,4}(?:正面|负面|积极|消极|中性)|情感(?:分析|倾向|判断)|是不是垃圾',
  ),

  rule(
    'extraction',
    5,
    '\\bextract\\b|\\bpull out (?:all|the|every)\\b|\\blist (?:all|every) (?:the )?(?:names|dates|emails?|addresses|entities|people|companies|phone numbers|prices|amounts)\\b|\\bnamed entit|\\bparse (?:this|the following)\\b.{0,40}\\b(?:into|to|as) json|\\b(?:as|into|to) json\\b.{0,60}\\b(?:fields?|keys?)\\b',
  ),
  rule(
    'extraction',
    5,
    '提取|抽取|找出(?:所有|其中|文中).{0,12}(?:姓名|人名|日期|地址|电话|公司|金额|邮箱|实体)|(?:转|整理|解析)(?:成|为)\\s?json',
  ),

  rule(
    'creative_writing',
    4,
    '\\b(?:write|compose|draft|create|craft|tell)\\b.{0,50}\\b(?:poem|story|stories|song|lyrics|haiku|sonnet|screenplay|script for|novel|essay|blog(?: post)?|article|speech|email|letter|slogan|tagline|ad(?:vert)? copy|joke|tale|dialogue|caption|review|announcement|post|toast|press release)\\b',
  ),
  rule(
    'creative_writing',
    4,
    '^\\W{0,3}(?:pretend|imagine|role-?play|act as|as an? [\\w -]{2,40},)|\\b(?:you are|if you were) an? (?:\\w+ ){0,4}(?:pirate|knight|wizard|character|superhero|detective|climber|chef|villain|poet|commentator|survivor|traveler)\\b',
  ),
  rule(
    'creative_writing',
    4,
    '(?:写|创作|编|撰写|起草|拟)(?:一|个|首|篇|封|段|份|几).{0,40}(?:诗|故事|小说|文章|散文|歌词|剧本|文案|广告|作文|演讲|邮件|信|童话|笑话|口号|对联|推文|朋友圈|祝福|致辞|新闻稿)|(?:假设|假如|扮演|想象)(?:你|自己)|续写|仿写',
  ),

  rule(
    'chat',
    5,
    "^\\W{0,3}(?:hi|hello|hey|good (?:morning|evening|afternoon|night)|thanks?(?: you)?|thank you|bye|goodbye|how are you|what'?s up|nice to meet you|lol|ok(?:ay)?|cool|great|yes|no|sure)\\b[^\\n]{0,40}$",
  ),
  rule(
    'chat',
    4,
    "\\b(?:i feel|i'm feeling|i am feeling|i'm so (?:tired|sad|happy|bored|stressed)|can we (?:just )?(?:talk|chat)|keep me company|tell me about your(?:self)?|my day|who are you)\\b",
  ),
  rule(
    'chat',
    5,
    '^[\\s，。！!~～]{0,3}(?:你好|您好|嗨|哈喽|早上好|早安|晚上好|晚安|谢谢|多谢|再见|拜拜|在吗|你是谁|好的|嗯+|哈哈+)[^\\n]{0,16}$|陪我(?:聊|说)|聊聊天|我(?:今天)?(?:好|很|有点)(?:累|开心|难过|无聊|郁闷|烦)',
  ),

  rule(
    'agent',
    4,
    '\\b(?:use|call|invoke) (?:the |your |available )*(?:tools?|functions?|browser|api)\\b|\\b(?:search the web|browse to|book (?:me )?a|open the (?:file|browser|website)|run the (?:tests?|command)|send an? (?:email|message) to|schedule a (?:meeting|call)|create a (?:ticket|calendar event|pull request))\\b',
  ),
  rule(
    'agent',
    4,
    '(?:调用|使用)(?:工具|函数|浏览器|接口)|(?:帮我|请)(?:上网)?(?:搜索|查找|预订|预约|订(?:一张|个)|打开|发送邮件|下单|安排(?:会议|日程))',
  ),

  rule(
    'code_generation',
    3,
    '\\b(?:nginx|apache|docker(?:file)?|kubernetes|k8s|helm|terraform|ansible|gradle|maven|npm|yarn|pnpm|webpack|vite|node\\.?js|express|next\\.?js|angular|svelte|tailwind|jquery|fastapi|rails|laravel|hibernate|postgres(?:ql)?|mysql|sqlite|mongodb|redis|kafka|rabbitmq|graphql|grpc|websocket|oauth|jwt|git|github actions|arduino|raspberry pi|android|ios app|xcode|flutter|unity|pytorch|tensorflow|numpy|pandas|selenium|pytest|jest|cron|ssh|dns|regex|coroutine|mutex|goroutine|async)\\b',
  ),
  rule(
    'code_generation',
    3,
    '前端|后端|数据库|服务器|反向代理|协程|线程|正则|编译|部署|命令行|源码|框架|报错|接口调用|微服务|容器',
  ),
  rule(
    'code_review',
    3.5,
    '\\b(?:does|is|are|could|would|any|what|why|tell me|rate|thoughts)\\b[^\\n]{0,120}(?:[?:]|why)\\s*(?:\\n|```)?[^\\n]{0,200}(?:[{};]\\s*$|[{};)]\\n|\\w+\\([^)\\n]*\\)\\s*[;{:]|\\brm -|^[-+] )',
    'm',
  ),
  rule('code_review', 3.5, '(?:安全吗|对吗|合理吗|有问题吗|怎么改进|如何优化|哪里不好|为什么慢)[？?：:]?\\s*\\n'),
  rule(
    'creative_writing',
    3.5,
    '\\b(?:backstory|bio|caption|vows?|screenplay|sonnet|limerick|haiku|ode|rhyme|lyrics|plot|character|novel|fairy tale|monologue|parody|satire|pun|slogan|tagline|newsletter|eulogy|cover letter)s?\\b',
  ),
  rule(
    'creative_writing',
    3,
    '\\b(?:rewrite|rephrase|reword|polish|make)\\b.{0,60}\\b(?:sound|tone|style|funnier|friendlier|formal|boring|engaging|persuasive|concise)\\b',
  ),
  rule(
    'creative_writing',
    3.5,
    '请假条|检讨书|情书|遗书|自我介绍|小红书|朋友圈|公众号|文案|写(?:一|个|封|段|篇|首)[^\\n]{0,30}(?:信|条|稿|词|文|诗|书|评)',
  ),
  rule(
    'data_analysis',
    3.5,
    '\\b(?:funnel|cohorts?|kpis?|conversion|churn|retention|lift|per arm|confidence interval|p-value|seasonality|year[- ]over[- ]year|yoy|roi|cac|ltv|arpu|dashboard|sample size|likely (?:to be )?noise|bottom line|underperform\\w*)\\b',
  ),
  rule(
    'data_analysis',
    3.5,
    '客单价|客流量|投入产出|转化|漏斗|复购|留存|增长率|占比|均值|中位数|方差分析|显著|哪家[^\\n]{0,12}(?:好|差|改进)|看出什么',
  ),
  rule(
    'math_reasoning',
    3,
    '\\b(?:chance|odds|probability)\\b.{0,60}\\b(?:drawn?|random|dice|coin|cards?|red|blue|match)|\\b(?:integers?|positive n|divides|divisible|remainder|modulo|perpendicular|hypotenuse|ratio of|original price|per cent (?:off|of)|% (?:off|of|discount))\\b|\\bwhat day (?:is|was|will)\\b|\\bif .{3,80}, (?:what|how|who|which)\\b.{0,60}\\?',
  ),
  rule(
    'math_reasoning',
    3.5,
    '原(?:来|价|长)[^\\n]{0,16}(?:多少|多长|几)|谁(?:说的是真话|在说谎)|剪去|还剩|平均速度|相遇|追上|整除|余数|三角形|圆的|边长|每(?:人|个|天)[^\\n]{0,12}(?:多少|几)',
  ),
  rule(
    'translation',
    4,
    `\\b(?:what would|how would)\\b.{0,40}\\bin (?:${LANGUAGE_NAMES})\\b|^\\W{0,3}(?:${LANGUAGE_NAMES}) (?:to|into|for|version)\\b|\\b(?:${LANGUAGE_NAMES}) version\\b`,
  ),
  rule(
    'translation',
    4,
    '(?:英|日|韩|法|德|俄|西班牙)(?:语|文)[^\\n]{0,16}(?:怎么说|怎么翻|怎么写)|转成(?:中|英|日)文',
  ),
  rule(
    'summarization',
    4,
    '\\b(?:cut|boil|trim|shorten|distil+|reduce)\\b.{0,30}\\b(?:down|to the (?:essentials|point)|short|tweet|headline|sentence)\\b|\\b(?:gist|recap|essentials|nutshell|executive summary|abstract|minutes)\\b',
  ),
  rule(
    'classification',
    4,
    '\\b(?:tag|label|sort|bucket|route|assign)\\b.{0,40}\\b(?:each|these|this|with|into|as)\\b|\\b(?:spam|ham|severity|intent|polarity)\\b|\\b\\w+, \\w+ or \\w+\\?|判断[^\\n]{0,20}(?:还是|是否|属于)',
  ),
  rule(
    'extraction',
    4,
    '\\b(?:pick|pull|get|fish|list|collect) (?:out )?(?:all |every |the )?(?:the )?(?:dates?|amounts?|names?|e-?mails?|numbers?|people|places|companies|addresses|entities|drugs|skills)\\b|\\b(?:into|as|to) (?:json|csv|a table|yaml)\\b|\\bmentioned\\b',
  ),
  rule(
    'chat',
    3.5,
    "^\\W{0,3}(?:morning|evening|yo|sup|hiya|wow|ugh|haha+|i got|i'm back|i am back|guess what)\\b[^\\n?]{0,60}$|^[^\\n]{0,30}!!+$",
  ),
  rule('chat', 3.5, '^[^\\n]{0,12}(?:心情|忙啥|忙什么|干嘛|想你|睡不着|好难过|好开心|低落|哈喽|在不在)[^\\n]{0,16}$'),
  rule(
    'agent',
    3.5,
    '\\b(?:log ?in(?:to)?|export|download|upload|forward|mail me|notify|remind me|reschedule|move .{0,30} to (?:next|monday|tuesday|wednesday|thursday|friday))\\b.{0,80}\\b(?:and|then|to|when)\\b',
  ),
  rule(
    'agent',
    3.5,
    '帮我(?:把|将)[^\\n]{0,30}(?:改到|发给|上传|下载|取消|删除|通知)|提醒我|并(?:通知|发送|保存|上传)',
  ),
  rule(
    'long_document',
    3.5,
    '\\b(?:tender|prospectus|specification|appendix|clause|section) ?(?:documents?|files?)?\\b.{0,40}\\b(?:attached|uploaded|above|provided)\\b|(?:上传|附件|提供)的?[^\\n]{0,6}(?:文件|说明书|合同|报告|文档)',
  ),

  rule(
    'general_qa',
    2,
    '^\\W{0,3}(?:what|who|when|where|which|why|how|is|are|was|were|does|do|did|can|could|should|would|will|explain|describe|define)\\b',
  ),
  rule(
    'general_qa',
    2,
    '(?:是什么|什么是|为什么|如何|怎么|怎样|谁是|是谁|在哪|哪(?:里|个|些|一)|什么时候|有哪些|区别|介绍一下|解释一下|吗)[^\\n]{0,40}[？?]?$',
  ),
  rule('general_qa', 2.5, '(?:^|\\n)[ \\t]{0,8}\\(?A[.)]\\s[^\\n]{1,300}\\n[ \\t]{0,8}\\(?B[.)]\\s'),

  rule(
    'long_document',
    3.5,
    '\\b(?:based on|according to|using) (?:only )?(?:the )?(?:document|context|passage|contract|report|paper|transcript|manual|filing)s? (?:above|below|attached|provided)\\b|\\b(?:attached|uploaded) (?:document|contract|report|pdf|paper)\\b',
  ),
  rule('long_document', 3.5, '(?:根据|基于)(?:上述|以下|上面|附件|提供)的?(?:文档|合同|报告|材料|资料|文件|论文|手册)'),
];

/** Adds what is said outright to the logits of the tasks; true if anything was. */
export function addRules(text: string, add: (task: TaskName, weight: number) => void): boolean {
  const looked = text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n${text.slice(-TAIL)}`;
  let found = false;
  for (const { task, weight, pattern } of RULES) {
    if (!pattern.test(looked)) continue;
    add(task, weight);
    found = true;
  }
  return found;
}

function rule(task: TaskName, weight: number, source: string, flags = ''): Rule {
  return { task, weight, pattern: new RegExp(source, `iu${flags}`) };
}
