/** Removes the open pixel: a colleague who views the email must not count as its recipient. */
export const withoutPixel = (html: string): string =>
  html.replace(/<img[^>]+\/[od]\/[A-Za-z0-9_-]{22}\.gif"[^>]*>/g, '')
