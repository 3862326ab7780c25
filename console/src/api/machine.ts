/** A state machine as it is described; one question, however many parts of a page ask it. */
import { states } from './client.ts'

export const queryMachine = (stateMachineArn: string) => ({
  queryKey: ['machine', stateMachineArn],
  queryFn: ({ signal }: { readonly signal: AbortSignal }) => states('DescribeStateMachine', { stateMachineArn }, signal),
})
