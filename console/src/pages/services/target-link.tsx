/** A target's ARN; as a link where the console has a page for it. */
import { Link, pathTo } from '../../router.tsx'

const PAGES: readonly (readonly [RegExp, (arn: string) => string])[] = [
  [/^arn:[^:]+:states:[^:]*:[^:]*:stateMachine:/, (arn) => pathTo('machine', arn)],
  [/^arn:[^:]+:lambda:[^:]*:[^:]*:function:/, (arn) => pathTo('functions', arn.split(':')[6] ?? '')],
  [/^arn:[^:]+:sqs:/, (arn) => pathTo('queues', arn.split(':').at(-1))],
  [/^arn:[^:]+:sns:/, (arn) => pathTo('topics', arn)],
  [/^arn:[^:]+:logs:[^:]*:[^:]*:log-group:/, (arn) => pathTo('logs', arn.split(':')[6] ?? '')],
]

export function TargetLink({ arn }: { readonly arn: string }) {
  const path = PAGES.find(([form]) => form.test(arn))?.[1]
  return path ? <Link to={path(arn)}>{arn}</Link> : arn
}
