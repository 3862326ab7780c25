/** All rules, in the order in which their findings are told: AWS's errors, AWS's warnings, our advice. */
import { awsWarnings } from './aws-warnings.ts'
import { blockShape } from './block-shape.ts'
import { callbackWithoutTimeout } from './callback-without-timeout.ts'
import { choiceRules } from './choice-rules.ts'
import { credentials } from './credentials.ts'
import { express } from './express.ts'
import { fields } from './fields.ts'
import { heartbeats } from './heartbeats.ts'
import { impossiblePath } from './impossible-path.ts'
import { labels } from './labels.ts'
import { mapMode } from './map-mode.ts'
import { queryLanguage } from './query-language.ts'
import { resources } from './resources.ts'
import { retryCatch } from './retry-catch.ts'
import type { Rule } from './rule.ts'
import { stateNames } from './state-names.ts'
import { taskWithoutRetry } from './task-without-retry.ts'
import { transitions } from './transitions.ts'
import { unboundedWaitLoop } from './unbounded-wait-loop.ts'
import { unreachableCatch } from './unreachable-catch.ts'
import { variables } from './variables.ts'

export const RULES: readonly Rule[] = [
  ...[blockShape, queryLanguage, fields, choiceRules, stateNames, labels, mapMode, retryCatch, heartbeats, credentials],
  ...[resources, express, variables, transitions],
  ...[awsWarnings],
  ...[taskWithoutRetry, callbackWithoutTimeout, unreachableCatch, unboundedWaitLoop, impossiblePath],
]

/** Not a rule: it is seen in the text alone. */
export const DUPLICATE_KEY = 'DUPLICATE_KEY'

/** Codes of our own advice, each with a page in docs/rules. */
export const ADVICE_CODES: readonly string[] = [
  ...RULES.filter(({ isAdvice }) => isAdvice).flatMap(({ codes }) => codes),
  DUPLICATE_KEY,
]
