/** Reserves and releases goods. What is in stock is fixed, so that the example always runs the same way. */
const IN_STOCK = { book: 12, lamp: 3, piano: 0 }

export async function handler({ action, order, reservation }) {
  if (action === 'release') return { reservation, isReserved: false }
  const isReserved = (IN_STOCK[order.item] ?? 0) >= order.quantity
  return { isReserved, ...(isReserved && { reservation: `R-${order.orderId}` }) }
}
