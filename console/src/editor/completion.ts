/** Names of fields and types, and the states that the text has. */
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete'

const FIELDS =
  'Comment StartAt States QueryLanguage TimeoutSeconds Type Next End Resource Parameters Arguments Assign Output InputPath OutputPath ResultPath ResultSelector Retry Catch ErrorEquals IntervalSeconds MaxAttempts BackoffRate MaxDelaySeconds JitterStrategy HeartbeatSeconds Choices Default Condition Variable Seconds SecondsPath Timestamp TimestampPath Error Cause Branches Items ItemsPath ItemProcessor ProcessorConfig Mode ExecutionType ItemReader ItemSelector ItemBatcher ResultWriter MaxConcurrency ToleratedFailurePercentage Result'.split(
    ' ',
  )
const VALUES =
  'Task Wait Pass Succeed Fail Choice Parallel Map JSONata JSONPath INLINE DISTRIBUTED STANDARD EXPRESS FULL NONE States.ALL States.TaskFailed States.Timeout arn:aws:states:::lambda:invoke arn:aws:states:::sns:publish arn:aws:states:::sqs:sendMessage arn:aws:states:::dynamodb:getItem arn:aws:states:::dynamodb:putItem arn:aws:states:::states:startExecution.sync:2 arn:aws:states:::aws-sdk:s3:getObject arn:aws:states:::lambda:invoke.waitForTaskToken'.split(
    ' ',
  )

export function completeDefinition(context: CompletionContext): CompletionResult | null {
  const word = context.matchBefore(/[\w.:-]*$/)
  if (!word || (word.from === word.to && !context.explicit)) return null
  const text = context.state.doc.toString()
  const states = [...text.matchAll(/"?([\w -]{1,80})"?\s*:\s*\{?\s*"?Type"?\s*:/g)].map((match) => match[1] ?? '')
  return {
    from: word.from,
    options: [
      ...states.map((label) => ({ label, type: 'variable' })),
      ...FIELDS.map((label) => ({ label, type: 'property' })),
      ...VALUES.map((label) => ({ label, type: 'constant' })),
    ],
  }
}
