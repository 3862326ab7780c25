/**
 * The state machines on which operations of stacks run, and the activity that is their tasks. AWS shows none, so no list does;
 * whoever knows an ARN can look at it.
 */
const PREFIX = 'regente-cloudformation'

export const STACK_ACTIVITY = PREFIX
export const STACK_MACHINE_PREFIX = `${PREFIX}-`

/** Of a state machine or an activity. */
export const isOfStacks = (name: string): boolean => name === STACK_ACTIVITY || name.startsWith(STACK_MACHINE_PREFIX)
