/** The same object, with some members of its own. */
export function withOwn<T extends object>(whole: T, own: Partial<T>): T {
  return new Proxy(whole, {
    get(target, property) {
      const value: unknown = Reflect.get(Reflect.has(own, property) ? own : target, property)
      return typeof value === 'function' ? (...args: unknown[]) => Reflect.apply(value, target, args) : value
    },
  })
}
