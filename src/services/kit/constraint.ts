/** AWS's text for a member of a request that breaks its model's constraint. `shown` is its value as the service shows it. */
export const constraintText = (shown: string, member: string, constraint: string): string =>
  `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: ${constraint}`
