/** Hands the reserved goods to a carrier. */
export async function handler({ order, reservation }) {
  return { trackingNumber: `T-${order.orderId}`, reservation, carrier: order.quantity > 5 ? 'freight' : 'parcel' }
}
