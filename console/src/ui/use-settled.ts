/** A value once it has stayed the same for so long: what is asked with it is not asked at every key. */
import { useEffect, useState } from 'react'

export function useSettled<T>(value: T, afterMs: number): T {
  const [settled, settle] = useState(value)
  useEffect(() => {
    const settling = setTimeout(settle, afterMs, value)
    return () => clearTimeout(settling)
  }, [value, afterMs])
  return settled
}
