/**
 * AWS's text for a member of a request that breaks its model's constraint. `shown` is its value as the service shows it;
 * undefined: it is not shown.
 */
export const constraintText = (shown: string | undefined, member: string, constraint: string): string =>
  `1 validation error detected: Value ${shown === undefined ? '' : `${shown} `}at '${member}' failed to satisfy constraint: ${constraint}`

/** A member as these texts name it: with a small letter. */
export const memberShown = (member: string): string => member.charAt(0).toLowerCase() + member.slice(1)
