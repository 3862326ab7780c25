export function noticeText(): string
