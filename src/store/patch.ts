/** A patch changes the members that it has: null clears one that may be absent, undefined leaves it as it is. */
export type Patch<R> = { readonly [M in keyof R]?: R[M] | undefined | (undefined extends Pick<R, M>[M] ? null : never) }

export function withPatch<R extends object>(record: R, patch: NoInfer<Patch<R>>): R {
  const changed: R = { ...record }
  for (const [member, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(changed, member)
    else if (value !== undefined) Object.assign(changed, { [member]: value })
  }
  return changed
}
