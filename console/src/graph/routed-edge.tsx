/** An edge along the way that the layout has found for it. */
import { BaseEdge, type EdgeProps } from '@xyflow/react'

import { pathAlong, type Route } from '../model/layout.ts'

export function RoutedEdge({ id, data, label, markerEnd, style }: EdgeProps) {
  const { points, label: at } = (data as { readonly route: Route }).route
  return (
    <BaseEdge
      id={id}
      path={pathAlong(points)}
      label={label}
      labelX={at?.x ?? 0}
      labelY={at?.y ?? 0}
      labelBgPadding={[4, 1]}
      interactionWidth={0}
      {...(markerEnd !== undefined && { markerEnd })}
      {...(style !== undefined && { style })}
    />
  )
}
