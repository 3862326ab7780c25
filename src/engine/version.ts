/**
 * The version of the machine's behaviour, which every execution's log tells at its start and at each redrive. It rises when
 * the same signals would bring about other events, and an execution keeps the one it began with: where the events of its log
 * do not say what was decided, the code asks `state.engineVersion`. Logs from before it was told are of version 0, which
 * behaves as 1 does. docs/decisions/logs-outlive-versions.md says how a change is made.
 */
export const ENGINE_VERSION = 1
