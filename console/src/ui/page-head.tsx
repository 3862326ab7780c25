/** Where one is: the way back to the list, the name, and what can be done with it. */
import type { ReactNode } from 'react'

import { Link } from '../router.tsx'

interface PageHeadProps {
  readonly title: string
  readonly back: readonly [path: string, name: string]
  readonly children?: ReactNode
}

export function PageHead({ title, back: [path, name], children }: PageHeadProps) {
  return (
    <div className="page-head">
      <p>
        <Link to={path}>{name}</Link>
      </p>
      <div className="page-head-line">
        <h1>
          <bdi>{title}</bdi>
        </h1>
        {children && <div className="actions">{children}</div>}
      </div>
    </div>
  )
}
