/** A patch changes the members that it has: null clears one that may be absent, undefined leaves it as it is. */
export type Patch<R> = { readonly [M in keyof R]?: R[M] | undefined | (undefined extends Pick<R, M>[M] ? null : never) }

export function withPatch<R extends object>(record: R, patch: NoInfer<Patch<R>>): R {
  const changed: R = { ...record }
  for (const member in patch) {
    const value = patch[member]
    // Taking a member away makes an object slow to read.
    if (value === null) member in changed && Reflect.deleteProperty(changed, member)
    else if (value !== undefined) changed[member] = value as R[typeof member]
  }
  return changed
}
